"""The board of a day, in the reader's language."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from clinic.access.roles import READ_REASONS, may
from clinic.appointments.board.day import REQUESTS, Day, Figures, Line
from clinic.appointments.board.waiting import Counts, Waiting
from clinic.appointments.reading.visit import Visit
from clinic.appointments.reading.words import requested_or_booked
from clinic.appointments.vocabulary import FINISHED, Status
from clinic.core import clock, saying

STEPS = {  # what a board's button says
    "accept": _l("Accept"),
    "check_in": _l("Check in"),
    "start": _l("Start"),
    "complete": _l("Complete"),
    "confirm": _l("Confirm"),
    "no_show": _l("No-show"),
    "undo_check_in": _l("Undo check-in"),
    "undo_start": _l("Undo start"),
    "undo_complete": _l("Undo complete"),
    "undo_no_show": _l("Undo no-show"),
    "reschedule": _l("Move"),
    "cancel": _l("Cancel"),
}
CANCELLED = {  # by the reason that is kept
    "by_patient": _l("Cancelled by patient"),
    "by_doctor": _l("Cancelled by doctor"),
    "by_staff": _l("Cancelled by staff"),
    "by_system": _l("Cancelled by system"),
    "by_reply": _l("Cancelled by reply"),
    "not_accepted": _l("Cancelled not accepted"),
    "not_proven": _l("Not confirmed in time, free again"),
    "not_theirs": _l("Not booked by whose address it is"),
    "doctor_left": _l("Cancelled, the doctor left"),
    "organisation_closed": _l("Cancelled, the clinic closed"),
    "place_closed": _l("Cancelled, the place closed"),
    "hours_ended": _l("Cancelled, the hours ended"),
    "patient_died": _l("Cancelled, the patient died"),
    "patient_left": _l("Cancelled, no longer a patient"),
}
DECLINE = _l("Decline")
NO_SHOW_STAYS = timedelta(hours=1)
ASIDE = ("undo", "reschedule", "cancel")  # never the one thing to do next


@dataclass(frozen=True, slots=True)
class Action:
    step: str  # as in lifecycle.STEPS; the URL says check-in for check_in
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    id: UUID
    time: str
    starts_at: str  # ISO 8601
    name: str
    doctor: str  # "" on a doctor's own board
    note: str
    phone: str  # E.164, where they are to be called, or ""
    status: str
    status_text: str
    primary: Action | None
    more: tuple[Action, ...]
    is_current: bool
    is_finished: bool
    folds: bool  # what is over stands back


@dataclass(frozen=True, slots=True)
class Stat:
    show: str  # what the board lists by it
    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Task:
    """A sentence of the strip; `leads_to` is `requests`, `left`, `texts` or `tomorrow`."""

    leads_to: str
    text: str


@dataclass(frozen=True, slots=True)
class Board:
    day: date
    title: str  # "Friday 20 November"
    is_today: bool
    previous: date
    following: date
    now_label: str
    now_index: int | None  # the "now" line stands before this row; None on other days
    rows: tuple[Row, ...]
    show: str  # as in day.FILTERS, or ""
    finished: int  # rows that fold
    finished_label: str
    stats: tuple[Stat, ...]
    tasks: tuple[Task, ...]
    topic: str
    zone_label: str


def board(day: Day) -> Board:
    labels = {step: str(words) for step, words in STEPS.items()}
    noon = clock.day_bounds(day.day, day.zone)[0] + timedelta(hours=12)
    rows = tuple(_row(line, labels, day) for line in day.lines)
    finished = sum(row.folds for row in rows)
    return Board(
        day=day.day,
        title=_("Requests") if day.show == REQUESTS else saying.whole_day(day.day, day.today.year),
        is_today=day.day == day.today,
        previous=day.day - timedelta(days=1),
        following=day.day + timedelta(days=1),
        now_label=saying.time(clock.now(), day.zone),
        now_index=day.begun,
        rows=rows,
        show=day.show,
        finished=finished,
        finished_label=ngettext("%(num)s finished visit.", "%(num)s finished visits.", finished),
        stats=_stats(day.figures),
        tasks=tasks(day.waiting),
        topic=day.topic,
        zone_label=saying.zone(noon, day.zone),
    )


def waits(counts: Counts) -> dict[str, str]:
    """What the navigation says of them, by the key of each link that counts: "" for nothing."""
    said = {"board": ""}
    if counts.undecided:
        said["board"] = ngettext("%(num)s to decide", "%(num)s to decide", counts.undecided)
    if counts.texts is not None:
        words = ngettext("%(num)s needs a look", "%(num)s need a look", counts.texts)
        said["messages"] = words if counts.texts else ""
    if counts.replies is not None:
        words = ngettext("%(num)s waits for a reply", "%(num)s wait for a reply", counts.replies)
        said["inbox"] = words if counts.replies else ""
    return said


def tasks(waiting: Waiting) -> tuple[Task, ...]:
    """The strip above the queue."""
    return tuple(_tasks(waiting))


def _tasks(waiting: Waiting) -> Iterator[Task]:
    if waiting.requests:
        text = ngettext("%(num)s request waits", "%(num)s requests wait", waiting.requests)
        yield Task("requests", text)
    if waiting.left:
        text = ngettext(
            "%(num)s visit of a doctor who left waits",
            "%(num)s visits of doctors who left wait",
            waiting.left,
        )
        yield Task("left", text)
    if waiting.texts:
        text = ngettext("%(num)s text needs a look", "%(num)s texts need a look", waiting.texts)
        yield Task("texts", text)
    if waiting.not_confirmed:
        yield Task("tomorrow", _("%(many)s not confirmed for tomorrow", many=waiting.not_confirmed))


def _row(line: Line, labels: dict[str, str], day: Day) -> Row:
    visit = line.visit
    is_request = day.show == REQUESTS
    actions = tuple(
        Action(step, str(DECLINE) if is_request and step == "cancel" else labels[step])
        for step in line.steps
        if not is_request or step in ("accept", "cancel")
    )
    primary = actions[0] if actions and not actions[0].step.startswith(ASIDE) else None
    return Row(
        id=visit.id,
        time=saying.time(visit.starts_at, visit.zone),
        starts_at=visit.starts_at.isoformat(),
        name=visit.patient,
        doctor=visit.doctor if day.names_doctors else "",
        note=_note(visit, saying.day(visit.starts_on, day.today.year) if is_request else ""),
        phone=line.phone or "",
        status=str(visit.shown_status),
        # Another word than the badge's own, or "".
        status_text=requested_or_booked(visit) if visit.status is Status.PENDING else "",
        primary=primary,
        more=actions[1:] if primary else actions,
        is_current=visit.status is Status.IN_PROGRESS,
        is_finished=visit.status in FINISHED,
        folds=_folds(visit),
    )


def _folds(visit: Visit) -> bool:
    """A no-show stays in sight while somebody may still come late."""
    if visit.status is Status.NO_SHOW:
        return clock.now() - visit.updated_at >= NO_SHOW_STAYS
    return visit.status in FINISHED


def _note(visit: Visit, of_day: str) -> str:
    """The reason is for the care team; the front desk sees logistics only."""
    parts = [of_day]
    parts += [visit.reason] if visit.reason and may(visit.by, READ_REASONS) else []
    parts.append(_hold(visit))
    parts += [_("The doctor left")] if visit.is_left else []
    parts.append(_lately(visit))
    parts.append(visit.code)
    return ". ".join(filter(None, parts))


def _hold(visit: Visit) -> str:
    """Of whom nobody knows who they are."""
    if not visit.is_held or visit.held_until is None:
        return ""
    if visit.held_until <= clock.now():
        return _("No code entered: call them, then confirm or cancel")
    return _(
        "No code entered yet, held until %(time)s", time=saying.time(visit.held_until, visit.zone)
    )


def _lately(visit: Visit) -> str:
    if visit.status is Status.CHECKED_IN and visit.checked_in_at:
        return _("Waiting since %(time)s", time=saying.time(visit.checked_in_at, visit.zone))
    if visit.status is Status.IN_PROGRESS and visit.started_at:
        return _("Started %(time)s", time=saying.time(visit.started_at, visit.zone))
    if visit.status is Status.CANCELLED and visit.cancel_reason:
        return str(CANCELLED.get(visit.cancel_reason, _("Cancelled")))
    return ""


def _stats(day: Figures) -> tuple[Stat, ...]:
    return (
        Stat("", _("All visits"), str(day.kept), _("%(many)s cancelled", many=day.cancelled)),
        Stat("waiting", _("Waiting"), str(day.waiting), _longest(day.longest_wait)),
        Stat(
            "not_confirmed",
            _("Not confirmed"),
            str(day.not_confirmed),
            _("of %(many)s to come", many=day.to_come),
        ),
        Stat("done", _("Done"), str(day.seen), _("%(many)s in progress", many=day.in_progress)),
        Stat("missed", _("No-shows"), str(day.missed), _("of %(many)s", many=day.kept)),
    )


def _longest(minutes: int | None) -> str:
    if minutes is None:
        return _("nobody waits")
    return _("longest %(minutes)s min", minutes=minutes)
