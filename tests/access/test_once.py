"""An act under a key happens once, whatever is pressed twice or races."""

import threading

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from lib.access.installation import Installation
from lib.access.once import fingerprint, recall, remember
from lib.access.work import begin_reading, begin_work
from lib.catalogue.models import Location
from lib.kit.errors import Invalid
from tests.builders import a_librarian, a_member


def test_a_repeat_is_told_what_came_of_the_first(library: Installation) -> None:
    actor, asked = a_member(library), fingerprint("borrow", 5)
    with begin_work(library, actor) as uow:
        assert recall(uow, "key-1", asked) is None
        remember(uow, "key-1", asked, {"loan_id": 7, "due_on": "2026-03-31", "name": "É"})
    with begin_reading(library, actor) as uow:
        assert recall(uow, "key-1", asked) == {"loan_id": 7, "due_on": "2026-03-31", "name": "É"}
        assert recall(uow, "key-2", asked) is None


def test_another_question_under_the_same_key_is_refused(library: Installation) -> None:
    actor = a_member(library)
    with begin_work(library, actor) as uow:
        remember(uow, "key", fingerprint("borrow", 5), {})
    with begin_reading(library, actor) as uow, pytest.raises(Invalid, match="another request"):
        recall(uow, "key", fingerprint("borrow", 6))


def test_keys_of_one_person_say_nothing_to_another(library: Installation) -> None:
    asked = fingerprint("borrow", 5)
    with begin_work(library, a_member(library)) as uow:
        remember(uow, "key", asked, {"loan_id": 7})
    for stranger in (a_member(library), a_librarian(library)):
        with begin_reading(library, stranger) as uow:
            assert recall(uow, "key", asked) is None


def test_an_act_that_was_taken_back_left_no_key(library: Installation) -> None:
    actor, asked = a_member(library), fingerprint("borrow", 5)

    def act() -> None:
        with begin_work(library, actor) as uow:
            remember(uow, "key", asked, {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    with begin_reading(library, actor) as uow:
        assert recall(uow, "key", asked) is None


def test_of_many_that_race_under_one_key_one_acts(library: Installation) -> None:
    actor, asked = a_librarian(library), fingerprint("place", "ANNEX")
    start, acted, told = threading.Barrier(8), list[int](), list[int]()

    def act(number: int) -> None:
        start.wait()
        try:
            with begin_work(library, actor) as uow:
                if recall(uow, "key", asked) is not None:
                    told.append(number)
                    return
                uow.connection.execute(insert(Location).values(code=f"ANNEX-{number}", name="Annex"))
                remember(uow, "key", asked, {"by": number})
            acted.append(number)
        except IntegrityError:
            told.append(number)

    threads = [threading.Thread(target=act, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(acted), len(told)) == (1, 7)
    with begin_reading(library, actor) as uow:
        assert recall(uow, "key", asked) == {"by": acted[0]}
        codes = set(uow.connection.scalars(select(Location.code)))
    assert codes == {"MAIN", f"ANNEX-{acted[0]}"}


def test_a_fingerprint_depends_on_every_part_and_not_on_the_order_of_keys() -> None:
    assert fingerprint("a", {"x": 1, "y": 2}) == fingerprint("a", {"y": 2, "x": 1})
    assert len({fingerprint("a"), fingerprint("b"), fingerprint("a", None), fingerprint("a", 1)}) == 4
