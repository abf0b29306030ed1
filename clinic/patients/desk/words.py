"""What is said to somebody at work who looks a patient up."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from clinic.core import phones, saying
from clinic.messaging.desk import words as messages
from clinic.messaging.queueing.queries import Stop
from clinic.patients.desk.queries import Stopped

REGISTERED = _l("Registered.")
REGISTERED_FOR_LATER = _l("Registered. You find this person here once they have a visit with you.")
NOT_CONFIRMED = _l("Not confirmed")
SAVED = _l("Saved.")
TEXTED_AGAIN = _l("Noted. The next text goes to this number again.")
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


@dataclass(frozen=True, slots=True)
class StopLine:
    """What stands between a patient and their texts, and how it ends."""

    number: str
    channels: str  # `SMS, WhatsApp`
    why: str
    ends: str
    can_end: bool  # by the desk


def stop_lines(found: Stopped) -> list[StopLine]:
    return [_stop_line(stop, found) for stop in found.stops]


def _stop_line(stop: Stop, found: Stopped) -> StopLine:
    when, is_theirs = saying.moment(stop.since, found.zone), stop.kind == "opted_out"
    return StopLine(
        number=stop.address,
        channels=", ".join(str(messages.CHANNELS[one]) for one in stop.channels),
        why=_refused(stop.reason, when) if is_theirs else _not_reached(stop.reason, when),
        ends=_they_end(found)
        if is_theirs
        else _("It is tried again after 30 days, as soon as they text us, or when you say so."),
        can_end=not is_theirs,
    )


def _refused(reason: str, when: str) -> str:
    if reason == "stop_word":
        return _("They answered STOP on %(when)s: they want no texts.", when=when)
    return _("Since %(when)s the provider says that they want no texts.", when=when)


def _not_reached(code: str, when: str) -> str:
    if not code:
        return _("Texts have not arrived since %(when)s.", when=when)
    reason = messages.reason(code)
    return _("Texts have not arrived since %(when)s: %(reason)s.", when=when, reason=reason)


def _they_end(found: Stopped) -> str:
    """Nobody else can."""
    if not found.our_number:
        if found.has_login:
            return _("They can allow texts in their account, or text START to us.")
        return _("They can text START to us.")
    number = phones.as_dialled(found.our_number, phones.home_of(found.our_number))
    number = number.replace(" ", "\N{NO-BREAK SPACE}")
    if found.has_login:
        return _(
            "They can text START to %(number)s, or allow texts in their account.", number=number
        )
    return _("They can text START to %(number)s.", number=number)


def instead(found: Stopped) -> str:
    """Where messages go meanwhile."""
    if found.instead is None:
        return _("Until then no message reaches them: call them.")
    channel, address = found.instead
    if channel == "email":
        return _("Until then messages go by email to %(address)s.", address=address)
    return _("Until then messages go to %(address)s.", address=address)
