"""Sign in with user name, e-mail or card number."""

from lib.ui.doorway import enter
from lib.ui.sign_in_page import draw_sign_in

draw_sign_in(enter())
