"""How each kind of mail reads, by language. Texts are string.Template: $name stands for a fact.

Mails to addresses that are not proved yet hold no text of the sender's choosing: nobody can send
their words to a stranger in the library's name.
"""

from dataclasses import dataclass
from string import Template


@dataclass(frozen=True, slots=True)
class NoticeTemplate:
    """Subject and body of one kind of notice in one language."""

    subject: str
    body: str


def _t(subject: str, *paragraphs: str) -> NoticeTemplate:
    return NoticeTemplate(subject, "\n\n".join(paragraphs) + "\n\n$library\n")


_EN = {
    "welcome": _t(
        "Welcome to $library",
        "Hello $name,",
        "you are a member of $library now. Your card number is $card.",
        "Sign in at $link",
    ),
    "verify-email": _t(
        "Confirm your e-mail address",
        "Hello,",
        "somebody registered at $library with this address. If it was you, open this link within an hour:",
        "$link",
        "If it was not you, do nothing: without the link the registration is dropped.",
    ),
    "registration-approved": _t(
        "Your registration is approved",
        "Hello $name,",
        "welcome to $library. Your card number is $card. You can sign in now:",
        "$link",
    ),
    "registration-rejected": _t(
        "About your registration",
        "Hello $name,",
        "the library could not accept your registration. The reason given: $reason",
        "If you think this is a mistake, please ask at the desk.",
    ),
    "password-reset": _t(
        "Choose a new password",
        "Hello,",
        "somebody asked for a new password for your account at $library. If it was you, open this link within an hour:",
        "$link",
        "If it was not you, do nothing; your password stays as it is.",
    ),
    "choose-password": _t(
        "Your account at $library",
        "Hello $name,",
        "the library made an account for you. Choose your password within an hour here:",
        "$link",
        "Later than that? Use “Forgotten password” on the sign-in page with this e-mail address.",
    ),
    "email-change": _t(
        "Confirm your new e-mail address",
        "Hello,",
        "open this link within an hour to use this address for your account at $library:",
        "$link",
        "If you did not ask for this, do nothing.",
    ),
    "email-changed": _t(
        "Your e-mail address was changed",
        "Hello $name,",
        "your account at $library uses another e-mail address from now on. If this was not you, "
        "please call the library at once.",
    ),
    "password-changed": _t(
        "Your password was changed",
        "Hello $name,",
        "the password of your account at $library was changed on $at, and every device was signed out.",
        "If this was not you, ask for a new password at once: $link",
    ),
    "someone-tried-to-register": _t(
        "You have an account already",
        "Hello,",
        "somebody tried to register at $library with this address, which has an account already. "
        "If it was you, just sign in, or ask for a new password: $link",
        "If it was not you, do nothing; nothing was changed.",
    ),
    "first-admin": _t(
        "You are the admin of $library",
        "Hello $name,",
        "the library is set up, and you are its first admin. Sign in at $link",
    ),
    "suspended": _t(
        "Your account is suspended",
        "Hello $name,",
        "you cannot borrow at $library $period. The reason given: $reason",
        "You can still sign in and see your loans. Please ask at the desk if something is unclear.",
    ),
    "role-changed": _t(
        "Your role at $library",
        "Hello $name,",
        "from now on you are $role at $library. Please sign in again: $link",
    ),
}
_DE = {
    "welcome": _t(
        "Willkommen bei $library",
        "Guten Tag $name,",
        "Sie sind jetzt Mitglied bei $library. Ihre Kartennummer ist $card.",
        "Hier melden Sie sich an: $link",
    ),
    "verify-email": _t(
        "Bestätigen Sie Ihre E-Mail-Adresse",
        "Guten Tag,",
        "jemand hat sich mit dieser Adresse bei $library angemeldet. Wenn Sie das waren, "
        "öffnen Sie innerhalb einer Stunde diesen Link:",
        "$link",
        "Wenn nicht, tun Sie nichts: ohne den Link verfällt die Anmeldung.",
    ),
    "registration-approved": _t(
        "Ihre Anmeldung ist angenommen",
        "Guten Tag $name,",
        "willkommen bei $library. Ihre Kartennummer ist $card. Sie können sich jetzt anmelden:",
        "$link",
    ),
    "registration-rejected": _t(
        "Zu Ihrer Anmeldung",
        "Guten Tag $name,",
        "die Bibliothek konnte Ihre Anmeldung nicht annehmen. Als Grund wurde genannt: $reason",
        "Wenn Sie das für einen Irrtum halten, fragen Sie bitte an der Theke.",
    ),
    "password-reset": _t(
        "Wählen Sie ein neues Passwort",
        "Guten Tag,",
        "jemand hat ein neues Passwort für Ihr Konto bei $library verlangt. Wenn Sie das waren, "
        "öffnen Sie innerhalb einer Stunde diesen Link:",
        "$link",
        "Wenn nicht, tun Sie nichts; Ihr Passwort bleibt, wie es ist.",
    ),
    "choose-password": _t(
        "Ihr Konto bei $library",
        "Guten Tag $name,",
        "die Bibliothek hat ein Konto für Sie eingerichtet. Wählen Sie hier innerhalb einer Stunde Ihr Passwort:",
        "$link",
        "Später geht es über „Passwort vergessen“ auf der Anmeldeseite mit dieser E-Mail-Adresse.",
    ),
    "email-change": _t(
        "Bestätigen Sie Ihre neue E-Mail-Adresse",
        "Guten Tag,",
        "öffnen Sie innerhalb einer Stunde diesen Link, um diese Adresse für Ihr Konto bei $library zu verwenden:",
        "$link",
        "Wenn Sie das nicht wollten, tun Sie nichts.",
    ),
    "email-changed": _t(
        "Ihre E-Mail-Adresse wurde geändert",
        "Guten Tag $name,",
        "Ihr Konto bei $library verwendet ab jetzt eine andere E-Mail-Adresse. Wenn Sie das nicht waren, "
        "rufen Sie bitte sofort die Bibliothek an.",
    ),
    "password-changed": _t(
        "Ihr Passwort wurde geändert",
        "Guten Tag $name,",
        "das Passwort Ihres Kontos bei $library wurde am $at geändert; alle Geräte wurden abgemeldet.",
        "Wenn Sie das nicht waren, verlangen Sie sofort ein neues: $link",
    ),
    "someone-tried-to-register": _t(
        "Sie haben schon ein Konto",
        "Guten Tag,",
        "jemand wollte sich bei $library mit dieser Adresse anmelden, zu der es schon ein Konto gibt. "
        "Wenn Sie das waren, melden Sie sich einfach an oder verlangen Sie ein neues Passwort: $link",
        "Wenn nicht, tun Sie nichts; es wurde nichts geändert.",
    ),
    "first-admin": _t(
        "Sie verwalten $library",
        "Guten Tag $name,",
        "die Bibliothek ist eingerichtet, und Sie sind ihre erste Verwalterin oder ihr erster Verwalter. "
        "Hier melden Sie sich an: $link",
    ),
    "suspended": _t(
        "Ihr Konto ist gesperrt",
        "Guten Tag $name,",
        "Sie können bei $library $period nichts ausleihen. Als Grund wurde genannt: $reason",
        "Anmelden und Ihre Ausleihen ansehen können Sie weiterhin. Bei Fragen hilft die Theke.",
    ),
    "role-changed": _t(
        "Ihre Rolle bei $library",
        "Guten Tag $name,",
        "ab jetzt sind Sie bei $library: $role. Bitte melden Sie sich neu an: $link",
    ),
}
TEMPLATES: dict[str, dict[str, NoticeTemplate]] = {"en": _EN, "de": _DE}
FALLBACK = "en"


def template_of(kind: str, language: str) -> tuple[NoticeTemplate, str]:
    """The template of a kind and the language it is in: the one asked for (de-AT, then de), else English."""
    for tag in (language, language.partition("-")[0], FALLBACK):
        if found := TEMPLATES.get(tag, {}).get(kind):
            return found, tag
    raise KeyError(kind)


def render(kind: str, language: str, facts: dict[str, str]) -> tuple[str, str, str]:
    """Subject, body and the language used. A fact that the template names and nobody gave is a KeyError."""
    template, used = template_of(kind, language)
    subject = " ".join(Template(template.subject).substitute(facts).split())
    return subject, Template(template.body).substitute(facts), used
