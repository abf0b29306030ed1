"""Answer a text: find the visits it can be about, take the step, find the words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.appointments.errors import NoticeTooShort, StepNotPossible
from clinic.appointments.life import lifecycle
from clinic.appointments.life.lifecycle import By
from clinic.appointments.models import Appointment
from clinic.appointments.outside.replies import Act, Candidate, Decision, Reason, decide
from clinic.appointments.steps import take as steps
from clinic.appointments.vocabulary import UPCOMING, Status
from clinic.core import clock, saying
from clinic.core.data.db import db, must_be_writing
from clinic.messaging.inbound.meaning import Meaning, Word
from clinic.messaging.inbound.receive import Answer, last_to_text
from clinic.messaging.models import Message
from clinic.messaging.words import gsm, rendering
from clinic.organisations.models import Organisation, OrganisationSettings

ACTS = {
    Word.CONFIRM: Act.CONFIRM,
    Word.YES: Act.CONFIRM,
    Word.CANCEL: Act.CANCEL,
    Word.CARRIER_CANCEL: Act.CANCEL,
}
MOST_LISTED = 4  # an answer must stay one text
REMEMBERED_FOR = timedelta(days=60)
_LISTED = re.compile(r"1[A-D] or 2[A-D]: ([^;]+)")


@dataclass(frozen=True, slots=True)
class _Known:
    """A candidate with what its answer says."""

    candidate: Candidate
    organisation_id: UUID
    organisation: str
    phone: str | None
    when: str  # "Tue 24 Nov, 09:30"
    times: tuple[tuple[datetime, str], ...]  # since when it was at which time, oldest first

    def time_at(self, moment: datetime) -> str | None:
        """The time it had then: visits move, and what was texted stays as it was."""
        return next((when for since, when in reversed(self.times) if since <= moment), None)


def answer_text(address: str, meaning: Meaning) -> Answer:
    """What `receiving.receive` asks; runs inside its transaction. Raises nothing for bad input."""
    must_be_writing()
    known = _known(address)
    act = ACTS.get(meaning.word, Act.NOTHING)
    place = _place_in(known, address, meaning.position)
    decision = decide(act, [one.candidate for one in known], meaning.code, place)
    chosen = next((one for one in known if one.candidate is decision.visit), None)
    if decision.act is Act.NOTHING:
        return _explain(decision, chosen, known, address)
    if chosen is None:
        raise ValueError("a step was decided without a visit")
    actor = Actor(role=Role.PATIENT, patient_id=chosen.candidate.patient_id, via="reply")
    try:
        steps.take(chosen.candidate.id, str(decision.act), actor)
    except (StepNotPossible, NoticeTooShort):  # the desk or a sweep was faster
        late = Decision(Act.NOTHING, chosen.candidate, Reason.TOO_LATE)
        return _explain(late, chosen, known, address)
    done = "confirmed" if decision.act is Act.CONFIRM else "cancelled"
    text = _say(chosen.organisation, f"your visit on {chosen.when} is {done}.")
    return Answer(text, chosen.candidate.id, chosen.organisation_id)


def _place_in(known: Sequence[_Known], address: str, position: int | None) -> int | None:
    """Where the visit now stands that stood at `position` in the list texted last.

    The list may have changed since: `2A` must never cancel another visit than the one that was
    read beside it. A visit that is gone stands behind the last one.
    """
    last_list = (
        sa.select(Message.answer, Message.created_at)
        .where(Message.address == address, Message.answer.contains("1A or 2A: "))
        .order_by(Message.created_at.desc())
        .limit(1)
    )
    listed = db.session.execute(last_list).one_or_none() if position is not None else None
    if position is None or listed is None:
        return position
    whens = _LISTED.findall(listed.answer)
    wanted = whens[position] if position < len(whens) else None
    stands = (at for at, one in enumerate(known) if one.time_at(listed.created_at) == wanted)
    return next(stands, len(known)) if wanted else len(known)


def _known(address: str) -> list[_Known]:
    """Upcoming visits that were texted to this number, now or at an earlier time of theirs."""
    chains = _chains(address)
    rows = db.session.execute(
        sa.select(
            Appointment,
            Organisation.name,
            Organisation.phone,
            Organisation.timezone,
            OrganisationSettings.cancel_notice_minutes,
        )
        .join(Organisation, Organisation.id == Appointment.organisation_id)
        .join(OrganisationSettings, OrganisationSettings.organisation_id == Organisation.id)
        .where(Appointment.id.in_(chains))
        .order_by(Appointment.starts_at, Appointment.id)
        .execution_options(populate_existing=True)
    )
    return [_describe(row, chains[row.Appointment.id]) for row in rows]


def _chains(address: str) -> dict[UUID, list[sa.Row]]:
    """Upcoming visits with all they replaced, oldest first, if the number was texted of any."""
    moment = clock.now()
    texted = sa.select(Message.about_id).where(
        Message.address == address,
        Message.direction == "out",
        Message.audience == "patient",
        Message.created_at > moment - REMEMBERED_FOR,
        Message.about_id.is_not(None),
    )
    link = (Appointment.id, Appointment.rescheduled_from_id)
    people = sa.select(Appointment.patient_id).where(Appointment.id.in_(texted))
    chain = (
        sa.select(Appointment.id.label("newest"), *link)
        .where(
            Appointment.patient_id.in_(people),
            Appointment.starts_at > moment,
            Appointment.status.in_(sorted(UPCOMING)),
        )
        .cte("chain", recursive=True)
    )
    replaced = Appointment.id == chain.c.rescheduled_from_id
    chain = chain.union_all(sa.select(chain.c.newest, *link).where(replaced))
    rows = db.session.execute(
        sa.select(
            chain.c.newest,
            Appointment.code,
            Appointment.starts_at,
            Appointment.created_at,
            Appointment.id.in_(texted).label("is_texted"),
        )
        .join(chain, chain.c.id == Appointment.id)
        .order_by(Appointment.created_at)
    ).all()
    found: dict[UUID, list[sa.Row]] = {row.newest: [] for row in rows if row.is_texted}
    for row in rows:
        if row.newest in found:
            found[row.newest].append(row)
    return found


def _describe(row: sa.Row, chain: Sequence[sa.Row]) -> _Known:
    visit: Appointment = row.Appointment
    status, zone = Status(visit.status), clock.zone(row.timezone)
    notice = row.cancel_notice_minutes
    candidate = Candidate(
        id=visit.id,
        patient_id=visit.patient_id,
        codes=frozenset(one.code for one in chain),
        can_confirm=lifecycle.may(status, "confirm", By.PATIENT),
        is_confirmed=status is Status.CONFIRMED,
        is_pending=status is Status.PENDING,
        can_cancel=lifecycle.may(status, "cancel", By.PATIENT)
        and lifecycle.can_cancel(visit.starts_at, clock.now(), notice),
    )
    times = tuple((one.created_at, _when(one.starts_at, zone)) for one in chain)
    when = _when(visit.starts_at, zone)
    return _Known(candidate, visit.organisation_id, row.name, row.phone, when, times)


def _when(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{saying.day(local.date(), clock.today(zone).year)}, {local:%H:%M}"


def _explain(
    decision: Decision, chosen: _Known | None, known: Sequence[_Known], address: str
) -> Answer:
    """Words for doing nothing; what a person must answer goes before the desk as well."""
    shown = chosen or (known[0] if known else None)
    place = shown.organisation_id if shown else last_to_text(address)
    about = chosen.candidate.id if chosen else None
    if decision.reason is Reason.WHICH:
        return Answer(_list(known), None, place)
    words = _words(decision, shown)
    return Answer(words, about, place, for_people=decision.reason is Reason.UNKNOWN)


def _say(name: str, rest: str) -> str:
    """`name: rest` in one text; the name gives way, never the rest."""
    name = rendering.plain(name)
    for most in (gsm.units(name), *rendering.SHORTER):
        text = f"{gsm.shorten(name, most)}: {rest}"
        if gsm.fits(rendering.with_secrets(text)):
            return text
    return rest


def _words(decision: Decision, shown: _Known | None) -> str:
    if shown is None:
        return "We know no upcoming visit for this number. Please call your clinic."
    call = f"call {shown.phone}" if shown.phone else "call us"
    words = {
        Reason.NONE: f"we know no visit with that code. Please {call}.",
        Reason.WHOSE: "this number is shared. Reply CONFIRM or CANCEL and the code.",
        Reason.TOO_LATE: f"it is too late to change {shown.when} by text. Please {call}.",
        Reason.NOT_ACCEPTED: f"your request for {shown.when} is not accepted yet.",
        Reason.ALREADY: f"your visit on {shown.when} is confirmed already.",
        Reason.UNKNOWN: (
            "sorry, only C or X can be read here. "
            f"See your visit: {{link:visit:{shown.candidate.id}}}"
        ),
    }
    return _say(shown.organisation, words[decision.reason or Reason.UNKNOWN])


def _list(known: Sequence[_Known]) -> str:
    """As many as one text holds: `Harbour: ... Reply 1A or 2A: Tue 24 Nov, 09:30; 1B or ...`"""
    lines = [
        f"1{letter} or 2{letter}: {one.when}"
        for letter, one in zip("ABCD", known[:MOST_LISTED], strict=False)
    ]
    while True:
        text = _say(known[0].organisation, "1 confirms, 2 cancels. Reply " + "; ".join(lines))
        if gsm.fits(text):
            return text
        lines.pop()
