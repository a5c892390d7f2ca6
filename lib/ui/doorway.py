"""The gate of every page: who is here, what they may do, and how a no or a fault is told.

Identity is the session id that the guard put into the WebSocket's handshake, looked up in the database each
time; nothing about it is kept in the session's state.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st
from structlog.contextvars import bind_contextvars, get_contextvars

from lib.access.actor import GUEST, Actor
from lib.access.installation import Installation
from lib.access.library import LibrarySettings
from lib.access.opened import opened
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.accounts.sessions import Me, identify
from lib.kit.crypto import new_token
from lib.kit.errors import Invalid, NotSignedIn, Refusal, RuleBroken
from lib.kit.logs import log, new_request_id
from lib.ui.navigation import here, link
from lib.ui.words import Reader, one_reader, plain, set_reader, the_reader, unlinked

SIGN_IN_HEADER = "X-Tome-Sid"
ADDRESS_HEADER = "X-Tome-Address"
_SAID = "tome.said"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at the page, as the database knows them now, and the library they are in."""

    actor: Actor
    me: Me | None
    library: LibrarySettings
    locale: str

    @property
    def signed_in(self) -> bool:
        return self.me is not None


def installation() -> Installation:
    """The library of this process."""
    return opened()


def session_id() -> int | None:
    """The sign-in session of this WebSocket, as the guard resolved it from the cookie."""
    raw = st.user.get("sid")
    return int(raw) if isinstance(raw, str) and raw.isascii() and raw.isdigit() and len(raw) < 19 else None


def visitor() -> Visitor:
    """Who is here, from the database."""
    library = installation()
    me = identify(library, session_id())
    actor = me.actor if me else GUEST
    with begin_reading(library, actor) as uow:
        settings = uow.library
    locale = _locale(me.language if me else "", settings.locale)
    set_reader(Reader(locale, settings.currency, settings.time_zone))
    return Visitor(actor, me, settings, locale)


def _locale(own: str, house: str) -> str:
    """The reader's own language; the house's way of writing it where the language is the same."""
    return own if own and own.split("-")[0] != house.split("-")[0] else house


def enter(permission: Permission | None = None) -> Visitor:
    """First statement of every page: lets in who may, else shows a friendly word and ends the run."""
    found = visitor()
    if permission is not None and not found.actor.may(permission):
        turn_away(found)
        st.stop()
    return found


def turn_away(found: Visitor) -> None:
    """What somebody sees at a page that is not for them."""
    if not found.signed_in:
        st.title("Please sign in")
        st.write("This page is for members of the library. Sign in, and you will come straight back here.")
        with st.container(horizontal=True):
            link("sign-in", "Sign in", icon=":material/login:", next=here())
            link("join", "Become a member", icon=":material/person_add:")
        return
    st.title("This page is not for you")
    st.write("It belongs to the library's staff. If you need it for your work, ask an admin to change your role.")
    link("", "Back to the home page", icon=":material/home:")


def actor_now() -> Actor:
    """Who acts, from the database, at this moment."""
    me = identify(installation(), session_id())
    return me.actor if me else GUEST


@contextmanager
def work() -> Iterator[UnitOfWork]:
    """A unit of work of whoever is signed in now. No `st.` call belongs inside: Streamlit may end the run there. Words
    may be made inside."""
    run_id()
    with one_reader(), begin_work(installation(), actor_now(), the_reader().locale) as uow:
        yield uow


@contextmanager
def reading() -> Iterator[UnitOfWork]:
    """A reading of whoever is signed in now; nothing is kept."""
    run_id()
    with one_reader(), begin_reading(installation(), actor_now(), the_reader().locale) as uow:
        yield uow


@contextmanager
def showing_refusals(**labels: str) -> Iterator[None]:
    """Tells a refusal in words with its way out, and any fault as an incident; the page goes on after it.

    `labels` are the names on screen of a form's fields, put before what is wrong with them.
    """
    try:
        yield
    except NotSignedIn:
        st.warning("You are no longer signed in, so nothing was changed.", icon=":material/logout:")
        link("sign-in", "Sign in again", icon=":material/login:", next=here())
    except Refusal as refusal:
        show_refusal(refusal, labels)
    except Exception as error:  # noqa: BLE001  # shown as an incident, logged with its trace
        show_incident(error)


def show_refusal(refusal: Refusal, labels: Mapping[str, str] | None = None) -> None:
    """The refusal's own words; every fault of a form; every reason of a decision with its way out."""
    if isinstance(refusal, Invalid) and refusal.faults:
        named = {
            fault.field: f"**{label}:** " for fault in refusal.faults if (label := (labels or {}).get(fault.field))
        }
        lines = [named.get(fault.field, "") + plain(fault.text) for fault in refusal.faults]
    else:
        reasons = refusal.reasons if isinstance(refusal, RuleBroken) else ()
        lines = [plain(f"{one.text} {one.way_out}".strip()) for one in reasons] or [plain(str(refusal))]
    text = lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)
    st.error(text, icon=":material/error:")


def show_incident(error: Exception) -> None:
    """Logs a fault under the run's id and shows that id; never a traceback."""
    incident = run_id()
    log().error("page failed", kind=type(error).__name__, exc_info=error)
    st.error(
        "Something went wrong on our side. What you saved before is safe; please try again. "
        f"If it happens again, tell the library this number: **{incident}**.",
        icon=":material/report:",
    )


def script_failed(error: Exception) -> bool:
    """Streamlit's handler of uncaught faults: the incident in place of the traceback."""
    show_incident(error)
    return True


def run_id(*, fresh: bool = False) -> str:
    """The id of this run: in every log line, audit row and incident of it."""
    bound = get_contextvars().get("request")
    if bound is None or fresh:
        bound = new_request_id()
        bind_contextvars(request=bound)
    return str(bound)


def client_address() -> str:
    """The address of the browser, as the guard saw it."""
    return st.context.headers.get(ADDRESS_HEADER) or "unknown"


def device() -> str:
    """How the browser names itself, at most 200 characters."""
    return (st.context.headers.get("User-Agent") or "unknown")[:200]


def say(text: str, icon: str | None = ":material/check_circle:") -> None:
    """Tells a success: shown at once, or on the next page if this run ends in a rerun or leaves for another page."""
    st.session_state.setdefault(_SAID, []).append((text, icon))


def show_said() -> None:
    """Shows what was said and not yet seen; the entry script calls it before and after the page."""
    for text, icon in st.session_state.pop(_SAID, []):
        st.toast(unlinked(text), icon=icon, duration="long")


def form_key(name: str) -> str:
    """The idempotency key of a form: the same until its act succeeded, so that a double click is one act."""
    return str(st.session_state.setdefault(f"tome.key.{name}", new_token()))


def renew_key(name: str) -> None:
    """A new key for the form's next act; call it after success."""
    st.session_state.pop(f"tome.key.{name}", None)
