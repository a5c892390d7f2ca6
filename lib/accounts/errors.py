"""What accounts say no with."""

from lib.kit.errors import Forbidden, RuleBroken, TooManyAttempts


class WrongCredentials(RuleBroken):
    """The name or the password is wrong; never says which."""

    message = "That name and password do not go together. Check both, or ask for a new password."


class CannotSignIn(RuleBroken):
    """The password was right, but the account may not sign in. Facts: reason (see policy.SIGN_IN_REFUSALS)."""

    message = "{text}"


class WrongPassword(RuleBroken):
    """The present password, asked for again, is wrong."""

    message = "That is not your present password."


class WrongPin(RuleBroken):
    """The card and the PIN do not go together, or there is no such card; never says which."""

    message = (
        "That card and PIN do not go together. Please try again. A PIN is chosen under My account, or at the desk."
    )


class TooManyBlocks(TooManyAttempts):
    """A machine blocked as many cards today as a machine may."""

    message = "No more cards are blocked from here today. Please ask at the desk."


class WrongTerminal(RuleBroken):
    """The login or the secret of a terminal is wrong, or it was revoked; never says which."""

    message = "That terminal login and secret do not go together. An admin can give the terminal a new secret."


class LinkInvalid(RuleBroken):
    """A mailed link that was used, voided, outlived, or never was."""

    message = "This link has expired or was used already. Ask for a new one."


class RegistrationClosed(Forbidden):
    """The library takes no registrations from outside."""

    message = "This library makes accounts at the desk only. Ask there for a card."


class MoveRefused(RuleBroken):
    """An account cannot go from where it stands to where it should. Facts: status, wanted."""

    rule = "states of an account"
    message = "This account is {status}; it cannot become {wanted}."
    way_out = "Look at the account anew."


class LastAdmin(RuleBroken):
    """The library would be left without an admin."""

    message = "This is the last admin. Appoint another one first."


class SecondLibrarian(RuleBroken):
    """The library is set to have a single librarian. Facts: name."""

    message = "This library has one librarian only, {name}. Change that person's role or the setting first."


class NotOnOneself(RuleBroken):
    """Nobody suspends or disables the account they are using."""

    rule = "four eyes"
    message = "You cannot do this to your own account."
    way_out = "Ask another admin."


class AdminExists(RuleBroken):
    """The first admin is there already."""

    message = "This library has an admin already. Ask that person to appoint you."


class TypeInUse(RuleBroken):
    """A membership type that members still have. Facts: count."""

    message = "{count} members have this type. Give them another one first."
