"""How often a booking waits for the database, and what becomes of a twin nobody holds back."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from clinic.appointments.booking import book as booking
from clinic.appointments.booking.book import BookingRequest
from clinic.appointments.errors import PatientBusy, SlotTaken
from clinic.appointments.models import Appointment
from clinic.appointments.reading import lists
from clinic.core.data import idempotency
from clinic.core.data.db import db, transactional
from clinic.core.data.idempotency import IdempotencyKey, KeyReused
from clinic.core.data.trips import writing
from tests.api.conftest import Caller
from tests.cast import Cast
from tests.conftest import Stage, client_of
from tests.crowd import at_once
from tests.factories import book, many_patients, next_week
from tests.trips import Trips, trips

Door = Callable[[Stage, str], tuple[TestResponse, Trips]]

WHO_ASKS, ASKED, WRITTEN = 1, 1, 1


def wish(cast: Cast, start: str = "09:00", reason: str = "Cough") -> BookingRequest:
    who, doctor = cast.asha, cast.dr_chandra
    return BookingRequest(doctor.doctor_id, who.patient_id, next_week(start), reason)


@pytest.fixture
def stage(postgres_stage: Stage):
    postgres_stage.put_back()
    postgres_stage.app.config["WTF_CSRF_ENABLED"] = False
    yield postgres_stage
    postgres_stage.app.config["WTF_CSRF_ENABLED"] = True


@pytest.fixture
def cast(both: Stage):
    with both.app.app_context():
        yield both.cast


def by_api(stage: Stage, wall: str) -> tuple[TestResponse, Trips]:
    body = {
        "doctor_id": str(stage.cast.dr_chandra.doctor_id),
        "start": next_week(wall).isoformat(),
        "reason": "Cough",
    }
    who = Caller(stage.app, stage.cast.asha)
    with stage.app.app_context(), trips() as made:
        answer = who.post("/appointments", body, headers={"Idempotency-Key": wall})
    return answer, made


def by_page(stage: Stage, wall: str) -> tuple[TestResponse, Trips]:
    form = {
        "doctor": str(stage.cast.dr_chandra.doctor_id),
        "start": next_week(wall).isoformat(),
        "reason": "Cough",
        "channel": "sms",
        "idempotency_key": wall,
    }
    client = client_of(stage.app, stage.cast.asha)
    with stage.app.app_context(), trips() as made:
        answer = client.post("/appointments/", data=form)
    return answer, made


@pytest.mark.parametrize(("door", "status"), [(by_api, 201), (by_page, 303)])
def test_a_booking_asks_who_it_is_and_makes_two_trips(stage: Stage, door: Door, status: int):
    door(stage, "09:00")  # the connection has now prepared its statements
    door(stage, "09:30")
    answer, made = door(stage, "10:00")
    assert answer.status_code == status
    assert made.count == WHO_ASKS + ASKED + WRITTEN, made.wire


def test_the_answer_of_the_api_is_what_it_reads_of_the_visit(stage: Stage):
    answer, _ = by_api(stage, "09:00")
    visit = Caller(stage.app, stage.cast.asha).get(f"/appointments/{answer.json['id']}")
    assert answer.json == visit.json


def test_a_refused_booking_writes_nothing(stage: Stage):
    with stage.app.app_context():
        (crowd,) = many_patients(1)
        book(crowd, stage.cast.dr_chandra, next_week("09:00"))
        with trips() as made, pytest.raises(SlotTaken):
            booking.book(wish(stage.cast), stage.cast.asha.actor)
    assert not [line for line in made.wire if "INSERT" in line]


def key(cast: Cast, body: str = "1") -> idempotency.Key | None:
    return idempotency.key_of(cast.asha.user_id, "books", "k", {"body": body})


def test_a_twin_whom_no_lock_holds_back_gets_the_same_answer_or_is_refused(both: Stage):
    """The same key for two doctors and two patients: nothing but the key's row is common."""
    cast = both.cast
    with both.app.app_context():
        (crowd,) = many_patients(1)
        mine, other = key(cast), key(cast, "2")
    theirs = replace(wish(cast), doctor_id=cast.dr_dev.doctor_id, patient_id=crowd.patient_id)
    answers = at_once(
        both.app,
        [lambda: booking.book_once(wish(cast), cast.asha.actor, mine)] * 5
        + [lambda: booking.book_once(theirs, cast.gita.actor, other)] * 5,
    )
    refused = [one for one in answers if isinstance(one, KeyReused)]
    ids = {one.id for one in answers if not isinstance(one, Exception)}
    assert (len(refused), len(ids)) == (5, 1), answers
    with both.app.app_context():
        assert db.session.scalars(sa.select(Appointment.id)).all() == [*ids]
        assert db.session.scalars(sa.select(IdempotencyKey.answer)).all() == [str(*ids)]


def test_the_answer_is_what_is_read_of_the_visit(cast: Cast):
    booked = booking.book_once(wish(cast), cast.asha.actor, key(cast))
    again = booking.book_once(wish(cast), cast.asha.actor, key(cast))
    assert booked.visit == lists.outcome(cast.asha.actor, booked.id).visit
    assert (again.id, again.visit) == (booked.id, None)


@pytest.mark.parametrize(
    ("same", "refusal"), [("doctor_id", SlotTaken), ("patient_id", PatientBusy)]
)
def test_the_indexes_speak_as_the_rules_do(cast: Cast, same: str, refusal: type[Exception]):
    """Two rows that no rule has looked at."""
    (crowd,) = many_patients(1)
    first = book(cast.asha, cast.dr_chandra)
    row = {
        column.name: getattr(first, column.name)
        for column in Appointment.__table__.c
        if column.name not in ("id", "code")
    }
    theirs = {"doctor_id": cast.dr_dev.doctor_id, "patient_id": crowd.patient_id}
    theirs.pop(same)
    second = Appointment(**{**row, **theirs}, code="B2C3D")
    with pytest.raises(refusal):
        transactional(writing.add)(second, booking.TAKEN)


def test_each_name_of_a_refusal_is_that_of_an_index():
    table = Appointment.__table__
    names = {one.name for one in (*table.indexes, *table.constraints)}
    assert booking.TAKEN.keys() <= names
