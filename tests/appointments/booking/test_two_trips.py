"""A booking asks once and writes once: it judges and stores what it would, asked step by step."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from clinic.access.actor import THE_SYSTEM, Actor
from clinic.access.roles import BOOK_FOR_PATIENTS
from clinic.accounts.models import User
from clinic.appointments.booking import book as booking
from clinic.appointments.booking.book import Booked, BookingRequest
from clinic.appointments.errors import PatientBusy, SlotNotOffered, SlotTaken, TooManyOpen
from clinic.appointments.life import scope
from clinic.appointments.life.conflicts import patient_is_busy
from clinic.appointments.models import Appointment, VisitLink
from clinic.appointments.offer.diary import offered_slot
from clinic.appointments.offer.practice import Practice
from clinic.appointments.outside import links
from clinic.appointments.reading import visit as visits
from clinic.appointments.vocabulary import UPCOMING
from clinic.core import clock
from clinic.core.data import idempotency
from clinic.core.data.db import Base, db, is_there, transactional
from clinic.core.data.idempotency import IdempotencyKey, KeyReused
from clinic.core.errors import ClinicError, NotFound, TooMany
from clinic.core.fingerprints import fingerprint
from clinic.doctors.models import Doctor
from clinic.events.models import EventDelivery, EventRow
from clinic.patients.models import Patient, PatientOrganisation
from clinic.patients.people import service as patients
from clinic.schedules import service as schedules
from clinic.schedules.models import Schedule
from clinic.schedules.slots import Slot
from tests.cast import TODAY, Cast, Person, at
from tests.conftest import Stage
from tests.crowd import SIZE
from tests.factories import known_to, many_patients, set_rules


@dataclass(frozen=True)
class Scene:
    """What has happened before somebody books for Asha."""

    doctor: str
    wall: str
    days: int  # from today
    booker: str
    patient: str
    seats: int  # taken of the slot
    is_busy: bool  # with another doctor, a quarter of an hour later
    lately: int
    coming: int
    is_away: bool
    patient_is: str
    approval: bool
    has_phone: bool
    key: str  # "", "new", "replayed" or "reused"


def mostly(usual: list[Any], *seldom: Any) -> st.SearchStrategy[Any]:
    """Or nearly every booking would be refused for one reason or another."""
    return st.sampled_from(usual * (9 // len(usual)) + list(seldom))


scenes = st.builds(
    Scene,
    doctor=mostly(["dr_dev", "dr_chandra", "dr_dev"], "nobody"),
    wall=mostly(["09:00"], "09:30", "09:10", "05:00", "07:00"),
    days=mostly([7], 0, 6, 700),
    booker=mostly(["asha", "esha", "gita"], "bela", "farid", "dr_chandra"),
    patient=mostly(["asha"], "bela", "nobody"),
    seats=mostly([0, 1, 0], 2, 3),
    is_busy=mostly([False], True),
    lately=mostly([0], 9, 10),
    coming=mostly([0], 9, 10),
    is_away=mostly([False], True),
    patient_is=mostly(["known", "new", "known"], "inactive", "dead"),
    approval=st.booleans(),
    has_phone=st.booleans(),
    key=mostly(["new", "", "new"], "replayed", "reused"),
)


def id_of(cast: Cast, name: str, kind: str) -> UUID:
    return uuid4() if name == "nobody" else getattr(cast.people[name], kind)


class Play:
    """A scene, and the booking in it."""

    def __init__(self, cast: Cast, scene: Scene) -> None:
        self.cast, self.scene = cast, scene
        doctor_id = id_of(cast, scene.doctor, "doctor_id")
        patient_id = id_of(cast, scene.patient, "patient_id")
        self.start = at(scene.wall, TODAY + timedelta(days=scene.days))
        self.request = BookingRequest(doctor_id, patient_id, self.start, "Cough", "email", "api")
        self.actor: Actor = cast.people[scene.booker].actor
        self.key = self.key_with("Cough") if scene.key else None
        self.answer: str | None = None
        self.set_up()

    def key_with(self, body: str) -> idempotency.Key | None:
        assert self.actor.user_id
        return idempotency.key_of(self.actor.user_id, "books", "k", {"body": body})

    @transactional
    def set_up(self) -> None:
        scene, asha = self.scene, self.cast.asha
        set_rules(self.cast.harbour, approval_required=scene.approval)
        if scene.seats and scene.doctor != "nobody":
            doctor = self.cast.people[scene.doctor]
            for seat, who in enumerate(many_patients(scene.seats), 1):
                self.visit(who, doctor, self.start, seat=seat)
        if scene.is_busy:
            self.visit(asha, self.cast.dr_dev, self.start + timedelta(minutes=15), seat=9)
        for number in range(max(scene.lately, scene.coming)):
            long_ago = clock.now() - timedelta(hours=2 if number >= scene.lately else 0)
            status = "pending" if number < scene.coming else "completed"
            start = at("09:00", TODAY + timedelta(days=30 + number))
            self.visit(asha, self.cast.dr_dev, start, created_at=long_ago, status=status)
        if scene.is_away and scene.doctor != "nobody":
            doctor = self.cast.people[scene.doctor]
            about = (self.start - timedelta(minutes=20), self.start + timedelta(minutes=10))
            schedules.take_time_off(doctor.doctor_id, *about, "Away", THE_SYSTEM)
        if not scene.has_phone:
            db.session.execute(sa.update(User).where(User.id == asha.user_id).values(phone=None))
        self.set_up_patient()
        if scene.key in ("replayed", "reused"):
            self.answer = str(uuid4())
            idempotency.keep(
                self.key_with("Cough" if scene.key == "replayed" else "Fever"), self.answer
            )

    def set_up_patient(self) -> None:
        how, asha = self.scene.patient_is, self.cast.asha
        if how == "dead":
            known_to(self.cast.harbour, asha)
            dead = sa.update(PatientOrganisation).where(
                PatientOrganisation.patient_id == asha.patient_id
            )
            db.session.execute(dead.values(died_on=clock.now().date()))
        if how in ("known", "inactive"):
            known_to(self.cast.harbour, asha)
            link = sa.update(PatientOrganisation).where(
                PatientOrganisation.patient_id == asha.patient_id
            )
            db.session.execute(link.values(is_active=how == "known"))

    def visit(self, who: Person, doctor: Person, start: datetime, **more: Any) -> None:
        windows = sa.select(Schedule.id).where(Schedule.doctor_id == doctor.doctor_id)
        row = {
            "starts_at": start,
            "ends_at": start + timedelta(minutes=30),
            "created_at": clock.now() - timedelta(hours=2),
            "status": "scheduled",
            "seat": 1,
            **more,
        }
        db.session.add(
            Appointment(
                organisation_id=self.cast.harbour,
                doctor_id=doctor.doctor_id,
                patient_id=who.patient_id,
                schedule_id=db.session.scalars(windows).first(),
                location_id=self.cast.quay_street,
                reason="Cough",
                code=uuid4().hex[:8],
                source="web",
                channel="sms",
                updated_at=row["created_at"],
                **row,
            )
        )
        db.session.flush()


def judged(play: Play) -> tuple[Practice, Slot] | str:
    """Asked step by step: the offered slot, the stored answer, or the code of the refusal."""
    try:
        return _judged(play)
    except ClinicError as error:
        return error.code


def _judged(play: Play) -> tuple[Practice, Slot] | str:
    request, actor, at_desk = play.request, play.actor, play.actor.may(BOOK_FOR_PATIENTS)
    if play.scene.key == "reused":
        raise KeyReused
    if play.answer:
        return play.answer
    offered = offered_slot(request.doctor_id, request.start, at_desk)
    if offered is None:
        raise SlotNotOffered
    if not is_there(Patient.id == request.patient_id, scope.BOOKED_FOR.to(actor)):
        raise NotFound
    if not is_there(Doctor.id == request.doctor_id, scope.BOOKED_WITH.to(actor)):
        raise NotFound
    patients.refuse_inactive(request.patient_id, offered[0].organisation_id)
    _refuse_many(request, at_desk)
    if offered[1].free_seat is None:
        raise SlotTaken
    if patient_is_busy(request.patient_id, offered[1].start, offered[1].end):
        raise PatientBusy
    return offered


def _refuse_many(request: BookingRequest, at_desk: bool) -> None:
    an_hour_ago = clock.now() - timedelta(hours=1)
    theirs = db.session.scalars(
        sa.select(Appointment).where(Appointment.patient_id == request.patient_id)
    ).all()
    coming = [one for one in theirs if one.status in UPCOMING and one.starts_at > clock.now()]
    if not at_desk and sum(one.created_at > an_hour_ago for one in theirs) >= 10:
        raise TooMany("", 0)
    if not at_desk and len(coming) >= 10:
        raise TooManyOpen


def rows() -> dict[str, list[dict[str, Any]]]:
    """All there is in the tables that a booking may write to, and how much in the others."""
    db.session.rollback()
    written = (Appointment, VisitLink, EventRow, EventDelivery, PatientOrganisation)
    found: dict[str, list[dict[str, Any]]] = {}
    for table in Base.metadata.sorted_tables:
        if table in [model.__table__ for model in (*written, IdempotencyKey)]:
            found[table.name] = [
                dict(row) for row in db.session.execute(sa.select(table)).mappings()
            ]
        elif table.name != "doctors":
            many = db.session.scalar(sa.select(sa.func.count()).select_from(table))
            found[table.name] = [{"rows": many}]
    return found


def new_rows(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    assert all(row in after[name] for name in before for row in before[name])
    new = {name: [row for row in after[name] if row not in before[name]] for name in after}
    return {name: found for name, found in new.items() if found}


def version(play: Play) -> int | None:
    chosen = sa.select(Doctor.diary_version).where(Doctor.id == play.request.doctor_id)
    return db.session.scalar(chosen)


def outcome(play: Play) -> Booked | str:
    try:
        return booking.book_once(play.request, play.actor, play.key)
    except ClinicError as error:
        db.session.rollback()
        return error.code


@settings(max_examples=12 * SIZE, deadline=None, suppress_health_check=[*HealthCheck])
@given(scene=scenes)
def test_what_is_judged_and_stored_is_what_single_questions_say(both: Stage, scene: Scene):
    assume(scene.doctor != "nobody" or not scene.key)  # a doctor who has a visit is there
    both.put_back()
    with both.app.app_context():
        play = Play(both.cast, scene)
        expected, before, raised = judged(play), rows(), version(play)
        got = outcome(play)
        new = new_rows(before, rows())
        if isinstance(expected, str):
            assert (got.id if isinstance(got, Booked) else got) in (expected, _id(expected))
            assert new == {}
            return
        assert isinstance(got, Booked)
        _check_rows(play, got.id, new, *expected)
        assert version(play) == (raised or 0) + 1
        assert got.visit == visits.visit(got.id, play.actor)


def _id(text: str) -> UUID | None:
    return UUID(text) if len(text) == len(str(uuid4())) else None


def _check_rows(
    play: Play, visit_id: UUID, new: dict[str, Any], practice: Practice, slot: Slot
) -> None:
    scene, request, moment = play.scene, play.request, clock.now()
    is_new = scene.patient != "asha" or scene.patient_is == "new"
    names = {"appointments", "visit_links", "events", "event_deliveries"}
    names |= {"patient_organisations"} if is_new else set()
    assert new.keys() == names | ({"idempotency_keys"} if play.key else set())

    (visit,) = new["appointments"]
    made = {name: visit.pop(name) for name in ("code", "created_at", "updated_at")}
    assert len(made["code"]) == 5
    assert moment - timedelta(minutes=1) < made["created_at"] == made["updated_at"] <= moment
    assert {name: value for name, value in visit.items() if value is not None} == {
        "id": visit_id,
        "organisation_id": practice.organisation_id,
        "doctor_id": request.doctor_id,
        "patient_id": request.patient_id,
        "schedule_id": slot.schedule_id,
        "location_id": slot.location_id,
        "starts_at": slot.start,
        "ends_at": slot.end,
        "seat": slot.free_seat,
        "status": "pending",
        "reason": "Cough",
        "source": "api",
        "channel": "email",
        "booked_by": play.actor.user_id,
        "version": 1,
    }
    _check_told(play, visit_id, practice, new)
    if is_new:
        (link,) = new["patient_organisations"]
        user = db.session.scalars(
            sa.select(User).join(Patient).where(Patient.id == request.patient_id)
        ).one()
        assert (link["phone"], link["email"], link["channel"], link["language"]) == (
            *(user.phone, user.email, "email", "en"),
        )
        assert (link["patient_id"], link["is_active"]) == (request.patient_id, True)
    if play.key:
        (key,) = new["idempotency_keys"]
        assert (key["body_hash"], key["answer"]) == (play.key.body_hash, str(visit_id))


def _check_told(play: Play, visit_id: UUID, practice: Practice, new: dict[str, Any]) -> None:
    (event,) = new["events"]
    assert (event["name"], event["topic"]) == ("appointment.created", "appointment.created")
    assert (event["actor_id"], event["actor_role"]) == (play.actor.user_id, play.actor.role)
    assert event["organisation_id"] == practice.organisation_id
    assert event["payload"] == {
        "appointment_id": str(visit_id),
        "doctor_id": str(play.request.doctor_id),
        "patient_id": str(play.request.patient_id),
        "status": "pending",
    }
    waiting = new["event_deliveries"]
    assert {one["handler"] for one in waiting} == {
        "appointments.on_created",
        "reminders.on_created",
    }
    assert {(one["event_id"], one["attempts"], one["due_at"]) for one in waiting} == {
        (event["id"], 0, event["at"])
    }
    (link,) = new["visit_links"]
    assert link["token_hash"] == fingerprint(links.token_of(visit_id))
    assert (link["appointment_id"], link["expires_at"]) == (
        visit_id,
        new["appointments"][0]["ends_at"],
    )
