"""What is said of two records that may be of one person."""

from collections.abc import Collection, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.patients.joining.alike import BIRTH_DATE, EMAIL, NAME, PHONE

JOINED = _l("Joined. This is one record now.")
NOT_A_DAY = _l("Write a day such as 17 May 1988.")
SAME = {
    NAME: _l("name"),
    BIRTH_DATE: _l("date of birth"),
    PHONE: _l("phone number"),
    EMAIL: _l("email address"),
}


def agreeing(agrees: Collection[str]) -> str:
    return _(
        "The same: %(facts)s", facts=", ".join(str(SAME[one]) for one in SAME if one in agrees)
    )


def known_at(where: Sequence[str]) -> str:
    return _("%(clinics)s may know you already.", clinics=", ".join(where))


def yours(where: Sequence[str]) -> str:
    if not where:
        return _("That is right, but the clinic must look at it. Call them, please.")
    return _("What %(clinics)s noted of you is in your account now.", clinics=", ".join(where))
