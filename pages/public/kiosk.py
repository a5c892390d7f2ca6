"""A tablet with a scanner, for readers to borrow, return and renew by themselves."""

from lib.ui.doorway import enter
from lib.ui.kiosk_page import draw_kiosk

draw_kiosk(enter())
