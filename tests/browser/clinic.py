"""Harbour Clinic as it is right now: it is about noon there, whenever the tests are run."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pyotp
import sqlalchemy as sa
from flask import Flask

from clinic.access.actor import THE_SYSTEM, Actor
from clinic.access.roles import WORK_SOMEWHERE, Role, may
from clinic.accounts.models import OneTimeKey, User, UserSession
from clinic.accounts.people import create, users
from clinic.accounts.proof import keys, passwords, two_factor
from clinic.accounts.proof.keys import Purpose
from clinic.appointments.booking import book as booking
from clinic.appointments.booking.book import BookingRequest
from clinic.appointments.models import Appointment
from clinic.appointments.outside import links
from clinic.appointments.steps import accept
from clinic.appointments.steps import take as steps
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.doctors import service as doctors
from clinic.messaging.delivery import callbacks
from clinic.messaging.delivery.callbacks import Report
from clinic.messaging.inbound.answers import Inbound
from clinic.messaging.inbound.receive import receive
from clinic.messaging.models import Conversation, Message
from clinic.messaging.queueing import messages as messaging
from clinic.messaging.queueing import refusals
from clinic.messaging.queueing.messages import NewMessage
from clinic.messaging.words.rendering import placeholder
from clinic.organisations import service as organisations
from clinic.patients.models import Patient
from clinic.patients.people import service as patients
from clinic.patients.records import service as records
from clinic.schedules import service as schedules
from tests.cast import PASSWORD, Person
from tests.conftest import client_of
from tests.factories import unproven
from tests.reminders.own_helpers import made

OPENS, CLOSES = time(9), time(17)


def zone_where_it_is_noon() -> ZoneInfo:
    """Half the day's visits are over there, half to come, and midnight is far away."""
    ahead = 12 - datetime.now(UTC).hour
    return ZoneInfo(f"Etc/GMT{-ahead:+}")  # these names count westwards


