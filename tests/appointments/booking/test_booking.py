"""What can be booked, by whom, and what the booking then is."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.appointments.booking import book as booking
from clinic.appointments.booking.book import BookingRequest
from clinic.appointments.errors import PatientBusy, SlotNotOffered, SlotTaken, TooManyOpen
from clinic.appointments.models import Appointment
from clinic.appointments.offer import diary as offer_diary
from clinic.appointments.offer import practice
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.errors import NotFound, TooMany
from clinic.doctors.models import Doctor
from clinic.events.models import EventDelivery, EventRow
from clinic.patients.models import PatientOrganisation
from clinic.schedules import service as schedules
from tests.cast import NOW, TODAY, at
from tests.factories import (
    book,
    day_window,
    known_to,
    many_patients,
    set_rules,
    take,
    withdraw_all,
)
from tests.questions import asked

pytestmark = pytest.mark.usefixtures("in_app")

TOMORROW = TODAY + timedelta(days=1)
SATURDAY = TODAY + timedelta(days=5)


def test_a_patient_books_the_first_seat_of_a_free_slot(cast):
    visit = book(cast.asha, cast.dr_chandra, "09:00")
    assert (visit.status, visit.seat, visit.version) == ("pending", 1, 1)
    assert (visit.starts_at, visit.ends_at) == (at("09:00"), at("09:30"))
    assert visit.organisation_id == cast.harbour
    assert visit.location_id == cast.quay_street
    assert visit.booked_by == cast.asha.user_id
    assert db.session.get(Appointment, visit.id, populate_existing=True).reason == "Blood pressure"


def test_who_may_book_and_how_they_are_reached_is_one_question(cast):
    with asked() as heard:
        book(cast.asha, cast.dr_chandra, "09:00")
    assert len([one for one in heard if "users.phone" in one]) == 1
    assert len([one for one in heard if one.startswith(("SELECT", "INSERT"))]) <= 13, heard


def test_a_booking_is_an_event_of_ids_only_and_waits_for_its_handler(cast):
    visit = book(cast.asha, cast.dr_chandra)
    event = db.session.scalars(sa.select(EventRow).filter_by(name="appointment.created")).one()
    assert event.topic == "appointment.created"
    assert (event.actor_id, event.actor_role) == (cast.asha.user_id, "patient")
    assert event.organisation_id == cast.harbour
    assert event.payload == {
        "appointment_id": str(visit.id),
        "doctor_id": str(cast.dr_chandra.doctor_id),
        "patient_id": str(cast.asha.patient_id),
        "status": "pending",
    }
    waiting = db.session.scalars(sa.select(EventDelivery).filter_by(event_id=event.id)).all()
    handlers = {one.handler for one in waiting}
    assert handlers == {"appointments.on_created", "reminders.on_created"}


def test_a_patient_cannot_book_a_taken_slot(cast):
    book(cast.asha, cast.dr_chandra)
    with pytest.raises(SlotTaken):
        book(cast.bela, cast.dr_chandra)


def test_a_refused_booking_leaves_nothing_behind(cast):
    book(cast.asha, cast.dr_chandra)
    events = db.session.scalar(sa.select(sa.func.count()).select_from(EventRow))
    with pytest.raises(SlotTaken):
        book(cast.bela, cast.dr_chandra)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(EventRow)) == events
    assert db.session.get(PatientOrganisation, (cast.bela.patient_id, cast.harbour)) is None


def test_a_cancelled_seat_is_free_again(cast):
    take(book(cast.asha, cast.dr_chandra), "cancel", by=cast.asha)
    assert book(cast.bela, cast.dr_chandra).seat == 1


def test_the_lowest_free_seat_is_taken(cast):
    visits = [book(who, cast.dr_dev) for who in many_patients(3)]
    assert [visit.seat for visit in visits] == [1, 2, 3]
    take(visits[1], "cancel", by=cast.esha)
    assert book(cast.asha, cast.dr_dev).seat == 2
    with pytest.raises(SlotTaken):
        book(cast.bela, cast.dr_dev)


def test_a_patient_is_not_in_two_places_at_once(cast):
    book(cast.asha, cast.dr_chandra, "09:00")
    with pytest.raises(PatientBusy):
        book(cast.asha, cast.dr_dev, "09:00")


@pytest.mark.parametrize(
    ("wall", "fits"), [("08:30", True), ("08:45", False), ("09:15", False), ("09:30", True)]
)
def test_visits_of_a_patient_may_touch_but_not_overlap(cast, wall, fits):
    withdraw_all(cast.dr_dev)
    ends = f"{int(wall[:2]) + 1:02}{wall[2:]}"
    day_window(cast.dr_dev, cast.quay_street, TOMORROW, f"{wall}-{ends}")
    book(cast.asha, cast.dr_chandra, at("09:00", TOMORROW))
    if fits:
        assert book(cast.asha, cast.dr_dev, at(wall, TOMORROW)).seat == 1
        return
    with pytest.raises(PatientBusy):
        book(cast.asha, cast.dr_dev, at(wall, TOMORROW))


@pytest.mark.parametrize(
    "start",
    [
        at("09:00", TODAY - timedelta(days=3)),
        at("09:10"),
        at("08:30"),
        at("12:00"),
        at("09:00", SATURDAY),
        at("09:00") + timedelta(seconds=1),
        datetime(1900, 1, 1, tzinfo=UTC),
        datetime(2100, 1, 1, tzinfo=UTC),
    ],
    ids=["past", "misaligned", "before", "after", "weekend", "a second late", "1900", "2100"],
)
def test_only_the_doctors_own_times_can_be_booked(cast, start):
    with pytest.raises(SlotNotOffered):
        book(cast.asha, cast.dr_chandra, start)


def test_the_desk_cannot_book_the_past_either(cast):
    known_to(cast.harbour, cast.asha)
    with clock.travelled(at("09:01")), pytest.raises(SlotNotOffered):
        book(cast.asha, cast.dr_chandra, "09:00", by=cast.esha)


def test_an_unknown_or_inactive_doctor_offers_nothing(cast):
    request = BookingRequest(uuid4(), cast.asha.patient_id, at("09:00"), "x")
    with pytest.raises(SlotNotOffered):
        booking.book(request, cast.asha.actor)
    deactivate(cast.dr_chandra)
    with pytest.raises(SlotNotOffered):
        book(cast.asha, cast.dr_chandra)


def deactivate(doctor):
    from clinic.core.data.db import transactional

    @transactional
    def run():
        db.session.get(Doctor, doctor.doctor_id).is_active = False

    run()


def test_a_patient_needs_an_hours_notice_and_the_desk_none(cast):
    known_to(cast.harbour, cast.bela)
    with clock.travelled(at("08:00") + timedelta(seconds=1)):
        with pytest.raises(SlotNotOffered):
            book(cast.asha, cast.dr_chandra, "09:00")
        assert book(cast.bela, cast.dr_chandra, "09:00", by=cast.esha).seat == 1


def test_exactly_the_notice_is_enough(cast):
    with clock.travelled(at("08:00")):
        assert book(cast.asha, cast.dr_chandra, "09:00").seat == 1


def test_a_patient_books_eight_weeks_ahead_and_the_desk_further(cast):
    known_to(cast.harbour, cast.asha)
    last, beyond = NOW.date() + timedelta(days=56), NOW.date() + timedelta(days=57)
    with clock.travelled(at("09:00")):
        assert book(cast.asha, cast.dr_chandra, at("09:00", last)).seat == 1
        with pytest.raises(SlotNotOffered):
            book(cast.asha, cast.dr_chandra, at("09:00", beyond))
        assert book(cast.asha, cast.dr_chandra, at("09:00", beyond), by=cast.esha).seat == 1


def test_a_visit_of_an_older_grid_still_takes_its_time(cast):
    """Half hours became whole hours: 9:00 is full because somebody has 9:30."""
    book(cast.asha, cast.dr_chandra, at("09:30", TOMORROW))
    withdraw_all(cast.dr_chandra)
    day_window(cast.dr_chandra, cast.quay_street, TOMORROW, "09:00-12:00", slot_minutes=60)
    with pytest.raises(SlotTaken):
        book(cast.bela, cast.dr_chandra, at("09:00", TOMORROW))
    assert book(cast.bela, cast.dr_chandra, at("10:00", TOMORROW)).seat == 1


def test_a_long_visit_takes_all_the_short_slots_under_it(cast):
    withdraw_all(cast.dr_chandra)
    long = day_window(cast.dr_chandra, cast.quay_street, TOMORROW, "09:00-12:00", slot_minutes=60)
    book(cast.asha, cast.dr_chandra, at("09:00", TOMORROW))
    schedules.withdraw_window(long.id, cast.dr_chandra.actor, "keep")
    day_window(cast.dr_chandra, cast.quay_street, TOMORROW, "09:00-12:00")
    for wall in ("09:00", "09:30"):
        with pytest.raises(SlotTaken):
            book(cast.bela, cast.dr_chandra, at(wall, TOMORROW))
    assert book(cast.bela, cast.dr_chandra, at("10:00", TOMORROW)).seat == 1


def test_a_window_takes_no_more_patients_than_it_says(cast):
    withdraw_all(cast.dr_chandra)
    day_window(cast.dr_chandra, cast.quay_street, TOMORROW, "09:00-12:00", max_patients=2)
    first = book(cast.asha, cast.dr_chandra, at("09:00", TOMORROW))
    book(cast.bela, cast.dr_chandra, at("11:00", TOMORROW))
    (other,) = many_patients(1)
    with pytest.raises(SlotTaken):
        book(other, cast.dr_chandra, at("10:00", TOMORROW))
    take(first, "cancel", by=cast.asha)
    assert book(other, cast.dr_chandra, at("10:00", TOMORROW)).seat == 1


def test_what_a_page_offers_is_what_can_be_booked(cast):
    book(cast.bela, cast.dr_dev, "09:30")
    doctor = cast.dr_dev.doctor_id
    diary = offer_diary.diaries(practice.practices([doctor]), TODAY, TOMORROW)[doctor]
    offered = [slot.start for slot in diary.free(TODAY, TOMORROW)]
    assert len(offered) == 12
    for start, who in zip(offered, many_patients(len(offered)), strict=True):
        assert book(who, cast.dr_dev, start).starts_at == start


def test_ten_bookings_an_hour_are_enough(cast):
    for number in range(10):
        day = TODAY + timedelta(days=number % 5)
        visit = book(cast.asha, cast.dr_chandra, at(("09:00", "10:00")[number % 2], day))
        take(visit, "cancel", by=cast.esha)
    with pytest.raises(TooMany) as refused:
        book(cast.asha, cast.dr_chandra, at("11:00", TOMORROW))
    assert refused.value.retry_after_s == 3600
    with clock.travelled(NOW + timedelta(minutes=61)):
        assert book(cast.asha, cast.dr_chandra, at("11:00", TOMORROW)).seat == 1


def test_ten_open_appointments_are_enough_and_the_desk_may_add_more(cast):
    for number in range(10):
        day = TODAY + timedelta(days=7 + number % 5)
        with clock.travelled(NOW + timedelta(minutes=10 * number)):
            visit = book(cast.asha, cast.dr_chandra, at(f"1{number // 5}:00", day))
    with clock.travelled(NOW + timedelta(hours=3)):
        with pytest.raises(TooManyOpen):
            book(cast.asha, cast.dr_chandra, at("11:30", TOMORROW))
        assert book(cast.asha, cast.dr_chandra, at("11:30", TOMORROW), by=cast.esha).seat == 1
        take(visit, "cancel", by=cast.asha)
        take_back = at("09:30", TODAY + timedelta(days=8))
        with pytest.raises(TooManyOpen):  # the desk's one counts as open too
            book(cast.asha, cast.dr_chandra, take_back)


def test_the_desk_books_only_patients_the_organisation_knows(cast):
    with pytest.raises(NotFound):
        book(cast.asha, cast.dr_chandra, by=cast.esha)
    known_to(cast.harbour, cast.asha)
    visit = book(cast.asha, cast.dr_chandra, by=cast.esha)
    assert visit.booked_by == cast.esha.user_id


@pytest.mark.parametrize(
    ("patient", "doctor", "by"),
    [
        ("asha", "dr_chandra", "bela"),
        ("asha", "dr_chandra", "farid"),
        ("asha", "dr_hana", "esha"),
        ("asha", "dr_chandra", "dr_chandra"),
        ("asha", "dr_chandra", "dr_hana"),
    ],
    ids=[
        "another patient",
        "staff elsewhere",
        "staff for a doctor elsewhere",
        "the doctor",
        "a doctor elsewhere",
    ],
)
def test_nobody_books_for_a_patient_who_is_not_theirs(cast, patient, doctor, by):
    people = cast.people
    known_to(cast.harbour, cast.asha)
    known_to(cast.elsewhere, cast.asha)
    start = at("09:30") if doctor == "dr_chandra" else datetime(2026, 11, 17, 3, 30, tzinfo=UTC)
    with pytest.raises(NotFound):
        book(people[patient], people[doctor], start, by=people[by])


def test_the_superadmin_books_for_anybody(cast):
    assert book(cast.asha, cast.dr_hana, datetime(2026, 11, 17, 3, 30, tzinfo=UTC), cast.gita)


def test_a_first_booking_makes_the_patient_known_to_the_clinic(cast):
    request = BookingRequest(
        cast.dr_chandra.doctor_id, cast.asha.patient_id, at("09:00"), "Cough", channel="whatsapp"
    )
    visit = booking.book(request, cast.asha.actor)
    assert visit.channel == "whatsapp"
    link = db.session.get(PatientOrganisation, (cast.asha.patient_id, cast.harbour))
    assert (link.channel, link.email) == ("whatsapp", cast.asha.email)
    assert link.phone == "+447700900000"


def test_a_later_booking_keeps_what_the_clinic_already_knows(cast):
    known_to(cast.harbour, cast.asha)
    before = db.session.get(PatientOrganisation, (cast.asha.patient_id, cast.harbour))
    number, phone = before.record_number, before.phone
    book(cast.asha, cast.dr_chandra)
    link = db.session.get(
        PatientOrganisation, (cast.asha.patient_id, cast.harbour), populate_existing=True
    )
    assert (link.record_number, link.phone) == (number, phone)


def test_reference_codes_have_no_letters_that_read_like_others(cast):
    codes = {booking._new_code() for _ in range(2000)}
    assert len(codes) > 1990
    letters = set("".join(codes))
    assert {len(code) for code in codes} == {5}
    assert not letters & set("IO01")
    assert letters <= set("ABCDEFGHJKLMNPQRSTUVWXYZ23456789")
    assert len(letters) == 32


def test_a_code_that_is_taken_is_not_given_again(cast, monkeypatch):
    first = book(cast.asha, cast.dr_chandra)
    letters = iter(f"{first.code}B2C3D")
    monkeypatch.setattr(booking.secrets, "choice", lambda _letters: next(letters))
    assert book(cast.bela, cast.dr_chandra, "10:00").code == "B2C3D"


def test_a_slot_of_the_25_hour_day_is_booked_at_its_instant(cast):
    """The clocks went back at 2:00 on 25 October; the surgery is at nine by the new time."""
    day = date(2026, 10, 25)
    day_window(cast.dr_chandra, cast.quay_street, day, "00:30-03:30")
    set_rules(cast.harbour, minimum_notice_minutes=0)
    with clock.travelled(datetime(2026, 10, 24, 12, 0, tzinfo=UTC)):
        people = many_patients(8)
        starts = [datetime(2026, 10, 24, 23, 30, tzinfo=UTC) + timedelta(minutes=30 * n)
                  for n in range(8)]  # fmt: skip
        for who, start in zip(people, starts, strict=True):
            assert book(who, cast.dr_chandra, start).starts_at == start
        with pytest.raises(SlotNotOffered):
            book(cast.asha, cast.dr_chandra, datetime(2026, 10, 25, 3, 30, tzinfo=UTC))
