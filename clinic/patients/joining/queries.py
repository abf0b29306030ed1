"""Records that may be of one person, as an organisation and as the person themselves see them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import JOIN_RECORDS
from clinic.accounts.models import User
from clinic.accounts.proof.standing import is_proven
from clinic.core.data.bulk import among
from clinic.core.data.db import db
from clinic.core.errors import NotFound
from clinic.organisations.models import Organisation
from clinic.patients.joining.alike import NAME, Side, agreement, in_order, is_answered_for
from clinic.patients.models import JoinedRecord, Patient, PatientOrganisation
from clinic.patients.people.matching import PEOPLE

MOST_PAIRS = 8

_Link = PatientOrganisation
_NAMES = tuple(Side.__dataclass_fields__)
_SIDE = (
    Patient.id,
    Patient.full_name,
    Patient.birth_date,
    Patient.created_at,
    Patient.user_id.is_not(None).label("has_login"),
    _Link.record_number,
    _Link.phone.label("noted_phone"),
    _Link.email.label("noted_email"),
    User.phone.label("own_phone"),
    User.email.label("own_email"),
    is_proven("phone").label("phone_is_proven"),
    is_proven("email").label("email_is_proven"),
)
_IS_CARED_FOR = sa.and_(_Link.is_active, _Link.died_on.is_(None))


@dataclass(frozen=True, slots=True)
class Pair:
    """`one` was asked about. `agrees`: full_name, date_of_birth, phone, email."""

    one: Side
    other: Side
    agrees: frozenset[str]
    may_join: bool  # else the account must prove the number or the address first


@dataclass(frozen=True, slots=True)
class Offer:
    """A record that may be the person's own: of whom it is known where."""

    user_id: UUID
    account_id: UUID  # the two patients
    record_id: UUID
    organisation_id: UUID
    organisation: str
    born: date


def pairs_of(organisation_id: UUID, patient_id: UUID) -> list[Pair]:
    """Who may be the same person there, by name. Nobody of those that died or are inactive."""
    here = _sides().where(_Link.organisation_id == organisation_id, _IS_CARED_FOR)
    one = _side(db.session.execute(here.where(Patient.id == patient_id)).one_or_none())
    if one is None:
        return []
    alike = [
        _Link.phone.in_(one.phones),
        User.phone.in_(one.phones),
        sa.func.lower(_Link.email).in_(one.emails),
        User.email.in_(one.emails),
        Patient.birth_date == one.birth_date if one.birth_date else sa.false(),
    ]
    found = db.session.execute(
        here.where(Patient.id != patient_id, sa.or_(*alike)).order_by(Patient.sort_name, Patient.id)
    )
    pairs = [_pair(one, other) for row in found if (other := _side(row))]
    return [pair for pair in pairs if pair.agrees][:MOST_PAIRS]


def pair(organisation_id: UUID, patient_id: UUID, other_id: UUID) -> Pair:
    """Raises NotFound where they are not known there, or cannot be one person."""
    for found in pairs_of(organisation_id, patient_id):
        if found.other.id == other_id:
            return found
    raise NotFound


def seen_by(actor: Actor, patient_id: UUID) -> list[Pair]:
    """What the actor's desk may decide; nobody else reads of it."""
    if actor.organisation_id is None or not actor.may(JOIN_RECORDS):
        return []
    return pairs_of(actor.organisation_id, patient_id)


def stands_for(patient_id: UUID, organisation_id: UUID | None) -> UUID | None:
    """The record into which this one, which is gone, was joined there; None where it was not."""
    return db.session.scalar(
        sa.select(JoinedRecord.patient_id).where(
            JoinedRecord.id == patient_id, JoinedRecord.organisation_id == organisation_id
        )
    )


def joined_before(organisation_id: UUID, one_id: UUID, other_id: UUID) -> UUID | None:
    """Which of these two stays, where they are one record already."""
    for goes, stays in ((one_id, other_id), (other_id, one_id)):
        if stands_for(goes, organisation_id) == stays:
            return stays
    return None


