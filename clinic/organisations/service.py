"""Open organisations, keep their data and rules, close them to patients."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM, Actor
from clinic.access.roles import OPEN_WITHOUT_A_PERSON, SYSTEM, Role
from clinic.access.visible import Visible, everything, same_organisation
from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import FINISHED
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, FieldError, Forbidden, NotFound
from clinic.core.fields import read
from clinic.doctors.models import Doctor
from clinic.events.service import record
from clinic.organisations import rules
from clinic.organisations.errors import NameTaken, VisitsToCome
from clinic.organisations.facts import (
    OrganisationClosed,
    OrganisationCreated,
    OrganisationUpdated,
    SettingsUpdated,
)
from clinic.organisations.models import (
    LONGEST_ADDRESS,
    Location,
    Organisation,
    OrganisationSettings,
)

RUN = Visible(
    "organisation to run",
    {
        Role.ADMIN: same_organisation(Organisation.id),
        Role.SUPERADMIN: everything,
        SYSTEM: everything,
    },
)
PLANNED = Visible(
    "organisation to plan hours at",
    {
        **RUN.rows,
        Role.DOCTOR: same_organisation(Organisation.id),
        Role.STAFF: same_organisation(Organisation.id),
    },
)


@transactional
def open_organisation(
    name: str,
    kind: str,
    timezone: str,
    country: str,
    emergency_number: str,
    phone: str | None = None,
    email: str | None = None,
    actor: Actor = THE_SYSTEM,
    **booking_rules: int | bool,
) -> Organisation:
    """Create an organisation and its settings, of which `booking_rules` are columns.

    Raises Invalid, NameTaken; Forbidden for an actor who may not.
    """
    if not actor.may(OPEN_WITHOUT_A_PERSON):
        raise Forbidden
    data = {
        "name": name, "kind": kind, "timezone": timezone, "country": country,
        "emergency_number": emergency_number, "phone": phone, "email": email,
    }  # fmt: skip
    rules.check_settings(booking_rules)
    organisation = Organisation(**rules.read_details(data), created_at=clock.now())
    _insert(organisation, NameTaken())
    db.session.add(OrganisationSettings(organisation_id=organisation.id, **booking_rules))
    db.session.flush()
    record(OrganisationCreated(organisation_id=organisation.id), actor)
    return organisation


@transactional
def open_with_place(details: Mapping[str, Any], address: str, actor: Actor) -> Organisation:
    """An organisation with its first place, which has the same name."""
    organisation = open_organisation(**details, actor=actor)
    add_location(organisation.id, organisation.name, address, actor)
    return organisation


@transactional
def add_location(
    organisation_id: UUID, name: str, address: str, actor: Actor = THE_SYSTEM
) -> Location:
    """Raises NotFound, Invalid; NameTaken for a second place of one name."""
    held(organisation_id, actor)
    return _add(organisation_id, name, address, actor)


@transactional
def name_location(organisation_id: UUID, name: str, actor: Actor) -> Location:
    """The same for whoever plans hours there, a doctor too: a place has a name before an address.

    To change places is for those who run the organisation.
    """
    held(organisation_id, actor, PLANNED)
    return _add(organisation_id, name, "", actor)


def _add(organisation_id: UUID, name: str, address: str, actor: Actor) -> Location:
    location = Location(
        organisation_id=organisation_id,
        name=read("name", rules.PLACE_NAME, name),
        address=read("address", rules.line(LONGEST_ADDRESS, least=0), address),
    )
    _insert(location, NameTaken(N_("Another place of yours has this name")))
    say_updated(organisation_id, actor)
    return location


@transactional
def update(
    organisation_id: UUID, changes: Mapping[str, Any], actor: Actor, visits: str | None = None
) -> Organisation:
    """`changes` are columns of Organisation, `is_active` for superadmins alone.

    Raises Invalid, NameTaken, VisitsToCome, and what `deactivate` raises.
    """
    if changes.get("is_active") is False:
        hold_diaries(organisation_id)
    organisation = held(organisation_id, actor)
    given = dict(changes)
    is_active = given.pop("is_active", None)
    if is_active is not None:
        _switch(organisation, is_active, actor, visits)
    read = rules.read_details(_new(given, organisation))
    wanted = _new(read, organisation)
    if not wanted:
        return organisation
    if "timezone" in wanted:
        _refuse_with_visits(organisation_id)
    _change(organisation, wanted)
    say_updated(organisation_id, actor)
    return organisation


@transactional
def update_settings(
    organisation_id: UUID, changes: Mapping[str, Any], actor: Actor
) -> OrganisationSettings:
    """`changes` are columns of OrganisationSettings. Raises Invalid."""
    held(organisation_id, actor)
    rules.check_settings(changes)
    settings = db.session.get_one(OrganisationSettings, organisation_id, populate_existing=True)
    wanted = {key: value for key, value in changes.items() if getattr(settings, key) != value}
    if not wanted:
        return settings
    for key, value in wanted.items():
        setattr(settings, key, value)
    db.session.flush()
    record(SettingsUpdated(organisation_id=organisation_id), actor)
    return settings


@transactional
def deactivate(organisation_id: UUID, actor: Actor, visits: str | None = None) -> None:
    """Patients find it no longer and cannot book; who works there still sees what is there.

    `visits` says what becomes of those to come: keep or cancel. Raises NotFound, Forbidden;
    VisitsDepend where there are some and it is None.
    """
    hold_diaries(organisation_id)
    _switch(held(organisation_id, actor), False, actor, visits)


@transactional
def reactivate(organisation_id: UUID, actor: Actor) -> None:
    _switch(held(organisation_id, actor), True, actor)


def hold_diaries(organisation_id: UUID) -> None:
    """Nobody books while it closes. Diaries before the organisation, as who names a place does."""
    held = sa.select(Doctor.id).where(Doctor.organisation_id == organisation_id)
    db.session.execute(held.order_by(Doctor.id).with_for_update(key_share=True)).all()


def _switch(
    organisation: Organisation, is_active: bool, actor: Actor, visits: str | None = None
) -> None:
    if not actor.may(OPEN_WITHOUT_A_PERSON):
        raise Forbidden
    if organisation.is_active is is_active:
        return
    organisation.is_active = is_active
    db.session.flush()
    if not is_active:
        record(OrganisationClosed(organisation_id=organisation.id, visits=visits), actor)
    say_updated(organisation.id, actor)


def held(organisation_id: UUID, actor: Actor, whose: Visible = RUN) -> Organisation:
    """Locked. Raises NotFound for what is somebody else's.

    Whoever holds it changes how it books or what is shown of it, so its version is raised.
    """
    organisation = db.session.scalar(
        sa.select(Organisation)
        .where(Organisation.id == organisation_id, whose.to(actor))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if organisation is None:
        raise NotFound
    organisation.diary_version += 1
    return organisation


def raise_versions(which: sa.ColumnElement[bool]) -> None:
    """Say that what is shown of these organisations' doctors changed. Belongs inside a command."""
    db.session.execute(
        sa.update(Organisation)
        .where(which)
        .values(diary_version=Organisation.diary_version + 1)
        .execution_options(synchronize_session=False)
    )


