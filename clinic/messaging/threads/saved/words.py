"""What the page of saved replies says."""

from flask_babel import lazy_gettext as _l

SAVED = _l("Saved.")
DELETED = _l("Deleted.")
