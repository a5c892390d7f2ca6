"""By which permission each door lends and takes back: staff at the desk, a machine for the member before it."""

from lib.access.permissions import Permission
from lib.circulation.models import Channel


def permission_of(channel: Channel) -> Permission:
    """What whoever acts through this channel must be allowed to do."""
    return Permission.SELF_CHECK if channel is Channel.SELF_CHECK else Permission.CIRCULATE
