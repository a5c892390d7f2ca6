"""Refusals carry facts, a stable code, and a sentence."""

import pickle

import pytest

from lib.kit.errors import (
    Busy,
    Fault,
    Forbidden,
    Invalid,
    NotFound,
    NotSignedIn,
    RuleBroken,
    StaleEdit,
    TooManyAttempts,
)
from lib.kit.paging import LARGEST_PAGE, Page, clamp


class LoanLimitReached(RuleBroken):
    message = "The limit of {limit} loans is reached."


def test_a_refusal_has_a_sentence_a_code_and_its_facts() -> None:
    refusal = LoanLimitReached(limit=5)
    assert str(refusal) == "The limit of 5 loans is reached."
    assert refusal.code == "loan-limit-reached"
    assert refusal.facts == {"limit": 5}


@pytest.mark.parametrize(
    "refusal",
    [
        LoanLimitReached(limit=5), NotFound("copy", barcode="1"), Forbidden(), NotSignedIn(), Busy(),
        TooManyAttempts(300, kind="password"), StaleEdit(thing="title", changed_by="Ada", changed_at=None),
        Invalid(Fault("a", "A is wrong."), Fault("b", "B is wrong.")),
    ],
)  # fmt: skip
def test_refusals_travel_between_processes(refusal: Exception) -> None:
    back = pickle.loads(pickle.dumps(refusal))
    assert type(back) is type(refusal)
    assert str(back) == str(refusal)
    assert vars(back) == vars(refusal)


@pytest.mark.parametrize(
    ("seconds", "wait"), [(5, "5 seconds"), (89, "89 seconds"), (90, "2 minutes"), (121, "3 minutes")]
)
def test_a_limit_says_how_long_to_wait(seconds: int, wait: str) -> None:
    refusal = TooManyAttempts(seconds)
    assert wait in str(refusal)
    assert refusal.facts["retry_after_s"] == seconds


def test_invalid_input_lists_every_fault() -> None:
    assert str(Invalid(Fault("a", "A is wrong."), Fault("b", "B is wrong."))) == "A is wrong. B is wrong."
    assert str(Invalid()) != ""


@pytest.mark.parametrize(
    ("asked", "given"),
    [((0, 0), (1, 1)), ((-5, 25), (1, 25)), ((10**9, 10**9), (100_000, LARGEST_PAGE)), ((3, 50), (3, 50))],
)
def test_pages_are_kept_within_bounds(asked: tuple[int, int], given: tuple[int, int]) -> None:
    assert clamp(*asked) == given


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (1, 1), (25, 1), (26, 2), (51, 3)])
def test_there_is_always_a_page(total: int, pages: int) -> None:
    assert Page((), total, 1, 25).pages == pages
