"""What is said to somebody at work who looks a patient up."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

REGISTERED = _l("Registered.")
REGISTERED_FOR_LATER = _l("Registered. You find this person here once they have a visit with you.")
NOT_CONFIRMED = _l("Not confirmed")
SAVED = _l("Saved.")
NOT_A_DAY = _l("Write a day such as 17 May 1988.")
SAME_PERSON = _l("Somebody known here may be the same person. Check before you register another.")


def how_many(shown: int, total: int, is_asked: bool, goes_on: bool = False) -> str:
    if not is_asked:
        return _("Type at least two letters or digits.")
    if not total:
        return _("No patient matches. Check the spelling or the number.")
    if goes_on:
        return _("%(shown)s more of %(total)s patients", shown=shown, total=total)
    if shown < total:
        return _("%(shown)s of %(total)s patients", shown=shown, total=total)
    return ngettext("%(num)s patient", "%(num)s patients", total)


def state(is_active: bool | None, has_died: bool) -> str:
    if has_died:
        return _("Died")
    return _("Inactive") if is_active is False else ""
