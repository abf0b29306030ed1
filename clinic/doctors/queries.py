"""The directory, and one doctor's profile."""

from collections import namedtuple
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import SYSTEM, Role
from clinic.access.visible import Visible, everything, same_doctor, same_organisation
from clinic.accounts.models import User
from clinic.accounts.vocabulary import photo_version
from clinic.core.data.db import db
from clinic.core.data.paging import Page, Paging, page_of
from clinic.core.data.trips.together import Together
from clinic.core.errors import NotFound
from clinic.doctors.errors import ProfileMissing
from clinic.doctors.models import Doctor, DoctorLanguage, DoctorSpecialisation
from clinic.doctors.search.narrowing import IS_LISTED, Search, narrowed, values_of
from clinic.organisations.models import Location, Organisation, OrganisationSettings
from clinic.organisations.queries import Place
from clinic.schedules.models import Schedule


@dataclass(frozen=True, slots=True)
class Rules:
    """How the doctor's organisation books."""

    timezone: str
    minimum_notice_minutes: int
    booking_horizon_days: int
    approval_required: bool


@dataclass(frozen=True, slots=True)
class Profile:
    id: UUID
    user_id: UUID
    organisation_id: UUID
    name: str
    specialisations: tuple[str, ...]
    languages: tuple[str, ...]
    places: tuple[Place, ...]  # where the doctor has hours, by name
    years_experience: int
    bio: str
    licence_number: str
    contact_phone: str | None
    organisation: str
    organisation_phone: str | None
    country: str  # the organisation's
    emergency_number: str
    rules: Rules
    says_place: bool = False  # the organisation has several: a time alone does not say where
    photo_version: str | None = None


_BETWEEN, _WITHIN = "\x1f", "\x1e"  # stand in no name


def _joined(query: sa.Select[str]) -> sa.ScalarSelect[str]:
    """The one column of all rows as one text: no second query, no row more for each word."""
    (column,) = query.selected_columns
    words = sa.func.aggregate_strings(column, _BETWEEN)
    return query.with_only_columns(words).correlate(Doctor).scalar_subquery()


# Built once: to put a query together costs more than to send it.
_ALL = (
    sa.select(
        Doctor.id,
        Doctor.user_id,
        Doctor.organisation_id,
        Doctor.name,
        Doctor.years_experience,
        Doctor.bio,
        Doctor.licence_number,
        Doctor.contact_phone,
        User.photo_key,
        Organisation.name.label("organisation"),
        Organisation.phone.label("organisation_phone"),
        Organisation.country,
        Organisation.emergency_number,
        Organisation.timezone,
        OrganisationSettings.minimum_notice_minutes,
        OrganisationSettings.booking_horizon_days,
        OrganisationSettings.approval_required,
        _joined(
            sa.select(DoctorSpecialisation.specialisation).where(
                DoctorSpecialisation.doctor_id == Doctor.id
            )
        ).label("specialisations"),
        _joined(
            sa.select(DoctorLanguage.language).where(DoctorLanguage.doctor_id == Doctor.id)
        ).label("languages"),
        _joined(
            sa.select(
                sa.cast(Location.id, sa.String)
                .concat(_WITHIN)
                .concat(Location.name)
                .concat(_WITHIN)
                .concat(Location.address)
            )
            .join(Schedule, Schedule.location_id == Location.id)
            .where(Schedule.doctor_id == Doctor.id, Schedule.withdrawn_at.is_(None))
        ).label("places"),
        sa.select(sa.func.count())
        .where(
            Location.organisation_id == Doctor.organisation_id,
            Location.closed_at.is_(None),
        )
        .correlate(Doctor)
        .scalar_subquery()
        .label("places_there"),
    )
    .join(User, User.id == Doctor.user_id)
    .join(Organisation, Organisation.id == Doctor.organisation_id)
    .join(OrganisationSettings, OrganisationSettings.organisation_id == Organisation.id)
)
_LISTED = _ALL.where(*IS_LISTED)
_ONE = Together(doctor=_LISTED.where(Doctor.id == sa.bindparam("doctor_id", type_=sa.Uuid)))
_Row = namedtuple("_Row", _LISTED.selected_columns.keys())  # type: ignore[misc]
_MANY = _LISTED.where(Doctor.id.in_(sa.bindparam("doctor_ids", expanding=True)))


