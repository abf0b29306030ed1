"""Who sees what, told once more by hand: each table is asked about one thing of Asha's visit.

The visit is hers with Dr Chandra at Harbour Clinic, where Dr Dev, Esha and Amir work, too.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.access.actor import THE_SYSTEM, Actor
from clinic.access.roles import Role
from clinic.access.visible import Visible, asked_by
from clinic.accounts.models import User
from clinic.accounts.own import photo
from clinic.accounts.people import queries as accounts
from clinic.appointments.board import watching
from clinic.appointments.life import scope
from clinic.appointments.models import Appointment
from clinic.appointments.reading import lists, statistics
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.doctors import profiles
from clinic.doctors import queries as doctors
from clinic.doctors.models import Doctor
from clinic.events.models import BackgroundTask
from clinic.hooks import queries as hooks
from clinic.hooks import service as webhooks
from clinic.hooks.models import Webhook
from clinic.messaging.conversations.models import DeskHours
from clinic.messaging.desk import queries as messages
from clinic.messaging.identities import queries as senders
from clinic.messaging.models import Conversation, Message, SavedReply, SenderIdentity
from clinic.messaging.threads import queries as threads
from clinic.messaging.threads.hours import service as desk_hours
from clinic.messaging.threads.saved import service as saved
from clinic.messaging.wording import queries as wording
from clinic.messaging.words.own.models import MessageTemplate
from clinic.organisations import queries as organisations
from clinic.organisations import service as organisation_service
from clinic.organisations.models import Organisation
from clinic.patients.models import Patient, PatientOrganisation
from clinic.patients.people import queries as patients
from clinic.reminders import queries as reminders
from clinic.reminders.models import Reminder
from tests.architecture.test_access import tables
from tests.cast import Cast
from tests.factories import book

ACTORS = (
    "asha", "bela", "dr_chandra", "dr_dev", "esha", "farid", "amir", "gita",
    "the system", "somebody",
)  # fmt: skip
Which = Callable[[Cast, Appointment], sa.ColumnElement[bool]]


def of(column: Any, whose: str, key: str) -> Which:
    return lambda cast, _: column == getattr(getattr(cast, whose), key)


def at_harbour(cast: Cast, _: Appointment) -> sa.ColumnElement[bool]:
    return Organisation.id == cast.harbour


def of_harbour(cast: Cast, _: Appointment) -> sa.ColumnElement[bool]:
    return SenderIdentity.organisation_id == cast.harbour


def webhook_at_harbour(cast: Cast, _: Appointment) -> sa.ColumnElement[bool]:
    return Webhook.organisation_id == cast.harbour


def belongs_to_harbour(column: Any) -> Which:
    return lambda cast, _: column == cast.harbour


def about(column: Any) -> Which:
    return lambda _, visit: column == visit.id


CHANDRA = of(Doctor.id, "dr_chandra", "doctor_id")
ASHA = of(Patient.id, "asha", "patient_id")
JOINED = {  # the tables that lists join, too
    "patient": sa.join(Patient, PatientOrganisation),
}

# table, which one is asked about, who sees it in the order of ACTORS
SEEN: list[tuple[Visible, Which, str]] = [
    (scope.VISIBLE, about(Appointment.id), "1 0 1 0 1 0 1 1 1 0"),
    (lists.TASKS, about(BackgroundTask.about_id), "1 0 1 0 1 0 1 1 0 0"),
    (statistics.VISIBLE, CHANDRA, "0 0 1 0 1 0 1 1 0 0"),
    (watching.DAYS_OF_DOCTORS, CHANDRA, "0 0 1 0 1 0 1 0 0 0"),
    (watching.DAYS_OF_ORGANISATIONS, at_harbour, "0 0 0 0 1 0 1 0 0 0"),
    (scope.BOOKED_FOR, ASHA, "1 0 0 0 1 0 1 1 0 0"),
    (scope.BOOKED_WITH, CHANDRA, "1 1 0 0 1 0 1 1 0 0"),
    (doctors.HOURS, CHANDRA, "0 0 1 0 1 0 1 1 1 0"),
    (profiles.KEPT, of(User.id, "dr_chandra", "user_id"), "0 0 1 0 0 0 1 1 1 0"),
    (patients.VISIBLE, ASHA, "1 0 1 0 1 0 1 1 0 0"),
    (reminders.VISIBLE, about(Reminder.appointment_id), "1 0 0 0 1 0 1 1 0 0"),
    (reminders.ASKED_ABOUT, of(User.id, "asha", "user_id"), "1 0 0 0 1 0 1 1 0 0"),
    (reminders.ASKED_ABOUT, of(User.id, "dr_dev", "user_id"), "0 0 0 1 0 0 0 1 0 0"),
    (messages.VISIBLE, about(Message.about_id), "0 0 0 0 1 0 1 0 0 0"),
    (threads.VISIBLE, belongs_to_harbour(Conversation.organisation_id), "0 0 0 0 1 0 1 0 0 0"),
    (saved.VISIBLE, belongs_to_harbour(SavedReply.organisation_id), "0 0 0 0 1 0 1 0 0 0"),
    (desk_hours.VISIBLE, belongs_to_harbour(DeskHours.organisation_id), "0 0 0 0 0 0 1 0 0 0"),
    (messages.LEDGERS, at_harbour, "0 0 0 0 1 0 1 0 0 0"),
    (wording.VISIBLE, belongs_to_harbour(MessageTemplate.organisation_id), "0 0 0 0 0 0 1 0 0 0"),
    (senders.VISIBLE, of_harbour, "0 0 0 0 0 0 1 0 0 0"),
    (organisations.VISIBLE, at_harbour, "0 0 1 1 1 0 1 1 1 0"),
    (organisation_service.RUN, at_harbour, "0 0 0 0 0 0 1 1 1 0"),
    (organisation_service.PLANNED, at_harbour, "0 0 1 1 1 0 1 1 1 0"),
    (hooks.VISIBLE, webhook_at_harbour, "0 0 0 0 0 0 1 1 0 0"),
    (accounts.VISIBLE, of(User.id, "esha", "user_id"), "0 0 0 0 0 0 1 1 0 0"),
    (accounts.VISIBLE, of(User.id, "asha", "user_id"), "0 0 0 0 0 0 0 1 0 0"),
    (photo.VISIBLE, of(User.id, "asha", "user_id"), "1 0 0 0 0 0 0 0 0 0"),
    (photo.VISIBLE, of(User.id, "dr_chandra", "user_id"), "1 1 1 1 1 1 1 1 1 1"),
]


@transactional
def store_what_is_about(visit: Appointment) -> None:
    moment = clock.now()
    there = {"organisation_id": visit.organisation_id, "created_at": moment}
    kept = {"organisation_id": visit.organisation_id}
    text = Message(
        direction="in", channel="sms", address="+447700900000", template="inbound", body="Hello?",
        status="received", due_at=moment, **there,
    )  # fmt: skip
    db.session.add(text)
    db.session.flush()
    db.session.add_all(
        [
            BackgroundTask(kind="accept_booking", about_id=visit.id, due_at=moment, **there),
            Reminder(
                appointment_id=visit.id, rule="before:120", channel="sms",
                due_at=moment + timedelta(hours=1), **there,
            ),
            SenderIdentity(
                channel="sms", kind="long_code", value="+442079460155", can_reply=True, rate=1,
                countries=[], opt_outs_by="us", **there,
            ),
            Message(
                channel="sms", address="+447700900000", template="visit_booked", body="Booked",
                status="queued", about_id=visit.id, due_at=moment,
                expires_at=moment + timedelta(days=1), **there,
            ),
            Conversation(
                address=text.address, channel="sms", last_id=text.id, last_at=moment, **kept
            ),
            DeskHours(week=[None] * 7, updated_at=moment, **kept),
            MessageTemplate(
                template="visit_reminder", channel="sms", language="en", version=1,
                body="{organisation}: {day}, {time} {link}", updated_at=moment, **kept,
            ),
            SavedReply(title="Parking", body="Behind the house.", updated_at=moment, **kept),
        ]
    )  # fmt: skip


@pytest.fixture
def visit(in_app: Flask, cast: Cast) -> Iterator[Appointment]:
    made = book(cast.asha, cast.dr_chandra)
    store_what_is_about(made)
    webhooks.create("https://hooks.example/", ["*"], cast.amir.actor)
    yield made


def actor_of(cast: Cast, name: str) -> Actor:
    if name == "the system":
        return THE_SYSTEM
    if name == "somebody":  # of no role that is known, and otherwise like Esha
        return Actor("auditor", uuid4(), cast.harbour)
    return cast.people[name].actor


@pytest.mark.parametrize(("table", "which", "expected"), SEEN, ids=[row[0].kind for row in SEEN])
def test_who_sees_what(
    cast: Cast, visit: Appointment, table: Visible, which: Which, expected: str
) -> None:
    def sees(name: str) -> bool:
        query = sa.select(sa.literal(1)).where(which(cast, visit), table.to(actor_of(cast, name)))
        if table.kind in JOINED:
            query = query.select_from(JOINED[table.kind])
        return db.session.scalar(query) is not None

    seen = [int(sees(name)) for name in ACTORS]
    assert dict(zip(ACTORS, seen, strict=True)) == dict(
        zip(ACTORS, map(int, expected.split()), strict=True)
    )


@pytest.mark.parametrize(("table", "which", "expected"), SEEN, ids=[row[0].kind for row in SEEN])
def test_a_statement_that_is_kept_sees_the_same(
    cast: Cast, visit: Appointment, table: Visible, which: Which, expected: str
) -> None:
    def sees(name: str) -> bool:
        actor = actor_of(cast, name)
        query = sa.select(sa.literal(1)).where(which(cast, visit), table.of(actor.role))
        if table.kind in JOINED:
            query = query.select_from(JOINED[table.kind])
        return db.session.scalar(query, asked_by(actor)) is not None

    assert [int(sees(name)) for name in ACTORS] == [*map(int, expected.split())]


def test_every_table_is_told_here() -> None:
    assert {kind for _, _, kind in tables()} == {table.kind for table, _, _ in SEEN}


@pytest.mark.parametrize("table", [row[0] for row in SEEN], ids=[row[0].kind for row in SEEN])
def test_who_is_not_known_sees_what_is_public_alone(table: Visible) -> None:
    assert table.to(None) is table.public
    assert table.to(Actor("auditor")) is table.public


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SUPERADMIN}))
def test_who_belongs_nowhere_sees_nothing_of_what_belongs_nowhere(role: Role) -> None:
    """`organisation_id = NULL` would read "all that belongs to no organisation"."""
    for table, _, _ in SEEN:
        assert "IS NULL" not in str(table.to(Actor(role))), table.kind
