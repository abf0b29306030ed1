"""Facts: frozen, of ids and plain words, and the same after a way through the table."""

from dataclasses import FrozenInstanceError, dataclass
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core.data.db import db, transactional
from clinic.events import fact as facts
from clinic.events.fact import Fact, UnknownFact, fact, restored
from clinic.events.models import EventRow
from clinic.events.service import record
from clinic.organisations.facts import SettingsUpdated
from clinic.reminders.facts import ReminderCancelled

PLACE, KETTLE = uuid4(), uuid4()


@pytest.fixture
def declared(monkeypatch):
    """Facts of a test are forgotten after it."""
    monkeypatch.setattr(facts, "DECLARED", dict(facts.DECLARED))


@pytest.fixture
def kettle_boiled(declared):
    @dataclass(frozen=True, kw_only=True)
    class KettleFact(Fact):
        kettle_id: UUID

    @fact("kettle.boiled", topic="kettle.updated")
    class KettleBoiled(KettleFact):
        reason: str | None = None

    return KettleBoiled


def test_what_a_room_adds_is_the_payload(kettle_boiled):
    boiled = kettle_boiled(organisation_id=PLACE, kettle_id=KETTLE, reason="tea")
    assert (boiled.name, boiled.topic) == ("kettle.boiled", "kettle.updated")
    assert boiled.payload() == {"kettle_id": str(KETTLE), "reason": "tea"}


def test_it_comes_back_as_it_went(kettle_boiled):
    boiled = kettle_boiled(organisation_id=PLACE, kettle_id=KETTLE, reason="tea")
    assert restored("kettle.boiled", boiled.id, PLACE, boiled.payload()) == boiled


def test_the_organisation_of_a_fact_about_it_is_in_the_payload_too():
    updated = SettingsUpdated(organisation_id=PLACE)
    assert updated.payload() == {"organisation_id": str(PLACE)}
    assert restored("settings.updated", updated.id, PLACE, updated.payload()) == updated


def test_keys_of_other_releases_are_left_out_or_have_a_default(kettle_boiled):
    payload = {"kettle_id": str(KETTLE), "colour": "red"}
    boiled = restored("kettle.boiled", uuid4(), None, payload)
    assert (boiled.kettle_id, boiled.reason) == (KETTLE, None)


def test_a_row_of_a_name_that_nobody_declares_is_no_fact():
    with pytest.raises(UnknownFact):
        restored("kettle.whistled", uuid4(), None, {})


def test_a_fact_needs_all_its_fields_and_no_others(kettle_boiled):
    for wrong in ({}, {"kettle_id": KETTLE, "colour": "red"}):
        with pytest.raises(TypeError):
            kettle_boiled(organisation_id=None, **wrong)


def test_a_fact_does_not_change(kettle_boiled):
    with pytest.raises(FrozenInstanceError):
        kettle_boiled(organisation_id=None, kettle_id=KETTLE).reason = "coffee"


def test_two_rooms_cannot_declare_one_name(kettle_boiled):
    with pytest.raises(ValueError, match="declared twice"):

        @fact("kettle.boiled")
        class Again(Fact):
            kettle_id: UUID


@pytest.mark.parametrize("kind", [int, dict, list[UUID], UUID | None])
def test_what_is_no_id_and_no_word_is_refused(declared, kind):
    with pytest.raises(TypeError, match="leaves"):

        @fact("kettle.filled")
        class KettleFilled(Fact):
            leaves: kind

    assert "kettle.filled" not in facts.DECLARED


def test_the_row_says_who_where_and_what(in_app, cast):
    told = ReminderCancelled(organisation_id=cast.harbour, reminder_id=KETTLE)
    actor = Actor("staff", cast.esha.user_id, cast.harbour)
    transactional(record)(told, actor)
    row = db.session.get_one(EventRow, told.id)
    assert (row.name, row.topic) == ("reminder.cancelled", "reminder.cancelled")
    assert (row.actor_id, row.actor_role) == (cast.esha.user_id, "staff")
    assert (row.organisation_id, row.payload) == (cast.harbour, {"reminder_id": str(KETTLE)})


def test_a_fact_outside_a_transaction_of_a_command_is_refused(in_app):
    with pytest.raises(RuntimeError):
        record(ReminderCancelled(organisation_id=None, reminder_id=KETTLE), Actor("system"))
    assert db.session.scalar(sa.select(EventRow.id).filter_by(name="reminder.cancelled")) is None
