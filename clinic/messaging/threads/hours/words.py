"""What the page of the desk's hours says."""

from datetime import date, timedelta

from flask_babel import lazy_gettext as _l

from clinic.core import saying

SAVED = _l("Saved.")
_MONDAY = date(2024, 1, 1)


def weekdays() -> list[str]:
    return [saying.weekday(_MONDAY + timedelta(days=number)) for number in range(7)]
