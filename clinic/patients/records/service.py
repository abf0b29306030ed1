"""What the front desk keeps about the organisation's patients."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from clinic.access.actor import Actor
from clinic.access.roles import DECIDE_DEATHS, KEEP_PATIENTS
from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.data.db import db, is_there, transactional
from clinic.core.errors import N_, FieldError, Forbidden, NotFound
from clinic.core.phones import canonical
from clinic.events.service import record
from clinic.messaging.consents import service as consents
from clinic.messaging.consents.vocabulary import Agreed
from clinic.messaging.queueing import refusals
from clinic.organisations import queries as organisations
from clinic.organisations.models import Organisation
from clinic.patients import details
from clinic.patients.errors import InvalidDetails, NoNote, TheirsToChange
from clinic.patients.facts import (
    PatientDeactivated,
    PatientDeathNoteDismissed,
    PatientFact,
    PatientGone,
    PatientNumberCorrected,
    PatientReachableAgain,
    PatientUpdated,
)
from clinic.patients.models import Patient, PatientOrganisation
from clinic.patients.people import notes, queries, service

OF_PERSON = {"full_name": "full_name", "date_of_birth": "birth_date"}
OF_LINK = ("phone", "email", "language", "channel", "is_active", "died_on")
THEIRS = ("full_name", "date_of_birth")  # of a person with a login


@dataclass(frozen=True, slots=True)
class Registered:
    id: UUID
    possible_duplicates: list[UUID]  # who was known before and may be the same person


@transactional
def register(
    organisation_id: UUID, given: Mapping[str, Any], actor: Actor, agreed: Agreed | None = None
) -> Registered:
    """Register a person from full_name, date_of_birth, phone, email, language and channel.

    `agreed`: to texts at that number, by the words that they heard or read. Local telephone numbers
    are read by the organisation's country. Raises InvalidDetails.
    """
    _refuse_others(organisation_id, actor)
    country = organisations.country_of(organisation_id)
    known = details.read({"full_name": None, **given}, country)
    name, born = known["full_name"], known.get("date_of_birth")
    contact = service.contact_of(known)
    alike = queries.possible_duplicates(organisation_id, name, contact.phone, born, contact.email)
    patient = service.register(organisation_id, name, contact, actor, born)
    if agreed and contact.phone:
        consents.remember(contact.phone, agreed)
    return Registered(patient.id, [one.id for one in alike])


def known_alike(
    organisation_id: UUID, given: Mapping[str, Any], actor: Actor
) -> list[queries.FoundPerson]:
    """Who may be the same person as the one that `register` would make. Raises InvalidDetails."""
    _refuse_others(organisation_id, actor)
    country = organisations.country_of(organisation_id)
    known = details.read({"full_name": None, **given}, country)
    name, born = known["full_name"], known.get("date_of_birth")
    contact = service.contact_of(known)
    return queries.possible_duplicates(organisation_id, name, contact.phone, born, contact.email)


@transactional
def update(
    organisation_id: UUID,
    patient_id: UUID,
    changes: Mapping[str, Any],
    actor: Actor,
    visits: str | None = None,
) -> None:
    """Change full_name, date_of_birth, died_on, or how this organisation reaches the person.

    `phone` and `email` are what this organisation noted; the address of a login counts before
    them. Raises NotFound, Forbidden, InvalidDetails; TheirsToChange for the name and birth date of
    a person with a login. A day of death counts at this organisation, and is a note at others.

    `visits` says what becomes of the visits to come of who died or is no longer cared for: keep or
    cancel. Raises VisitsDepend where there are some and it is None.
    """
    _refuse_others(organisation_id, actor)
    if changes.get("died_on") or changes.get("is_active") is False:
        service.hold_diaries(organisation_id)
    service.lock([patient_id])
    patient, link = _load(organisation_id, patient_id, actor)
    country = organisations.country_of(organisation_id)
    given = details.read(changes, country, kept=lambda: (link.phone,))
    _refuse_theirs(patient, given)
    _refuse_death_before_birth(patient, link, given)
    was_active, was_here, number = link.is_active, _is_here(link), _number(patient, link)
    if not _change(patient, link, given):
        return
    if was_here and not _is_here(link):
        gone = PatientGone(
            organisation_id=organisation_id,
            patient_id=patient_id,
            why="died" if link.died_on else "left",
            visits=visits,
        )
        record(gone, actor)
    _tell(patient_id, organisation_id, was_active and not link.is_active, actor)
    if number and number != _number(patient, link):
        of_patient = {"organisation_id": organisation_id, "patient_id": patient_id}
        record(PatientNumberCorrected(**of_patient), actor)


def _number(patient: Patient, link: PatientOrganisation) -> str | None:
    """Where texts go: the login's own counts before what is noted here."""
    user = db.session.get(User, patient.user_id) if patient.user_id else None
    number = (user and user.phone) or link.phone
    return canonical(number) if number else None


def _is_here(link: PatientOrganisation) -> bool:
    return not service.is_inactive(link.died_on, link.is_active)


