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
    "hold-ready": _t(
        "Ready for you at $library",
        "Hello $name,",
        "$what lies on the hold shelf for you. Please collect it by $until.",
        "If you do not need it any more, cancel the reservation here, so that the next reader can have it: $link",
    ),
    "hold-delayed": _t(
        "Your reservation takes a little longer",
        "Hello $name,",
        "$what could not stay on the hold shelf for you after all. We are sorry. You are the next in the queue and get "
        "a message as soon as a copy is there.",
        "$link",
    ),
    "hold-expired": _t(
        "Your reservation has ended",
        "Hello $name,",
        "$what lay on the hold shelf for you until $until and was not collected, so it goes on to the next reader.",
        "If you still want it, reserve it again: $link",
    ),
    "hold-cancelled": _t(
        "Your reservation was cancelled",
        "Hello $name,",
        "the library cancelled your reservation: $what. The reason given: $reason",
        "If you think this is a mistake, please ask at the desk.",
    ),
    "dates-moved": _t(
        "Your dates at $library have moved",
        "Hello $name,",
        "the library is closed on a day on which you could have come. So you have more time.",
        "Due dates of your loans:\n$loans",
        "Waiting for you on the hold shelf until:\n$holds",
        "You need not do anything. All your dates: $link",
    ),
    "dates-moved-back": _t(
        "Your earlier dates at $library hold again",
        "Hello $name,",
        "we wrote that dates of yours had moved because the library would be closed. It is open after all, so the "
        "earlier dates hold again. We are sorry for the back and forth.",
        "Due dates of your loans:\n$loans",
        "Waiting for you on the hold shelf until:\n$holds",
        "All your dates: $link",
    ),
    "marked-lost": _t(
        "A loan of yours counts as lost",
        "Hello $name,",
        "this was not returned and counts as lost now: $what. For replacing it, $amount was charged to your account.",
        "Should it turn up, please bring it back: what was charged for the replacement is then taken back.",
        "$link",
    ),
    "loans-renewed": _t(
        "Your loans were renewed",
        "Hello $name,",
        "this was renewed for you, because nobody waits for it:",
        "$what",
        "See all your loans at $link",
    ),
    "loans-not-renewed": _t(
        "Please bring this back",
        "Hello $name,",
        "this could not be renewed for you; please bring it back by its day:",
        "$what",
        "Why stands beside each loan at $link",
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
    "hold-ready": _t(
        "Für Sie bereit bei $library",
        "Guten Tag $name,",
        "für Sie liegt im Abholregal: $what. Bitte holen Sie ihn bis zum $until ab.",
        "Wenn Sie ihn nicht mehr brauchen, streichen Sie bitte hier die Vormerkung, damit jemand anderes ihn "
        "bekommt: $link",
    ),
    "hold-delayed": _t(
        "Ihre Vormerkung dauert etwas länger",
        "Guten Tag $name,",
        "leider konnte dieser Titel doch nicht im Abholregal bleiben: $what. Das tut uns leid. Sie sind als Nächstes "
        "an der Reihe und bekommen Nachricht, sobald ein Exemplar da ist.",
        "$link",
    ),
    "hold-expired": _t(
        "Ihre Vormerkung ist abgelaufen",
        "Guten Tag $name,",
        "bis zum $until lag für Sie im Abholregal: $what. Er wurde nicht abgeholt und geht nun weiter.",
        "Wenn Sie ihn noch möchten, merken Sie ihn bitte neu vor: $link",
    ),
    "hold-cancelled": _t(
        "Ihre Vormerkung wurde gestrichen",
        "Guten Tag $name,",
        "die Bibliothek hat Ihre Vormerkung gestrichen: $what. Als Grund wurde genannt: $reason",
        "Wenn Sie das für einen Irrtum halten, fragen Sie bitte an der Theke.",
    ),
    "dates-moved": _t(
        "Ihre Termine bei $library haben sich verschoben",
        "Guten Tag $name,",
        "die Bibliothek hat an einem Tag geschlossen, an dem Sie hätten kommen können. Sie haben deshalb mehr Zeit.",
        "Rückgabe Ihrer Ausleihen:\n$loans",
        "Im Abholregal für Sie bereit bis:\n$holds",
        "Sie müssen nichts tun. Alle Ihre Termine: $link",
    ),
    "dates-moved-back": _t(
        "Ihre früheren Termine bei $library gelten wieder",
        "Guten Tag $name,",
        "wir hatten Ihnen geschrieben, dass sich Termine wegen einer Schließung verschieben. Die Bibliothek hat nun "
        "doch geöffnet, und die früheren Termine gelten wieder. Bitte entschuldigen Sie das Hin und Her.",
        "Rückgabe Ihrer Ausleihen:\n$loans",
        "Im Abholregal für Sie bereit bis:\n$holds",
        "Alle Ihre Termine: $link",
    ),
    "marked-lost": _t(
        "Eine Ausleihe gilt als verloren",
        "Guten Tag $name,",
        "dieser Titel wurde nicht zurückgegeben und gilt jetzt als verloren: $what. Für den Ersatz wurden Ihrem Konto "
        "$amount berechnet.",
        "Sollte er sich wiederfinden, bringen Sie ihn bitte zurück: dann wird der Ersatz wieder gutgeschrieben.",
        "$link",
    ),
    "loans-renewed": _t(
        "Ihre Ausleihen wurden verlängert",
        "Guten Tag $name,",
        "dies wurde für Sie verlängert, weil niemand darauf wartet:",
        "$what",
        "Alle Ihre Ausleihen: $link",
    ),
    "loans-not-renewed": _t(
        "Bitte bringen Sie dies zurück",
        "Guten Tag $name,",
        "dies konnte nicht für Sie verlängert werden; bitte bringen Sie es bis zu seinem Tag zurück:",
        "$what",
        "Der Grund steht bei jeder Ausleihe: $link",
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