def offers(user_ids: Collection[UUID]) -> list[tuple[Side, Side, Offer]]:
    """Accounts and the records of clinics that noted the number or the address that they have
    proven, of somebody with their name and a birth date."""
    if not user_ids:
        return []
    mine = sa.orm.aliased(Patient, name="mine")
    noted = sa.or_(
        sa.and_(is_proven("phone"), _Link.phone == User.phone),
        sa.and_(is_proven("email"), _Link.email == User.email),
    )
    rows = db.session.execute(
        sa.select(
            *_of_account(mine),
            *_of_record(),
            User.id.label("user_id"),
            Organisation.id.label("place_id"),
            Organisation.name.label("place"),
        )
        .select_from(User)
        .join(mine, mine.user_id == User.id)
        .join(_Link, noted)
        .join(Patient, Patient.id == _Link.patient_id)
        .join(Organisation, Organisation.id == _Link.organisation_id)
        .where(
            among(User.id, user_ids),
            User.is_active,
            Patient.user_id.is_(None),
            Patient.birth_date.is_not(None),
            _IS_CARED_FOR,
        )
        .order_by(Patient.id, Organisation.name)
    )
    return [found for row in rows if (found := _offer(row))]


def offered(user_id: UUID) -> list[str]:
    """The clinics that know somebody who may be the person, and could be told by a birth date."""
    found = (
        offer.organisation for account, _, offer in offers([user_id]) if not account.birth_date
    )
    return list(dict.fromkeys(found))


def _offer(row: Any) -> tuple[Side, Side, Offer] | None:
    kept = row._mapping
    account = Side(**{name: kept[f"account_{name}"] for name in _ACCOUNT})
    record = Side(**{name: kept[f"record_{name}"] for name in _RECORD}, has_login=False)
    if not record.birth_date or not _is_named_alike(account, record):
        return None
    offer = Offer(row.user_id, account.id, record.id, row.place_id, row.place, record.birth_date)
    return account, record, offer


def _is_named_alike(account: Side, record: Side) -> bool:
    """Whatever their birth dates say."""
    return NAME in agreement(replace(account, birth_date=None), record)


_ACCOUNT = (
    *("id", "full_name", "birth_date", "created_at", "has_login"),
    *("own_phone", "own_email", "phone_is_proven", "email_is_proven"),
)
_RECORD = (
    *("id", "full_name", "birth_date", "created_at"),
    *("record_number", "noted_phone", "noted_email"),
)


def _of_account(mine: Any) -> list[sa.Label[Any]]:
    found = {
        "id": mine.id,
        "full_name": mine.full_name,
        "birth_date": mine.birth_date,
        "created_at": mine.created_at,
        "has_login": sa.true(),
        "own_phone": User.phone,
        "own_email": User.email,
        "phone_is_proven": is_proven("phone"),
        "email_is_proven": is_proven("email"),
    }
    return [column.label(f"account_{name}") for name, column in found.items()]


def _of_record() -> list[sa.Label[Any]]:
    columns = {column.key: column for column in _SIDE}
    return [columns[name].label(f"record_{name}") for name in _RECORD]


def _sides() -> sa.Select:
    return sa.select(*_SIDE).select_from(PEOPLE)


def _side(row: sa.Row[Any] | None) -> Side | None:
    if row is None:
        return None
    values = {name: row._mapping[name] for name in _NAMES}
    proven = {name: bool(values[name]) for name in ("phone_is_proven", "email_is_proven")}
    return Side(**values | proven)


def _pair(one: Side, other: Side) -> Pair:
    return Pair(one, other, agreement(one, other), is_answered_for(one, other))


def order_of(found: Pair) -> Sequence[Side]:
    """Who stays, and who goes."""
    return in_order(found.one, found.other)
