"""What can be imported: the fields of each kind, the names under which files know them, and what they look like."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lib.ops.imports import looks


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind. `names` are folded headers, the surest first; `many`: several columns may feed it."""

    name: str
    label: str
    names: tuple[str, ...]
    looks: Callable[[str], bool] | None = None
    many: bool = False
    by_content: bool = False


def _field(
    name: str, label: str, names: str, looks_like: Callable[[str], bool] | None = None, *,
    many: bool = False, by_content: bool = False,
) -> Field:  # fmt: skip
    return Field(name, label, tuple(part.strip() for part in names.split(",")), looks_like, many, by_content)


_TITLE_REF = _field("title_id", "Title (its id)", "book id, title id, record id, bib id, bibliographic id, "
                    "biblionumber, bib number, work id, book", looks.is_id)  # fmt: skip
_ISBN = _field("isbn", "ISBN", "isbn13, isbn 13, isbn, isbn10, isbn 10, ean", looks.is_isbn, many=True, by_content=True)
_BARCODE = _field("barcode", "Barcode of the copy", "barcode, copy barcode, item barcode, book barcode, item number, "
                  "accession number, inventory number, inventarnummer", looks.is_barcode)  # fmt: skip
_COPY_NO = _field("copy_no", "Number of the copy", "copy no, copy number, copy, exemplar", looks.is_number)
_EMAIL = _field(
    "email", "E-mail", "email, e mail, mail, email address, e mail address", looks.is_email, by_content=True
)

TITLES = (
    _field("source_id", "Id in the other system", "book id, title id, record id, bib id, biblionumber, id, identifier, "
           "key, control number, work id, nr", looks.is_id),
    _field("title", "Title", "title, book title, main title, title proper, titel, titre, titulo, titolo, название, "
           "заглавие, 書名, タイトル, 书名, 제목, العنوان, name"),
    _field("subtitle", "Subtitle", "subtitle, sub title, other title, untertitel, sous titre, subtitulo"),
    _field("original_title", "Original title", "original title, original, originaltitel, titre original"),
    _field("authors", "Authors", "authors, author, creator, creators, writer, by, contributor, contributors, autor, "
           "autoren, auteur, auteurs, autore, verfasser, автор, авторы, 著者, 作者, 저자, المؤلف", looks.is_name),
    _field("editors", "Editors", "editor, editors, edited by, herausgeber", looks.is_name),
    _field("translators", "Translators", "translator, translators, translated by, ubersetzer", looks.is_name),
    _field("illustrators", "Illustrators", "illustrator, illustrators, illustrated by", looks.is_name),
    _ISBN,
    _field("publisher", "Publisher", "publisher, publisher name, imprint, verlag, editeur, editorial, "
           "издательство, 出版社"),
    _field("year", "Year", "year, publication year, year of publication, published, pub year, "
           "original publication year, date, publication date, jahr, annee, ano, anno, год, 出版年", looks.is_year),
    _field("edition", "Edition", "edition, auflage"),
    _field("language", "Language", "language, language code, lang, languages, sprache, langue, idioma, язык, 言語",
           looks.is_language),
    _field("pages", "Pages", "pages, page count, number of pages, num pages, extent, seiten", looks.is_number),
    _field("volume", "Volume", "volume, vol, band, part"),
    _field("description", "Description", "description, summary, abstract, blurb, synopsis, beschreibung, resume"),
    _field("series", "Series", "series, series title, series name, reihe, collection"),
    _field("series_number", "Number in the series", "series number, series no, series index, number in series"),
    _field("genres", "Genres", "genres, genre, categories, category, subjects, subject", many=True),
    _field("tags", "Tags", "tags, keywords, labels", many=True),
    _field("sections", "Sections", "sections, section, department", many=True),
    _field("call_number", "Call number", "call number, callnumber, shelfmark, shelf mark, signature, signatur, dewey, "
           "ddc, lcc, classification"),
    _field("price", "Price", "price, cost, preis, prix, precio", looks.is_money),
    _field("kind", "Kind", "kind, format, item type, material type, material, medium, media, type, document type",
           looks.is_name),
    *(_field(f"rating_{stars}", f"Ratings with {stars} of 5", f"ratings {stars}, rating {stars}, {stars} star",
             looks.is_number) for stars in range(1, 6)),
    _field("rating_average", "Average rating", "average rating, avg rating, rating, mean rating, stars",
           looks.is_number),
    _field("rating_count", "Number of ratings", "ratings count, rating count, number of ratings, votes",
           looks.is_number),
)  # fmt: skip

