"""What is said of how messages get through."""

from datetime import date
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.core import saying
from clinic.messaging.answers import ANSWERS
from clinic.messaging.desk.flow.engine import Engine
from clinic.messaging.desk.words import CHANNELS, reason_alone
from clinic.messaging.senders.held import Standing

channels = CHANNELS


def day(one: date, year: int) -> str:
    return saying.day(one, year)


def waiting(engine: Engine, zone: ZoneInfo) -> str:
    if not engine.waiting or engine.oldest is None:
        return _("Nothing is due that has not left.")
    since = saying.moment(engine.oldest, zone)
    return ngettext(
        "%(num)s message is due and waits, since %(since)s.",
        "%(num)s messages are due and wait, the first since %(since)s.",
        engine.waiting,
        since=since,
    )


def works(engine: Engine) -> str:
    if engine.works:
        return _("The program that sends them is running.")
    return _("The program that sends them is not running. Tell whoever looks after the system.")


def held(one: Standing, zone: ZoneInfo) -> list[str]:
    """Why a sender waits, since when, and what mends it."""
    known = ANSWERS.get(one.error_code)
    sentences = [
        _("%(sender)s waits since %(since)s: %(why)s.", sender=one.sender,
          since=saying.moment(one.since, zone), why=reason_alone(one.error_code)),
    ]  # fmt: skip
    return [*sentences, _(known.remedy)] if known and known.remedy else sentences


def share(part: int, whole: int) -> str:
    """`96%`; empty where there is nothing to compare with."""
    return f"{100 * part // whole}%" if whole else ""
