"""What is said while a code is entered."""

from flask_babel import lazy_gettext as _l

PROVEN = _l("Thank you. Now we know that messages reach you.")
SENT = _l("A new code is on its way.")