COPIES = (
    _field("source_id", "Id of the copy", "copy id, item id, itemnumber, holding id, id", looks.is_id),
    _TITLE_REF,
    _ISBN,
    _field("copies", "How many copies", "copies, copy count, number of copies, count, quantity, holdings, anzahl",
           looks.is_number),
    _COPY_NO,
    _BARCODE,
    _field("location", "Location", "location, branch, library, home branch, site, room, standort, filiale, "
           "bibliotheque"),
    _field("shelf", "Shelf", "shelf, shelf location, shelving location, place, regal"),
    _field("condition", "Condition", "condition, state, zustand"),
    _field("status", "Status", "status, availability, item status"),
    _field("price", "Price", "price, replacement price, cost, preis", looks.is_money),
    _field("acquired_on", "Acquired on", "acquired on, acquired, acquisition date, date acquired, purchased",
           looks.is_date),
    _field("note", "Note", "note, notes, remark, comment", many=True),
)  # fmt: skip

MEMBERS = (
    _field("source_id", "Id in the other system", "patron id, member id, borrower id, borrowernumber, user id, "
           "reader id, student id, id, identifier, key, nr", looks.is_id),
    _field("card_number", "Card number", "card number, card barcode, cardnumber, card no, card, library card, barcode, "
           "patron barcode, ausweisnummer", looks.is_barcode),
    _field("name", "Name", "name, full name, display name, member name, patron name, имя, 氏名, 姓名, 이름, الاسم",
           looks.is_name),
    _field("given_name", "Given name", "given name, first name, firstname, forename, vorname, prenom, nombre",
           looks.is_name),
    _field("family_name", "Family name", "family name, last name, lastname, surname, nachname, nom, apellido, "
           "apellidos",
           looks.is_name),
    _field("sort_name", "Name as sorted", "sort name, sortname, sorted name", looks.is_name),
    _EMAIL,
    _field("username", "User name", "username, user name, login, userid"),
    _field("phone", "Phone", "phone, telephone, mobile, phone number, telefon, tel"),
    _field("address", "Address", "address, postal address, street, adresse"),
    _field("membership_type", "Membership type", "membership type, membership, category, patron category, patron type, "
           "member type, borrower type, type, group, class", looks.is_name),
    _field("joined", "Joined on", "joined, registered, registration date, member since, date joined, enrolled, "
           "date enrolled, created", looks.is_date),
    _field("ends_on", "Membership ends on", "expires, expiry, expiry date, expiration date, membership ends on, "
           "valid until, ends", looks.is_date),
    _field("language", "Language", "language, preferred language, lang", looks.is_language),
    _field("note", "Note", "note, notes, branch, home branch, remark, comment", many=True),
)  # fmt: skip

LOANS = (
    _field("source_id", "Id of the loan", "loan id, issue id, checkout id, transaction id, id", looks.is_id),
    _field("member_id", "Member (their id)", "patron id, member id, borrower id, borrowernumber, user id, reader id, "
           "student id, member, patron, borrower", looks.is_id),
    _field("card_number", "Member (card number)", "card number, card barcode, cardnumber, card, patron barcode",
           looks.is_barcode),
    _EMAIL,
    _TITLE_REF,
    _ISBN,
    _BARCODE,
    _COPY_NO,
    _field("issued", "Issued", "checked out, issued, issued at, issued on, issue date, issuedate, borrowed, "
           "borrowed on, loan date, checkout date, check out, checkout, date out, lent, lent on, start", looks.is_date),
    _field("due", "Due on", "due, due on, due date, date due, duedate, due back", looks.is_date),
    _field("returned", "Returned", "returned, returned at, returned on, return date, returndate, checked in, checkin, "
           "check in, date in, brought back, end", looks.is_date),
    _field("renewals", "Renewals", "renewals, renewed, times renewed, renewal count", looks.is_number),
    _field("fine", "Fine", "fine, fines, fine amount, overdue fine", looks.is_money),
)  # fmt: skip

FIELDS: Mapping[str, tuple[Field, ...]] = {"titles": TITLES, "copies": COPIES, "members": MEMBERS, "loans": LOANS}
# Without one of each group a file of this kind makes no sense.
NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "titles": (("title",),),
    "copies": (("title_id", "isbn"),),
    "members": (("name", "given_name", "family_name", "sort_name"),),
    "loans": (("title_id", "isbn", "barcode"), ("member_id", "card_number", "email")),
}
