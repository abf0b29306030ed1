"""The problem that a locked screen shows."""

from flask_babel import lazy_gettext as _l

NO_PASSWORD = _l("Enter your password")