def _new(given: Mapping[str, Any], organisation: Organisation) -> dict[str, Any]:
    """Without what stays as it is: the rules of its time took that."""
    stays = (key for key in given if key in rules.DETAILS)
    same = {key for key in stays if getattr(organisation, key) == given[key]}
    return {key: value for key, value in given.items() if key not in same}


def _refuse_with_visits(organisation_id: UUID) -> None:
    to_come = sa.select(sa.literal(1)).where(
        Appointment.organisation_id == organisation_id,
        Appointment.ends_at > clock.now(),
        Appointment.status.not_in(sorted(FINISHED)),
    )
    if db.session.execute(to_come.limit(1)).first():
        raise VisitsToCome(errors=[FieldError("timezone", VisitsToCome.code, VisitsToCome.title)])


def _change(organisation: Organisation, wanted: Mapping[str, Any]) -> None:
    try:
        with db.session.begin_nested():
            for key, value in wanted.items():
                setattr(organisation, key, value)
    except sa.exc.IntegrityError:
        raise NameTaken from None


def _insert(row: Organisation | Location, taken: NameTaken) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except sa.exc.IntegrityError:
        raise taken from None


def say_updated(organisation_id: UUID, actor: Actor) -> None:
    record(OrganisationUpdated(organisation_id=organisation_id), actor)
