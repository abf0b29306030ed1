"""What is said to who runs an organisation."""

from flask_babel import lazy_gettext as _l

OPENED = _l("The organisation is open. Invite its administrator next.")
HIDDEN = _l("Patients no longer find it.")
FOUND_AGAIN = _l("Patients find it again.")
SAVED = _l("Saved.")
