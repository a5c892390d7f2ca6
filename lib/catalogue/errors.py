"""What the catalogue refuses, with the facts behind it."""

from lib.kit.errors import RuleBroken


class IsbnTaken(RuleBroken):
    """Facts: isbn, title, title_id."""

    message = "ISBN {isbn} belongs to “{title}” already. Add copies to that title instead."


class BarcodeTaken(RuleBroken):
    """Facts: barcode."""

    message = "Barcode {barcode} is on another copy already."


class NameTaken(RuleBroken):
    """Facts: thing, name."""

    message = "There is a {thing} “{name}” already."


class SectionNotEmpty(RuleBroken):
    """Facts: name, titles (how many stand in it)."""

    message = "{titles} titles stand in “{name}”. Move them to another section first."


class CopyCannotMove(RuleBroken):
    """Facts: barcode, old, new."""

    rule = "states of a copy"
    message = "Copy {barcode} is {old_text}; it cannot be set to {new_text} here."
    way_out = "It follows what is done with it: lend it, take it back, end its repair or withdraw it."


class TitleIsArchived(RuleBroken):
    """Facts: title."""

    rule = "archive"
    message = "“{title}” is archived."
    way_out = "Restore it first."


class MergeImpossible(RuleBroken):
    """Facts: name."""

    message = "“{name}” cannot be merged into itself."


class BadImage(RuleBroken):
    """A file that cannot be a cover. Facts: why."""

    message = "This file cannot be a cover: {why}"


class KindInUse(RuleBroken):
    """Facts: name."""

    message = "Titles or lending rules are of the kind “{name}”. Change them first."
