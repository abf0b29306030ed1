"""What is said while a code is entered."""

from flask_babel import lazy_gettext as _l

PROVEN = _l("Thank you. It is proven that we reach you.")
SENT = _l("A new code is on its way.")
