"""Why a whole file cannot be imported. Single rows are refused as faults in the report instead."""

from lib.kit.errors import RuleBroken


class FileTooLarge(RuleBroken):
    """More bytes than are taken at once. Facts: megabytes, limit."""

    message = "The file has {megabytes} MB; up to {limit} MB are taken at once. Split it and import the parts."


class TooManyRows(RuleBroken):
    """More rows than are taken at once. Facts: limit."""

    message = "The file has more than {limit} rows. Split it and import the parts in order."


class UnreadableFile(RuleBroken):
    """Not a table, or a damaged one. Facts: why."""

    message = "This file cannot be read as a table: {why}"


class NoColumns(RuleBroken):
    """No column could be understood. Facts: kind, found, wanted."""

    message = (
        "No column of this file reads like {kind}. Its first line has: {found}. Needed: {wanted}."
        " Name the columns in the first line, or say which is which."
    )


class NoSuchMapping(RuleBroken):
    """A mapping names a column or a field that is not there. Facts: name, known."""

    message = "“{name}” is not among {known}."


class UnknownKind(RuleBroken):
    """Not something that can be imported. Facts: kind."""

    message = "“{kind}” cannot be imported; choose titles, copies, members or loans."
