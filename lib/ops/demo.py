"""Making the demo library, the Galactic Tome Nexus: full shelves, eighty readers, two years of loans, and last weeks
that were played through the desk: holds, money, losses, everything a library has to do with.

Everything is relative to the clock and drawn from a fixed seed, so that the same day gives the same library.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import insert, select, update

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.library import LibrarySettings
from lib.access.permissions import Role
from lib.access.work import UnitOfWork, begin_work
from lib.accounts.bulk import put_people
from lib.accounts.models import Account, AccountStatus, MembershipType
from lib.accounts.passwords import hash_password
from lib.accounts.people import Person
from lib.accounts.policy import membership_end
from lib.audit.trail import record
from lib.circulation.bulk import PastLoan, put_loans
from lib.circulation.closure_entries import CALENDAR as CLOSURES
from lib.circulation.closure_entries import calendar_of
from lib.circulation.models import Closure, ClosureKind, PolicyRule
from lib.circulation.rules import SUBJECT as POLICY
from lib.circulation.rules import rule_for
from lib.kit.settings import load_group, save_group
from lib.kit.text import fold
from lib.ops.demo_library.cast import Part, choose, dusty
from lib.ops.demo_library.content import member_lines
from lib.ops.demo_library.errors import LibraryNotEmpty
from lib.ops.demo_library.hold_scenes import play_holds
from lib.ops.demo_library.lending import House, Reader, Years
from lib.ops.demo_library.money_scenes import play_money
from lib.ops.demo_library.office_scenes import plan_ahead, play_office, set_up_terminals
from lib.ops.demo_library.stage import Stage
from lib.ops.demo_library.stock import OLD_DAYS, Shelved, stock_library
from lib.ops.first_run import DEMO_DOMAIN, DEMO_LOGINS, DEMO_PASSWORD, DEMO_PIN, is_empty
from lib.ops.night import run_night

SEED = 42
STEPS = 7
_HOLIDAYS = ((1, 1, "New Year's Day"), (5, 1, "Labour Day"), (12, 25, "Christmas Day"), (12, 26, "Boxing Day"))
_RULES = {
    "child": {"fine_per_day": 0, "max_loans": 8},
    "student": {"loan_days": 28},
    "faculty": {"loan_days": 42, "max_loans": 20, "max_renewals": 3},
}
_STAFF = (("Ottoline Vega", Role.ADMIN), ("Cassius Okonkwo-Reyes", Role.LIBRARIAN), ("Mira Solano", Role.MEMBER))
_WAITING = (("Quill Hargreave", 2), ("Tindra Nyström", 0))
_OPEN_FOR_MEMBER = (20, 12, 3)  # issued so many days ago; the first is due tomorrow, nothing is overdue


def make_demo(installation: Installation, progress: Callable[[int, int], None] | None = None) -> None:
    """Fills an empty library. `progress` is told steps done and steps in all.

    Raises:
        LibraryNotEmpty: somebody has an account already; nothing was changed.
    """

    def step(number: int) -> None:
        if progress is not None:
            progress(number, STEPS)

    if not is_empty(installation):
        raise LibraryNotEmpty
    chance = Random(SEED)  # noqa: S311  # for make-believe, not for secrets
    with begin_work(installation, SYSTEM) as uow:
        _lay_down_rules(uow)
    step(1)
    with begin_work(installation, SYSTEM) as uow:
        readers, star = _enter_people(uow, chance)
        step(2)
        shelves = stock_library(uow, chance)
        step(3)
        house = House(uow.today, uow.now, uow.zone, calendar_of(uow))
        loans, parts = _two_years(house, chance, readers, star, shelves)
        put_loans(uow, loans)
        step(4)
        admin, librarian = (Actor(number, role) for number, role in _staff(uow))
        _last_weeks(Stage(uow, house, chance, readers[:-1], star, admin, librarian), parts)
        record(uow, "demo.make", "library", None, loans=len(loans), titles=len(shelves), people=len(readers))
        uow.connection.exec_driver_sql("ANALYZE")
    step(5)
    with begin_work(installation, SYSTEM) as uow:
        plan_ahead(uow, admin)
    set_up_terminals(installation, admin)
    step(6)
    run_night(installation)
    step(STEPS)


def _lay_down_rules(uow: UnitOfWork) -> None:
    group, version = load_group(uow.connection, LibrarySettings)
    if version == 0:
        named = group.model_copy(
            update={"contact_email": f"desk{DEMO_DOMAIN}", "address": "Dock 7, Lantern Quay, Nexus Harbour"}
        )
        save_group(uow.connection, named, seen_version=0, at=uow.now, by=None)
    if uow.connection.scalar(select(Closure.id).limit(1)) is not None:
        return  # an earlier try came this far
    days: list[dict[str, object]] = [{"kind": ClosureKind.WEEKLY, "weekday": 6, "reason": "Sundays"}]
    days += [{"kind": ClosureKind.YEARLY, "month": m, "day": d, "reason": why} for m, d, why in _HOLIDAYS]
    days.append({"kind": ClosureKind.DAY, "on_date": uow.today + timedelta(days=17), "reason": "Stock-taking"})
    blank = {"weekday": None, "month": None, "day": None, "on_date": None, "is_open": False,
             "created_at": uow.now - timedelta(days=OLD_DAYS)}  # fmt: skip
    uow.connection.execute(insert(Closure), [blank | day for day in days])
    types = _types(uow)
    for code, values in _RULES.items():
        uow.connection.execute(insert(PolicyRule).values(membership_type_id=types[code], version=1, **values))
    uow.bump(CLOSURES)
    uow.bump(POLICY)


def _types(uow: UnitOfWork) -> dict[str, int]:
    rows = uow.connection.execute(select(MembershipType.code, MembershipType.id))
    return {str(code): int(number) for code, number in rows}


def _enter_people(uow: UnitOfWork, chance: Random) -> tuple[list[Reader], Reader]:
    """Enters staff, members and who waits for approval; returns those who borrow, and the demo member among them."""
    types = _types(uow)
    secret = hash_password(DEMO_PASSWORD)
    lines = member_lines()
    people = [
        _person(uow, name, login.partition("@")[0], types["public"], 1100, role=role, password_hash=secret)
        for (name, role), login in zip(_STAFF, DEMO_LOGINS, strict=True)
    ]
    people += [
        _person(uow, line.name, _username(line.name), types[line.type_code], line.joined_days, language=line.language)
        for line in lines
    ]
    people += [
        _person(uow, name, _username(name), types["public"], days, status=AccountStatus.PENDING)
        for name, days in _WAITING
    ]
    ids = [put.account_id or 0 for put in put_people(uow, people)]
    uow.connection.execute(update(Account).where(Account.id == ids[2]).values(pin_hash=hash_password(DEMO_PIN)))
    readers = [
        Reader(
            ids[at + 3], line.language, line.type_code == "child", uow.today - timedelta(days=line.joined_days),
            chance.paretovariate(1.4), rule_for(uow, types[line.type_code], None), uow.today,
        )
        for at, line in enumerate(lines)
    ]  # fmt: skip
    star = Reader(
        ids[2], "en", False, uow.today - timedelta(days=1100), 9.0, rule_for(uow, types["public"], None),
        uow.today - timedelta(days=110),
    )  # fmt: skip
    return [*readers, star], star


def _person(
    uow: UnitOfWork, name: str, username: str, type_id: int, joined_days: int, *, role: Role = Role.MEMBER,
    status: AccountStatus = AccountStatus.ACTIVE, language: str = "en", password_hash: str | None = None,
) -> Person:  # fmt: skip
    joined = uow.now - timedelta(days=joined_days, hours=3)
    is_active = status is AccountStatus.ACTIVE
    return Person(
        name=name, email=username + DEMO_DOMAIN, username=username, role=role, status=status, language=language,
        password_hash=password_hash, membership_type_id=type_id, email_verified=True, consented=True,
        membership_ends_on=_membership_ends(uow.today, joined) if is_active else None, registered_at=joined,
    )  # fmt: skip


def _membership_ends(today: date, joined: datetime) -> date | None:
    """The end of a membership that was renewed each year, a good while ahead."""
    ends = membership_end(joined.date(), 12)
    while ends is not None and ends < today + timedelta(days=45):
        ends = membership_end(ends, 12)
    return ends


def _username(name: str) -> str:
    return ".".join(fold(name).replace("'", "").split()[:2])


def _staff(uow: UnitOfWork) -> list[tuple[int, Role]]:
    rows = uow.connection.execute(
        select(Account.id, Account.role).where(Account.email_key.in_(DEMO_LOGINS[:2])).order_by(Account.id)
    )
    return [(int(number), Role(role)) for number, role in rows]


def _two_years(
    house: House, chance: Random, readers: list[Reader], star: Reader, shelves: list[Shelved]
) -> tuple[list[PastLoan], dict[str, Part]]:
    sought = [shelf for shelf in shelves if shelf.fame >= 8 and len(shelf.copies) > 2 and shelf.language == "en"]
    hers = [shelf.copies[-1] for shelf in chance.sample(sought, len(_OPEN_FOR_MEMBER))]
    parts = choose(house, readers[:-1], shelves, chance, {one.title_id for one in sought})
    old = dusty(shelves, chance, house.today - timedelta(days=OLD_DAYS))
    kept = {*hers, *(part.copy_id for part in parts.values()), *(copy for shelf in old for copy in shelf.copies)}
    loans = Years(house, readers, shelves, kept, chance).run()
    loans += [_open_loan(house, star, copy_id, days) for copy_id, days in zip(hers, _OPEN_FOR_MEMBER, strict=True)]
    return loans + [part.loan(house) for part in parts.values()], parts


def _last_weeks(stage: Stage, parts: dict[str, Part]) -> None:
    """Plays what happened at the desk, day by day."""
    play_holds(stage, {part.title_id for part in parts.values()})
    play_money(stage, parts)
    play_office(stage, parts)
    stage.play()


def _open_loan(house: House, star: Reader, copy_id: int, days: int) -> PastLoan:
    """A loan of the demo member that is out now."""
    day = house.calendar.previous_open(house.today - timedelta(days=days))
    due = house.due(day, star.rule.loan_days)
    return PastLoan(copy_id, star.account_id, house.at(day, 15 * 60 + days), due, None)