class Clinic:
    """People and visits, made through the services beside the running product."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.zone = zone_where_it_is_noon()
        self.numbers = count(1)
        with app.app_context():
            self._open()

    @transactional
    def _open(self) -> None:
        self.hashed = passwords.hash_password(PASSWORD)
        harbour = organisations.open_organisation(
            "Harbour Clinic", "clinic", self.zone.key, "GB", "999", phone="+442079460142",
            auto_no_show=False,  # a test checks in whom the sweep would have called missed
        )  # fmt: skip
        quay = organisations.add_location(harbour.id, "Quay Street", "14 Quay Street")
        self.organisation_id, self.place_id = harbour.id, quay.id

    def patient(self, name: str) -> Person:
        with self.app.app_context():
            return self._patient(name)

    @transactional
    def _patient(self, name: str) -> Person:
        user = self._user(Role.PATIENT, name)
        patient = patients.create_for_user(user, date(1984, 5, 17))
        return Person(name, "patient", user.id, user.email, patient_id=patient.id)

    def stranger(self, name: str) -> Person:
        """A patient to whom no code came yet."""
        person = self.patient(name)
        with self.app.app_context():
            unproven(person)
        return person

    def noted(self, person: Person) -> UUID:
        """What the desk registered of somebody before they signed up, who said no birth date."""
        given = {
            "full_name": person.name,
            "date_of_birth": date(1988, 5, 17),
            "phone": self.phone_of(person),
        }
        actor = Actor(Role.STAFF, organisation_id=self.organisation_id)
        with self.app.app_context():
            self._forget_birth_date(person)
            return records.register(self.organisation_id, given, actor).id

    @transactional
    def _forget_birth_date(self, person: Person) -> None:
        if person.patient_id:
            db.session.get_one(Patient, person.patient_id).birth_date = None

    def doctor(self, name: str, *specialisations: str, is_open: bool = True) -> Person:
        """Seen at half-hour times from nine to five, every day of the week."""
        with self.app.app_context():
            return self._doctor(name, specialisations or ("cardiology",), is_open)

    @transactional
    def _doctor(self, name: str, specialisations: tuple[str, ...], is_open: bool) -> Person:
        user = self._user(Role.DOCTOR, name)
        profile = doctors.NewProfile(
            f"GMC-{next(self.numbers)}", specialisations, ("en", "pl"), 14, "Listens first."
        )
        doctor = doctors.create_profile(user, profile, THE_SYSTEM)
        for weekday in range(7 if is_open else 0):
            window = schedules.NewWindow(self.place_id, OPENS, CLOSES, weekday=weekday)
            schedules.publish_window(doctor.id, window, THE_SYSTEM)
        return Person(
            doctor.name, "doctor", user.id, user.email, self.organisation_id, doctor.id
        )  # fmt: skip

    @transactional
    def _open_at(self, doctor: Person, start: datetime) -> None:
        day, wall = start.astimezone(self.zone).date(), start.astimezone(self.zone).time()
        ends = wall.replace(hour=wall.hour + 1)
        window = schedules.NewWindow(self.place_id, wall, ends, on=day)
        schedules.publish_window(doctor.doctor_id, window, THE_SYSTEM)

    def opens(self, doctor: Person, wall: str, days: int) -> None:
        """An hour more, on that day alone."""
        with self.app.app_context():
            self._open_at(doctor, self.at(wall, days))

    def leaves(self, doctor: Person, visits: str) -> None:
        """`visits`: what becomes of those to come."""
        with self.app.app_context():
            users.deactivate(doctor.user_id, Actor(role=Role.SUPERADMIN), visits)

    def desk(self, name: str) -> Person:
        return self._colleague(Role.STAFF, name)

    def admin(self, name: str) -> Person:
        return self._colleague(Role.ADMIN, name)

    def superadmin(self, name: str) -> Person:
        return self._colleague(Role.SUPERADMIN, name)

    def _colleague(self, role: Role, name: str) -> Person:
        with self.app.app_context():
            user = self._user(role, name)
        return Person(name, str(role), user.id, user.email, user.organisation_id)

    def phone_of(self, person: Person) -> str:
        with self.app.app_context():
            return db.session.get_one(User, person.user_id).phone or ""

    def token_of(self, visit: Appointment) -> str:
        """What stands in the links of the messages about it."""
        with self.app.app_context():
            return links.token_of(visit.id)

    def _user(self, role: Role, name: str) -> Any:
        number = next(self.numbers)
        return create.create_user(
            role, name, f"person{number}@harbour.example", THE_SYSTEM,
            password_hash=self.hashed, phone=f"+44770{number:07}",
            organisation_id=self.organisation_id if may(role, WORK_SOMEWHERE) else None,
            verified_at=clock.now(),
        )  # fmt: skip

    def at(self, wall: str, days: int = 0) -> datetime:
        """The instant of a wall-clock time at the clinic, today or so many days from now."""
        day = datetime.now(self.zone).date() + timedelta(days=days)
        return datetime.combine(day, time.fromisoformat(wall), self.zone).astimezone(UTC)

    def visit(
        self, patient: Person, doctor: Person, start: datetime, *names: str, reason: str = "Cough"
    ) -> Appointment:
        """Booked in time, accepted, and taken through these steps by the doctor."""
        wanted = BookingRequest(doctor.doctor_id, patient.patient_id, start, reason)
        with self.app.app_context():
            visit = self._book(wanted, patient)
        for name in names:
            self.take(visit, name, doctor)
        return visit

    @transactional
    def _book(self, wanted: BookingRequest, patient: Person) -> Appointment:
        """At once, because the sweep cancels what is over and not accepted."""
        with clock.travelled(min(clock.now(), wanted.start - timedelta(hours=2))):
            visit = booking.book(wanted, patient.actor)
        accept.accept_booking(visit.id)
        return visit

    def take(self, visit: Appointment, name: str, by: Person) -> None:
        with self.app.app_context():
            steps.take(visit.id, name, by.actor)

    def text_from(self, patient: Person, body: str) -> UUID:
        """They write; returns the conversation at their clinic."""
        number = self.phone_of(patient)
        with self.app.app_context():
            receive(Inbound(uuid4().hex, number, "+447700900999", body))
            theirs = sa.select(Conversation.id).where(
                Conversation.address == number,
                Conversation.organisation_id == self.organisation_id,
            )
            return db.session.scalars(theirs).one()

    def waiting_message(self, visit: Appointment) -> UUID:
        """A reminder that leaves tomorrow, for a telephone that nobody has."""
        names = {"organisation": "Harbour Clinic", "doctor": "Ines", "day": "Mon 1 Jun"}
        words = {**names, "time": "09:00", "link": placeholder("link:visit", visit.id)}
        new = NewMessage(
            self.organisation_id, "sms", f"+44770{next(self.numbers):07}", "visit_reminder", words,
            about_id=visit.id, due_at=clock.now() + timedelta(days=1),
        )  # fmt: skip
        with self.app.app_context():
            return self._queue(new)

    @transactional
    def _queue(self, new: NewMessage) -> UUID:
        messaging.queue_messages([new])
        return db.session.execute(
            sa.select(Message.id).where(Message.address == new.address)
        ).scalar_one()

    def reminds(self, by: Person, **wanted: object) -> UUID:
        """Of something, tomorrow and every day after."""
        with self.app.app_context():
            return made(by, clock.now() + timedelta(days=1), recurrence="FREQ=DAILY", **wanted)

    def report_unreachable(self, message_id: UUID) -> None:
        """As the provider would."""
        with self.app.app_context():
            callbacks.record_callback(Report(message_id, f"SM{message_id}", "undelivered", "30003"))

    @transactional
    def _refuse_texts(self, number: str) -> None:
        refusals.remember_refusal(number, "unreachable", "30003")
        refusals.remember_refusal(number, "opted_out", "stop_word")

    def without_texts(self, person: Person) -> Person:
        """They answered STOP, and nothing reached their telephone before."""
        number = self.phone_of(person)
        with self.app.app_context():
            self._refuse_texts(number)
        return person

    def visits_with(self, doctor: Person) -> list[Appointment]:
        query = sa.select(Appointment).where(Appointment.doctor_id == doctor.doctor_id)
        with self.app.app_context():
            return list(db.session.scalars(query))

    def texted_code(self, visit: Appointment) -> str:
        """The digits on the telephone of whoever booked it."""
        newest = (
            sa.select(OneTimeKey.id)
            .where(OneTimeKey.user_id == visit.booked_by, OneTimeKey.purpose == Purpose.PHONE)
            .order_by(OneTimeKey.created_at.desc())
        )
        with self.app.app_context():
            return keys.phone_code(str(db.session.scalars(newest.limit(1)).one()))

    def link_of(self, person: Person, purpose: Purpose) -> str:
        """The path of a link that was sent to them."""
        makes = {
            Purpose.RESET: keys.reset_link,
            Purpose.INVITATION: keys.invitation_link,
            Purpose.CONTACT: keys.contact_link,
        }
        with self.app.app_context():
            key_id = transactional(keys.issue)(person.user_id, purpose)
            return urlsplit(makes[purpose](str(key_id))).path

    def give_two_factor(self, person: Person) -> list[str]:
        """Returns the recovery codes."""
        with self.app.app_context():
            secret = two_factor.begin(person.user_id).secret
            code = pyotp.TOTP(secret).now()
            return two_factor.switch_on(person.user_id, None, code, person.actor)

    def put_to_sleep(self, person: Person) -> None:
        """Nobody has used their browsers for an hour."""
        with self.app.app_context():
            self._age_sessions(person)

    @transactional
    def _age_sessions(self, person: Person) -> None:
        db.session.execute(
            sa.update(UserSession)
            .where(UserSession.user_id == person.user_id)
            .values(seen_at=clock.now() - timedelta(hours=1))
        )

    def cookie_of(self, person: Person) -> str:
        """That of a fresh session."""
        return client_of(self.app, person).get_cookie("session").value
