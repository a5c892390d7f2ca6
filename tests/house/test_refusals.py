"""Each refusal that a reader or a librarian meets names its rule and a way out; an act it names is a button."""

import importlib
import string
from collections.abc import Iterator
from datetime import date

import pytest

from lib.kit.errors import Busy, RuleBroken, StaleEdit, TooManyAttempts
from lib.kit.reasons import ReasonKind
from lib.ui.ways_out import WAYS
from tests.house.code import product

DAY = date(2026, 3, 2)
ROOMS = {"billing", "circulation", "closures", "desk", "reports"}
# Their words say all there is: what to look at, or how long to wait.
APART = {StaleEdit, TooManyAttempts, Busy}


def kinds(of: type[RuleBroken] = RuleBroken) -> Iterator[type[RuleBroken]]:
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


def refusals() -> list[type[RuleBroken]]:
    """Those of lending and of the till; what carries the reasons of a decision has them from there."""
    for source in product():
        if source.room in ROOMS:
            importlib.import_module(source.place.removesuffix(".py").replace("/", ".").removesuffix(".__init__"))
    found = {kind for kind in kinds() if kind.__module__.split(".")[1] in ROOMS and kind not in APART}
    return sorted(
        (kind for kind in found if not kind.__name__.startswith("_") and "reasons" not in _own(kind)),
        key=lambda kind: kind.__name__,
    )


def _own(kind: type) -> set[str]:
    return {name for one in kind.__mro__[: kind.__mro__.index(RuleBroken)] for name in vars(one)}


def wanting(kind: type[RuleBroken]) -> list[str]:
    """What a refusal does not say."""
    found = [name for name in ("rule", "way_out") if not getattr(kind, name)]
    action = kind.way_out_action
    return found + ([f"no button {action}"] if action is not None and action not in WAYS else [])


@pytest.mark.parametrize("kind", refusals(), ids=lambda kind: kind.__name__)
def test_each_refusal_names_its_rule_and_a_way_out(kind: type[RuleBroken]) -> None:
    assert wanting(kind) == []


def test_there_are_many_and_one_that_says_nothing_is_caught() -> None:
    class SaysNothing(RuleBroken):
        way_out_action = "fly"

    assert len(refusals()) > 40
    assert wanting(SaysNothing) == ["rule", "way_out", "no button fly"]


@pytest.mark.parametrize("kind", refusals(), ids=lambda kind: kind.__name__)
def test_its_sentence_and_its_reason_say_the_same(kind: type[RuleBroken]) -> None:
    names = {name for text in (kind.message, kind.way_out) for _, name, *_ in string.Formatter().parse(text) if name}
    made = _made(kind, names)
    (reason,) = made.reasons
    assert (reason.code, reason.kind, reason.facts["rule"]) == (made.code, ReasonKind.IMPOSSIBLE, kind.rule)
    assert str(made) == f"{reason.text} {reason.way_out}"
    assert not {"way_out", "way_out_action"} & reason.facts.keys()


def _made(kind: type[RuleBroken], names: set[str]) -> RuleBroken:
    facts = {name: DAY if name in ("day", "claimed_on") else 7 for name in names} | {"way_out": "Do so."}
    about_money = {"currency": "EUR", "locale": "en"} if kind.__module__ == "lib.billing.errors" else {}
    return kind(**facts | about_money)