HOURS = Visible(
    "hours of a doctor",  # to read and to change
    {
        Role.DOCTOR: same_doctor(Doctor.id),
        Role.STAFF: same_organisation(Doctor.organisation_id),
        Role.ADMIN: same_organisation(Doctor.organisation_id),
        Role.SUPERADMIN: everything,
        SYSTEM: everything,
    },
)


def search(asked: Search, paging: Paging) -> Page[Profile]:
    """The doctors asked for, in the order of their names. Raises BadCursor."""
    wanted = values_of(asked)
    query = narrowed(_LISTED, wanted)
    page = page_of(query, Doctor.sort_name, Doctor.id, paging, values=wanted)
    return page.of(lambda rows: [_profile(row) for row in rows])


def find(doctor_id: UUID) -> Profile:
    """Raises NotFound for an unknown or inactive doctor."""
    rows = _ONE.ask({"doctor_id": doctor_id})["doctor"]
    if not rows:
        raise NotFound
    return _profile(_Row(*rows[0]))


def profiles(doctor_ids: Sequence[UUID]) -> list[Profile]:
    """Those who can be found, in any order."""
    rows = db.session.execute(_MANY, {"doctor_ids": doctor_ids}) if doctor_ids else ()
    return [_profile(row) for row in rows]


def of_user(user_id: UUID) -> Profile:
    """A doctor's own profile, by their user. Raises ProfileMissing."""
    row = db.session.execute(_ALL.where(Doctor.user_id == user_id)).one_or_none()
    if row is None:
        raise ProfileMissing
    return _profile(row)


def find_by_any_id(doctor_or_user_id: UUID) -> Profile:
    """Raises NotFound for an unknown or inactive doctor."""
    is_meant = sa.or_(Doctor.id == doctor_or_user_id, Doctor.user_id == doctor_or_user_id)
    row = db.session.execute(_LISTED.where(is_meant)).one_or_none()
    if row is None:
        raise NotFound
    return _profile(row)


def _profile(row: Any) -> Profile:
    return Profile(
        id=row.id,
        user_id=row.user_id,
        organisation_id=row.organisation_id,
        name=row.name,
        specialisations=_words(row.specialisations),
        languages=_words(row.languages),
        places=_places(row.places),
        says_place=row.places_there > 1,
        years_experience=row.years_experience,
        bio=row.bio,
        licence_number=row.licence_number,
        contact_phone=row.contact_phone,
        organisation=row.organisation,
        organisation_phone=row.organisation_phone,
        country=row.country,
        emergency_number=row.emergency_number,
        photo_version=photo_version(row.photo_key),
        rules=Rules(
            timezone=row.timezone,
            minimum_notice_minutes=row.minimum_notice_minutes,
            booking_horizon_days=row.booking_horizon_days,
            approval_required=row.approval_required,
        ),
    )


def _words(joined: str | None) -> tuple[str, ...]:
    return tuple(sorted(set(joined.split(_BETWEEN)))) if joined else ()


def _places(joined: str | None) -> tuple[Place, ...]:
    found = (one.split(_WITHIN) for one in _words(joined))
    return tuple(sorted((Place(UUID(key), *words) for key, *words in found), key=_by_name))


def _by_name(place: Place) -> str:
    return place.name.casefold()


def of_organisation(organisation_id: UUID) -> list[tuple[UUID, str]]:
    """Ids and names of an organisation's active doctors, by name."""
    return _named(Doctor.organisation_id == organisation_id)


def with_hours_for(actor: Actor) -> list[tuple[UUID, str]]:
    """Those of their organisation whose hours the actor may see, as `of_organisation`."""
    return _named(Doctor.organisation_id == actor.organisation_id, HOURS.to(actor))


def _named(*which: sa.ColumnElement[bool]) -> list[tuple[UUID, str]]:
    rows = db.session.execute(
        sa.select(Doctor.id, Doctor.name).where(*which, Doctor.is_active).order_by(Doctor.sort_name)
    )
    return [(row.id, row.name) for row in rows]


def specialisations_of(doctor_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Slugs by doctor."""
    found: dict[UUID, list[str]] = {key: [] for key in doctor_ids}
    if not found:
        return {}
    rows = db.session.execute(
        sa.select(DoctorSpecialisation.doctor_id, DoctorSpecialisation.specialisation)
        .where(DoctorSpecialisation.doctor_id.in_(list(found)))
        .order_by(DoctorSpecialisation.specialisation)
    )
    for row in rows:
        found[row.doctor_id].append(row.specialisation)
    return found
