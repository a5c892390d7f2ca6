"""Numbers in the addresses of files, `{number:row}`: however many digits somebody sends, they are answered."""

from starlette.convertors import Convertor, register_url_convertor

LARGEST_ID = 2**63 - 1
_LONGEST = len(str(LARGEST_ID))


class RowNumber(Convertor[int]):
    """The id of a row. Python refuses to read thousands of digits: what no row can have is one above the largest."""

    regex = "[0-9]+"

    def convert(self, value: str) -> int:
        return int(value) if len(value) <= _LONGEST else LARGEST_ID + 1

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("row", RowNumber())
