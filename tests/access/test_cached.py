"""Cached values follow their subject's version and never mix between modules."""

from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from tests.builders import an_admin


def _loader(module: str, value: str) -> object:
    def load() -> str:
        return value

    load.__module__ = module
    return load


def test_two_modules_may_use_the_same_key(sqlite_library: Installation) -> None:
    with begin_reading(sqlite_library, an_admin(sqlite_library)) as uow:
        assert uow.cached("catalogue", "kinds", _loader("one", "1")) == "1"  # type: ignore[arg-type]
        assert uow.cached("catalogue", "kinds", _loader("two", "2")) == "2"  # type: ignore[arg-type]


def test_a_value_is_loaded_anew_after_its_subject_was_bumped(library: Installation) -> None:
    admin = an_admin(library)
    with begin_reading(library, admin) as uow:
        assert uow.cached("catalogue", "kinds", _loader("one", "old")) == "old"  # type: ignore[arg-type]
    with begin_work(library, admin) as uow:
        uow.bump("catalogue")
    with begin_reading(library, admin) as uow:
        assert uow.cached("catalogue", "kinds", _loader("one", "new")) == "new"  # type: ignore[arg-type]
