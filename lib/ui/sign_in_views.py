"""streamlit-authenticator's forms over the library's own accounts.

Of the package only what is seen is used. Its cookie (a JWT that scripts can read), its model (loads every
user), its codes and its mails are replaced by the use cases of lib/accounts. Its forms are drawn through `_Screen`,
which gives each field the autocomplete token that password managers and WCAG 1.3.5 ask for, and puts further
fields into the form. That is a seam of a pinned version, and a test says so.
"""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.utilities import Encryptor
from streamlit_authenticator.views import Authenticate, authentication_view

AUTOCOMPLETE = {
    "User name, e-mail or card number": "username",
    "Password": "current-password",
    "Present password": "current-password",
    "New password": "new-password",
    "New password again": "new-password",
    "Choose a password": "new-password",
    "The password again": "new-password",
    "First name": "given-name",
    "Last name": "family-name",
    "E-mail": "email",
    "User name": "username",
}
SIGN_IN_WORDS = {
    "Form name": "Sign in", "Username": "User name, e-mail or card number", "Password": "Password", "Login": "Sign in",
}  # fmt: skip
JOIN_WORDS = {
    "Form name": "Join the library", "First name": "First name", "Last name": "Last name", "Email": "E-mail",
    "Username": "User name", "Password": "Choose a password", "Repeat password": "The password again",
    "Register": "Join",
}  # fmt: skip
CHANGE_WORDS = {
    "Form name": "Change the password", "Current password": "Present password", "New password": "New password",
    "Repeat password": "New password again", "Reset": "Change the password",
}  # fmt: skip
PASSWORD_ADVICE = "At least 12 characters. A sentence of a few words is good; common passwords are refused."  # noqa: S105
More = Callable[[Any], Mapping[str, Any]]


class _Screen:
    """Streamlit as the package's forms see it: everything as it is, but forms are ours."""

    def __getattr__(self, name: str) -> Any:
        return getattr(st, name)

    def form(self, key: str, **given: Any) -> "_Form":
        return _Form(st.form(key=key, border=False, **given), key)

    @property
    def sidebar(self) -> "_Sidebar":
        return _Sidebar()


class _Sidebar:
    """The sidebar, where the package draws one button."""

    def button(self, label: str, *, key: str, **_: Any) -> bool:
        return st.sidebar.button(label, key=key, icon=":material/logout:", width="stretch")


class _Form:
    """A form (or a column of one) whose fields carry their autocomplete tokens, with more fields before its button."""

    def __init__(self, drawn: Any, key: str) -> None:
        self._drawn, self._key = drawn, key

    def __getattr__(self, name: str) -> Any:
        return getattr(self._drawn, name)

    def columns(self, count: int) -> list["_Form"]:
        """Columns that make a new row for each field of the first, so that a phone shows them in reading order."""
        rows: list[list[Any]] = []
        return [_Column(self._drawn, self._key, rows, place, count) for place in range(count)]

    def subheader(self, text: str) -> None:
        """The page says what it is by its own heading."""

    def text_input(self, label: str, **given: Any) -> str:
        given["autocomplete"] = AUTOCOMPLETE.get(label, "off")
        typed: str = self._drawn.text_input(label, key=f"{self._key}.{label}", **given)
        return typed

    def form_submit_button(self, label: str) -> bool:
        draw = _more.get(self._key)
        if draw is not None:
            _answers()[self._key] = draw(self._drawn)
        pressed: bool = self._drawn.form_submit_button(label, type="primary", width="stretch")
        return pressed


class _Column(_Form):
    """One column of such rows."""

    def __init__(self, drawn: Any, key: str, rows: list[list[Any]], place: int, count: int) -> None:
        super().__init__(drawn, key)
        self._rows, self._place, self._count = rows, place, count

    def text_input(self, label: str, **given: Any) -> str:
        if self._place == 0:
            self._rows.append(self._drawn.columns(self._count))
        return _Form(self._rows[-1][self._place], self._key).text_input(label, **given)


_more: dict[str, More] = {}
authentication_view.st = _Screen()


def _answers() -> dict[str, Mapping[str, Any]]:
    """What was put into the further fields of the forms in this run."""
    found: dict[str, Mapping[str, Any]] = st.session_state.setdefault("tome.form_answers", {})
    return found