@transactional
def deactivate(
    organisation_id: UUID, patient_id: UUID, actor: Actor, visits: str | None = None
) -> None:
    """The organisation no longer cares for the person, who reads nothing more from it.

    Harmless twice. Raises NotFound, Forbidden, VisitsDepend.
    """
    update(organisation_id, patient_id, {"is_active": False}, actor, visits)


@transactional
def confirm_death(
    organisation_id: UUID, patient_id: UUID, actor: Actor, visits: str | None = None
) -> None:
    """Say that it is so: what was noted elsewhere, or here before the person logged in.

    Raises NotFound, Forbidden, NoNote, VisitsDepend.
    """
    link, day = _to_decide(organisation_id, patient_id, actor)
    update(organisation_id, patient_id, {"died_on": link.died_on or day}, actor, visits)


@transactional
def dismiss_death(organisation_id: UUID, patient_id: UUID, actor: Actor) -> None:
    """Say that it is not so: the note of others is gone here, one's own is taken back.

    Raises NotFound, Forbidden, NoNote.
    """
    link, _ = _to_decide(organisation_id, patient_id, actor)
    if link.died_on:
        update(organisation_id, patient_id, {"died_on": None}, actor)
        return
    _decide(link)
    dismissed = PatientDeathNoteDismissed(organisation_id=organisation_id, patient_id=patient_id)
    record(dismissed, actor)


@transactional
def text_again(organisation_id: UUID, patient_id: UUID, actor: Actor) -> bool:
    """Their number was marked as one that no texts reach, and is tried again with the next one.

    That they want none stays: only they end it. Returns whether the mark stood there; harmless
    twice. Raises NotFound, Forbidden.
    """
    _refuse_others(organisation_id, actor)
    number = queries.one(actor, patient_id).phone
    unreachable = (refusals.UNREACHABLE,)
    if not number or not refusals.end_refusal(number, unreachable, how="desk", by=actor.user_id):
        return False
    again = PatientReachableAgain(organisation_id=organisation_id, patient_id=patient_id)
    record(again, actor)
    return True


def _to_decide(
    organisation_id: UUID, patient_id: UUID, actor: Actor
) -> tuple[PatientOrganisation, date | None]:
    """The link, held, and the day that others noted."""
    if not actor.may(DECIDE_DEATHS):
        raise Forbidden
    _refuse_others(organisation_id, actor)
    service.hold_diaries(organisation_id)
    service.lock([patient_id])
    _, link = _load(organisation_id, patient_id, actor)
    day = notes.noted_elsewhere(organisation_id, patient_id)
    if day is None and link.died_on is None:
        raise NoNote
    return link, day


def _refuse_others(organisation_id: UUID, actor: Actor) -> None:
    if not actor.may(KEEP_PATIENTS):
        raise Forbidden
    if not is_there(Organisation.id == organisation_id, organisations.VISIBLE.to(actor)):
        raise NotFound


def _load(
    organisation_id: UUID, patient_id: UUID, actor: Actor
) -> tuple[Patient, PatientOrganisation]:
    """A doctor keeps the records of those with visits to them."""
    if actor.doctor_id:
        queries.one(actor, patient_id)
    link = db.session.get(
        PatientOrganisation, (patient_id, organisation_id), populate_existing=True
    )
    if link is None:
        raise NotFound
    return db.session.get_one(Patient, patient_id, populate_existing=True), link


def _refuse_theirs(patient: Patient, given: Mapping[str, Any]) -> None:
    if patient.user_id is None:
        return
    refused = [
        FieldError(field, TheirsToChange.code, TheirsToChange.title)
        for field in THEIRS
        if field in given and given[field] != getattr(patient, OF_PERSON[field])
    ]
    if refused:
        raise TheirsToChange(errors=refused)


def _refuse_death_before_birth(
    patient: Patient, link: PatientOrganisation, given: Mapping[str, Any]
) -> None:
    born = given.get("date_of_birth", patient.birth_date)
    died = given.get("died_on", link.died_on)
    if born and died and died < born:
        message = N_("Nobody dies before they are born. Check both days.")
        raise InvalidDetails(errors=[FieldError("died_on", "before_birth", message)])


def _change(patient: Patient, link: PatientOrganisation, given: Mapping[str, Any]) -> bool:
    """Returns whether anything is different now."""
    for field, value in given.items():
        if field in OF_PERSON:
            setattr(patient, OF_PERSON[field], value)
        elif field in OF_LINK:
            setattr(link, field, value)
        else:
            raise ValueError(f"the front desk does not keep {field}")
    patient.sort_name = details.sort_name(patient.full_name)
    if "died_on" in given:
        _decide(link)
    changed = db.session.is_modified(patient) or db.session.is_modified(link)
    db.session.flush()
    return changed


def _decide(link: PatientOrganisation) -> None:
    """This desk has spoken: that is newer than what others noted."""
    moment = clock.now()
    link.death_noted_at = moment if link.died_on else None
    link.note_dismissed_at = None if link.died_on else moment


def _tell(patient_id: UUID, organisation_id: UUID, is_leaving: bool, actor: Actor) -> None:
    kind: type[PatientFact] = PatientDeactivated if is_leaving else PatientUpdated
    record(kind(organisation_id=organisation_id, patient_id=patient_id), actor)
