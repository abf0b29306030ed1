"""Whom the organisation knows already, of the people in a list; and what a list adds to them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core.data.db import db
from clinic.patients import details
from clinic.patients.models import Patient, PatientOrganisation
from clinic.patients.people import service

FILLED = ("phone", "email", "date_of_birth")


@dataclass(slots=True)
class Somebody:
    patient_id: UUID
    phone: str | None
    email: str | None
    date_of_birth: date | None
    has_login: bool = False  # who keeps these details themselves

    def is_the_same(self, row: Mapping[str, Any]) -> bool:
        """Of one name. Another birth date is another person, be the telephone the same."""
        born = row.get("date_of_birth")
        if born and self.date_of_birth and born != self.date_of_birth:
            return False
        shared = any(row.get(one) and row[one] == getattr(self, one) for one in FILLED)
        return shared or not any(getattr(self, one) for one in FILLED)

    def lacks(self, row: Mapping[str, Any]) -> dict[str, Any]:
        if self.has_login:
            return {}
        return {one: row[one] for one in FILLED if row.get(one) and not getattr(self, one)}


class KnownPeople:
    """Those of some names, and who is added meanwhile."""

    def __init__(self, organisation_id: UUID, names: Iterable[str]) -> None:
        self._organisation_id = organisation_id
        self._by_name: dict[str, list[Somebody]] = defaultdict(list)
        for row in _read(organisation_id, {details.sort_name(name) for name in names}):
            person = Somebody(row.id, row.phone, row.email, row.birth_date, row.has_login)
            self._by_name[row.sort_name].append(person)

    def find(self, row: Mapping[str, Any]) -> Somebody | None:
        """Who shares a number, an address or the birth date; else whom nothing is known of."""
        alike = [one for one in self._of_name(row) if one.is_the_same(row)]
        told = [one for one in alike if any(getattr(one, by) for by in FILLED)]
        return next(iter(told or alike), None)

    def add(self, patient_id: UUID, row: Mapping[str, Any]) -> None:
        phone, email, born = (row.get(one) for one in FILLED)
        self._of_name(row).append(Somebody(patient_id, phone, email, born))

    def fill(self, person: Somebody, row: Mapping[str, Any]) -> bool:
        """What was empty. Returns whether anything was. What is known stays as it is."""
        given = person.lacks(row)
        if not given:
            return False
        contact: dict[str, Any] = {
            one: value for one, value in given.items() if one != "date_of_birth"
        }
        if contact and not (person.phone or person.email):
            contact["channel"] = service.contact_of(row).channel
        if contact:
            db.session.execute(
                sa.update(PatientOrganisation)
                .where(
                    PatientOrganisation.patient_id == person.patient_id,
                    PatientOrganisation.organisation_id == self._organisation_id,
                )
                .values(contact)
            )
        if "date_of_birth" in given:
            db.session.execute(
                sa.update(Patient)
                .where(Patient.id == person.patient_id)
                .values(birth_date=given["date_of_birth"])
            )
        for one, value in given.items():
            setattr(person, one, value)
        return True

    def _of_name(self, row: Mapping[str, Any]) -> list[Somebody]:
        return self._by_name[details.sort_name(row["full_name"])]


def _read(organisation_id: UUID, sort_names: set[str]) -> Iterable[Any]:
    link = PatientOrganisation
    return db.session.execute(
        sa.select(
            Patient.id,
            Patient.sort_name,
            Patient.birth_date,
            Patient.user_id.is_not(None).label("has_login"),
            sa.func.coalesce(User.phone, link.phone).label("phone"),
            sa.func.coalesce(User.email, link.email).label("email"),
        )
        .join(link, link.patient_id == Patient.id)
        .outerjoin(User, User.id == Patient.user_id)
        .where(link.organisation_id == organisation_id, Patient.sort_name.in_(sort_names))
        .order_by(Patient.created_at, Patient.id)
    ).all()