def with_more(key: str, draw: More) -> None:
    """Has `draw` put further fields into the form of this key; it returns their values by name."""
    _more[key] = draw


class NoCookie:
    """Stands where the package keeps its cookie. Ours is set by /auth/session and read by the guard alone."""

    def get_cookie(self) -> None:
        """Never signs anybody in: who is here is asked of the database."""

    def set_cookie(self) -> None:
        """The ticket is exchanged by the browser."""

    def delete_cookie(self) -> None:
        """The browser is told by /auth/sign-out."""


class Desk(AuthenticationController):  # type: ignore[misc]
    """Takes what the forms hand in to the use cases given by the page."""

    def __init__(self) -> None:  # the package's own would build its model of all users
        self.on_login: Callable[[str, str, Mapping[str, Any]], bool] | None = None
        self.on_register: Callable[[Mapping[str, str], Mapping[str, Any]], bool] | None = None
        self.on_change: Callable[[str, str], bool] | None = None
        self.on_logout: Callable[[], None] | None = None
        self.form = ""

    def login(self, username: str | None = None, password: str | None = None, *_: Any, **__: Any) -> bool | None:
        """A sign-in form was handed in."""
        return self.on_login(username or "", password or "", _answers().get("Login", {})) if self.on_login else None

    def logout(self, callback: Any = None) -> None:
        """The sign-out button was pressed."""
        if self.on_logout:
            self.on_logout()

    def register_user(self, first: str, last: str, email: str, username: str, password: str, again: str,
                      *_: Any, **__: Any) -> tuple[str, str, str] | tuple[None, None, None]:  # fmt: skip
        """A registration form was handed in."""
        if password != again:
            st.error("The two passwords differ.", icon=":material/error:")
            return None, None, None
        typed = {"name": f"{first} {last}".strip(), "email": email, "username": username, "password": password}
        done = self.on_register is not None and self.on_register(typed, _answers().get(self.form, {}))
        return (email, username, typed["name"]) if done else (None, None, None)

    def reset_password(self, _username: str, old: str, new: str, again: str, _callback: Any = None) -> bool:
        """A change of password was handed in."""
        if new != again:
            st.error("The two new passwords differ.", icon=":material/error:")
            return False
        return self.on_change is not None and self.on_change(old, new)


class Views(Authenticate):  # type: ignore[misc]
    """The package's forms, without its cookie manager (a component in an iframe) and its model."""

    def __init__(self) -> None:
        self.api_key = None
        self.attrs = {"login_sleep_time": 0, "password_instructions": PASSWORD_ADVICE}
        self.path = None
        self.secret_key = "unused"  # noqa: S105  # seals nothing: neither captcha nor codes are used
        self.cookie_controller = NoCookie()
        self.authentication_controller = self.desk = Desk()
        self.encryptor = Encryptor(self.secret_key)

    def sign_in(self, handle: Callable[[str, str, Mapping[str, Any]], bool]) -> None:
        """The sign-in form; `handle(login, password, more)` returns whether it let somebody in."""
        self.desk.on_login = handle
        st.session_state.pop("authentication_status", None)
        self.login(fields=SIGN_IN_WORDS)

    def join(self, key: str, handle: Callable[[Mapping[str, str], Mapping[str, Any]], bool]) -> bool:
        """The registration form; `handle(typed, more)` returns whether an account was made. True when it was."""
        self.desk.on_register, self.desk.form = handle, key
        return self.register_user(fields=JOIN_WORDS, captcha=False, password_hint=False, key=key)[0] is not None

    def change_password(self, handle: Callable[[str, str], bool]) -> bool:
        """The form for a new password; `handle(old, new)` returns whether it was changed."""
        self.desk.on_change = handle
        return bool(self._as_signed_in(lambda: self.reset_password("", fields=CHANGE_WORDS)))

    def sign_out_button(self, handle: Callable[[], None]) -> None:
        """The button in the sidebar."""
        self.desk.on_logout = handle
        self._as_signed_in(lambda: self.logout("Sign out", "sidebar", key="tome_sign_out"))

    def _as_signed_in(self, draw: Callable[[], Any]) -> Any:
        """The package asks the session's state whether somebody is signed in; we ask the database, and tell it."""
        st.session_state["authentication_status"] = True
        try:
            return draw()
        finally:
            st.session_state.pop("authentication_status", None)
