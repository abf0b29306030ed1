"""What is texted back about a visit, in the language of who is texted."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from clinic.appointments.outside.replies import Act, Reason
from clinic.appointments.reading.visit import Visit
from clinic.core import saying
from clinic.messaging.words import gsm, rendering, signed

LETTERS = "ABCD"  # an answer must stay one text


def done(visit: Visit, act: Act) -> str:
    if act is Act.CONFIRM:
        return _of(visit, _("your visit on %(when)s is confirmed.", when=_when(visit)))
    return _of(visit, _("your visit on %(when)s is cancelled.", when=_when(visit)))


def other_time(visit: Visit) -> str:
    link = rendering.placeholder("link:visit", visit.link_key)
    return _of(visit, _("choose another time for %(when)s: %(link)s", when=_when(visit), link=link))


def unknown_number(organisation_id: UUID | None) -> str:
    """`organisation_id`: who texted that number last, or has it on a record. Else all are named
    that it may be for, if one text holds them."""
    named = [] if organisation_id else signed.numbers(len(LETTERS))
    if len(named) > 1:
        clinics = ", ".join(named)
        sentence = _(
            "we know no upcoming visit for this number. Please call: %(clinics)s.", clinics=clinics
        )
        text = signed.of_organisation(None, lambda _phone: sentence)
        if gsm.fits(text):
            return text
    return signed.of_organisation(
        organisation_id,
        lambda phone: (
            _("we know no upcoming visit for this number. Please call %(phone)s.", phone=phone)
            if phone
            else _("we know no upcoming visit for this number. Please call your clinic.")
        ),
    )


def nothing_done(visit: Visit, reason: Reason | None) -> str:
    """Why not, and what helps."""
    return _of(visit, _SAID.get(reason or Reason.UNKNOWN, _not_read)(visit))


def choices(visits: Sequence[Visit]) -> tuple[str, int]:
    """`Harbour: ... Reply 1A or 2A: Tue 24 Nov, 09:30; 1B or ...`, and how many one text holds."""
    lines = [
        _("1%(letter)s or 2%(letter)s: %(when)s", letter=letter, when=_when(visit))
        for letter, visit in zip(LETTERS, visits, strict=False)
    ]
    while True:
        sentence = _("1 confirms, 2 cancels. Reply %(choices)s", choices="; ".join(lines))
        text = _of(visits[0], sentence)
        if gsm.fits(text) or len(lines) == 1:
            return text, len(lines)
        lines.pop()


def codes(visits: Sequence[Visit]) -> str:
    """`Harbour: this number is shared. Reply C or X and the code: K7P4Q Tue 24 Nov, 09:30; ...`"""
    lines = [
        _("%(code)s %(when)s", code=visit.code, when=_when(visit))
        for visit in visits[: len(LETTERS)]
    ]
    while True:
        text = _of(
            visits[0],
            _(
                "this number is shared. Reply C or X and the code, %(choices)s",
                choices="; ".join(lines),
            ),
        )
        if gsm.fits(text) or len(lines) == 1:
            return text
        lines.pop()


def when_in_english(moment: datetime, zone: ZoneInfo) -> str:
    """As texts said it while there was no other language."""
    with saying.in_language("en"):
        return saying.moment(moment, zone)


def _of(visit: Visit, rest: str) -> str:
    """`Harbour Clinic: rest` in one text; the name gives way, never the rest."""
    return signed.by(visit.organisation, rest)


def _when(visit: Visit) -> str:
    return saying.moment(visit.starts_at, visit.zone)


def _no_such_code(visit: Visit) -> str:
    if visit.organisation_phone:
        return _(
            "we know no visit with that code. Please call %(phone)s.",
            phone=visit.clinic_phone,
        )
    return _("we know no visit with that code. Please call us.")


def _too_late(visit: Visit) -> str:
    if visit.organisation_phone:
        return _(
            "it is too late to change %(when)s by text. Please call %(phone)s.",
            when=_when(visit),
            phone=visit.clinic_phone,
        )
    return _("it is too late to change %(when)s by text. Please call us.", when=_when(visit))


def _doctor_left(visit: Visit) -> str:
    if visit.organisation_phone:
        return _(
            "your visit on %(when)s cannot be confirmed: its doctor has left. We will be in touch,"
            " or call %(phone)s.",
            when=_when(visit),
            phone=visit.clinic_phone,
        )
    return _(
        "your visit on %(when)s cannot be confirmed: its doctor has left. We will be in touch.",
        when=_when(visit),
    )


def _not_accepted(visit: Visit) -> str:
    return _("your request for %(when)s is not accepted yet.", when=_when(visit))


def _confirmed_already(visit: Visit) -> str:
    return _("your visit on %(when)s is confirmed already.", when=_when(visit))


def _not_read(visit: Visit) -> str:
    return _(
        "your message is with the desk. C confirms, X cancels. Your visit: %(link)s",
        link=rendering.placeholder("link:visit", visit.link_key),
    )


def _not_seen(visit: Visit) -> str:
    link = rendering.placeholder("link:visit", visit.link_key)
    return _(
        "sorry, pictures and recordings cannot be read here. See your visit: %(link)s", link=link
    )


_SAID = {
    Reason.PICTURE: _not_seen,
    Reason.NONE: _no_such_code,
    Reason.TOO_LATE: _too_late,
    Reason.DOCTOR_LEFT: _doctor_left,
    Reason.NOT_ACCEPTED: _not_accepted,
    Reason.ALREADY: _confirmed_already,
}
