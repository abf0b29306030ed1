"""One statement finds what the plain reads find one by one: who asks, and what is offered."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.access.bearer import Bearer
from clinic.access.roles import BOOK_FOR_PATIENTS
from clinic.accounts.models import TokenFamily, User
from clinic.accounts.sessions import programs
from clinic.accounts.sessions.person import SignedIn
from clinic.appointments.models import Appointment
from clinic.appointments.offer import openings
from clinic.appointments.offer.at_once import MOST_DAYS, find
from clinic.appointments.offer.diary import diaries
from clinic.appointments.offer.openings import Offer
from clinic.appointments.offer.practice import practices
from clinic.appointments.vocabulary import Status
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import BadRange, NotFound
from clinic.organisations.models import Organisation
from clinic.schedules.models import Schedule, TimeOff
from clinic.schedules.slots import slots_between
from tests.cast import NOW, Cast
from tests.factories import set_rules
from tests.questions import asked
from tests.stages import PostgresStage, Stage

CALLERS = ("asha", "dr_chandra", "esha", "farid", "amir", "gita")
ENDED, DEACTIVATED, OVER = "ended", "deactivated", "over"
ZONES = (
    "Europe/London", "Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati", "Pacific/Pago_Pago",
)  # fmt: skip
quick = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@dataclass(frozen=True)
class World:
    zone: str
    now: datetime
    rules: dict[str, int]
    windows: list[dict[str, Any]]
    visits: dict[int, tuple[int, int | None, str]]  # half hours after the start of the days: ...
    absences: list[tuple[int, int]]  # half hours
    first: int | None  # days from today in UTC
    last: int | None

    @property
    def days(self) -> tuple[date | None, date | None]:
        today = self.now.date()
        first, last = (
            None if one is None else today + timedelta(days=one) for one in (self.first, self.last)
        )
        return first, last

    def half_hour(self, number: int) -> datetime:
        day = datetime.combine(self.now.date(), time(), UTC)
        return day - timedelta(days=2) + timedelta(minutes=30 * number)


walls = st.integers(0, 47).map(lambda half: time(half // 2, half % 2 * 30))


@st.composite
def window(draw: st.DrawFn) -> dict[str, Any]:
    start, end = sorted(draw(st.lists(walls, min_size=2, max_size=2, unique=True)))
    weekly = draw(st.booleans())
    return {
        "start_time": start,
        "end_time": end,
        "slot_minutes": draw(st.sampled_from((15, 30, 50, 60))),
        "capacity": draw(st.integers(1, 3)),
        "max_patients": draw(st.none() | st.integers(1, 3)),
        "weekday": draw(st.integers(0, 6)) if weekly else None,
        "on_day": None if weekly else draw(st.integers(-2, 4)),
        "withdrawn": draw(st.integers(0, 5)) == 0,
    }


half_hours = st.integers(0, 48 * 6) | st.integers(0, 48 * 34)
worlds = st.builds(
    World,
    zone=st.sampled_from(ZONES),
    now=st.sampled_from((NOW, NOW.replace(hour=23), datetime(2026, 10, 24, 22, 10, tzinfo=UTC))),
    rules=st.fixed_dictionaries(
        {
            "minimum_notice_minutes": st.sampled_from((0, 60, 1440)),
            "booking_horizon_days": st.integers(1, 5),
        }
    ),
    windows=st.lists(window(), max_size=6),
    visits=st.dictionaries(
        half_hours,
        st.tuples(
            st.integers(1, 16), st.none() | st.integers(1, 3), st.sampled_from(sorted(Status))
        ),
        max_size=8,
    ),
    absences=st.lists(st.tuples(half_hours, st.integers(1, 60)), max_size=2),
    first=st.none() | st.integers(-2, 3),
    last=st.none() | st.integers(-2, 3) | st.sampled_from((28, 31, 32, 400)),
)


@transactional
def build(world: World, cast: Cast) -> None:
    doctor, patient = cast.dr_chandra.doctor_id, cast.asha.patient_id
    for table in (Appointment, TimeOff, Schedule):
        db.session.execute(sa.delete(table).where(table.doctor_id == doctor))
    db.session.get(Organisation, cast.harbour).timezone = world.zone
    set_rules(cast.harbour, **world.rules)
    common = {"organisation_id": cast.harbour, "doctor_id": doctor, "created_at": NOW}
    here = {**common, "location_id": cast.quay_street}
    for one in [*world.windows, {"start_time": time(8), "end_time": time(9), "weekday": 2}]:
        made = {name: value for name, value in one.items() if name not in ("on_day", "withdrawn")}
        if one.get("on_day") is not None:
            made["on_date"] = world.now.date() + timedelta(days=one["on_day"])
        made["withdrawn_at"] = NOW if one.get("withdrawn") else None
        held = Schedule(id=uuid4(), **here, **made)
        db.session.add(held)
    db.session.flush()
    for number, (length, seat, status) in world.visits.items():
        start = world.half_hour(number)
        visit = Appointment(
            starts_at=start, ends_at=start + timedelta(minutes=30 * length), seat=seat,
            status=status, patient_id=patient, schedule_id=held.id, reason="", source="web",
            code=f"T{number}", channel="sms", updated_at=NOW, **here,
        )  # fmt: skip
        db.session.add(visit)
    for start, length in world.absences:
        times = {"starts_at": world.half_hour(start), "ends_at": world.half_hour(start + length)}
        db.session.add(TimeOff(id=uuid4(), **common, **times))


def bearers(cast: Cast) -> dict[str, Bearer | None]:
    """Of everybody; one whose family was ended, one whose account was, one that is over."""
    people = {name: cast.people[name].user_id for name in CALLERS}
    people |= {ENDED: cast.esha.user_id, OVER: cast.esha.user_id}
    people[DEACTIVATED] = cast.bela.user_id
    return {"nobody": None} | {name: _bearer(name, user_id) for name, user_id in people.items()}


@transactional
def _bearer(name: str, user_id: UUID) -> Bearer:
    family = TokenFamily(
        id=uuid4(), user_id=user_id, refresh_hash=uuid4().hex, client="", created_at=NOW,
        seen_at=NOW, expires_at=NOW - timedelta(days=60) if name == OVER else NOW + timedelta(60),
    )  # fmt: skip
    family.ended_at = NOW if name == ENDED else None
    db.session.add(family)
    if name == DEACTIVATED:
        db.session.get(User, user_id).is_active = False
    return Bearer(family.id, user_id)


def plain_person(bearer: Bearer | None) -> SignedIn | None:
    if bearer is None:
        return None
    row = db.session.execute(programs.WHO, programs.asked(bearer)).one_or_none()
    return SignedIn(token="", **row._mapping) if row else None


def plain_offer(doctor_id: UUID, first: date | None, last: date | None, who: Any) -> Offer:
    """Read by read, as pages and the booking do it."""
    practice = practices([doctor_id]).get(doctor_id)
    if practice is None:
        raise NotFound
    if (
        who
        and who.may(BOOK_FOR_PATIENTS)
        and who.organisation_id in (None, practice.organisation_id)
    ):
        practice = practices([doctor_id], at_desk=True)[doctor_id]
    first = first or clock.today(practice.zone)
    last = last or first
    if not first <= last < first + timedelta(days=MOST_DAYS):
        raise BadRange(MOST_DAYS)
    diary = diaries({doctor_id: practice}, first, last)[doctor_id]
    slots = slots_between(diary.windows, practice.zone, first, last, off=diary.off, busy=diary.busy)
    bookable = {
        slot: practice.earliest <= slot.start <= practice.latest
        for slot in slots
        if slot.booked or slot.start >= clock.now()
    }
    seen = [
        slot if is_bookable else replace(slot, available=0, free_seat=None)
        for slot, is_bookable in bookable.items()
    ]
    return Offer(doctor_id, practice.zone.key, seen)


def outcome(call: Any, *given: Any) -> Any:
    try:
        return call(*given)
    except (NotFound, BadRange) as error:
        return type(error), error.args


def seen(person: SignedIn | None) -> SignedIn | None:
    return person and replace(person, seen_at=NOW)


@pytest.fixture
def stage(both: Stage):
    with both.app.app_context():
        yield both


def at_once(doctor_id: UUID, first: Any, last: Any, bearer: Bearer | None) -> tuple[Any, Any]:
    """The person, and the offer or its error, with the number of statements."""
    with asked() as heard:
        found = find(doctor_id, first, last, bearer)
        actor = found.who.actor if found.who else None
        offer = outcome(openings.offer, doctor_id, first, last, actor, found)
    reads = [one for one in heard if "SELECT" in one and "UPDATE" not in one]
    assert len(reads) == 1
    return seen(found.who), offer


def test_it_answers_as_the_plain_reads_do(stage: Stage):
    callers = bearers(stage.cast)
    told = set()

    @quick
    @given(world=worlds)
    def check(world: World) -> None:
        build(world, stage.cast)
        doctor = stage.cast.dr_chandra.doctor_id
        with clock.travelled(world.now):
            for name, bearer in callers.items():
                person = plain_person(bearer)
                expected = outcome(plain_offer, doctor, *world.days, person)
                db.session.remove()
                assert at_once(doctor, *world.days, bearer) == (seen(person), expected), name
                told.add((name, person is None))

    check()
    nobodies = {"nobody", ENDED, DEACTIVATED, OVER}
    assert told == {(name, name in nobodies) for name in callers}


def test_its_text_is_short_enough_to_be_read_once(postgres_stage: PostgresStage):
    """psycopg takes longer ones apart at each use: a third of what the whole statement costs."""
    esha = Bearer(uuid4(), uuid4())
    with postgres_stage.app.app_context(), asked() as heard:
        find(uuid4(), None, None, esha)
    assert [len(one) <= 4096 for one in heard] == [True]


@pytest.mark.parametrize("days", [(None, None), (date(2026, 11, 16), date(2027, 11, 16))])
def test_a_doctor_whom_nobody_books_is_not_found_whatever_else_is_wrong(stage: Stage, days):
    @transactional
    def close() -> None:
        db.session.get(Organisation, stage.cast.elsewhere).is_active = False

    close()
    esha = _bearer("esha", stage.cast.esha.user_id)
    for doctor in (uuid4(), stage.cast.dr_hana.doctor_id):
        assert at_once(doctor, *days, None)[1][0] is NotFound
        person, offer = at_once(doctor, *days, esha)
        assert (person.id, offer[0]) == (stage.cast.esha.user_id, NotFound)
