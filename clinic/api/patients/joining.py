"""Two records of one person."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from clinic.access.roles import JOIN_RECORDS
from clinic.api.frame import In, Out, Resource, actor, example, own_organisation
from clinic.api.patients.patients import RECORD, PatientOut
from clinic.core.web.security import access
from clinic.patients.joining import queries, service
from clinic.patients.people import queries as people
from clinic.patients.people.queries import Record

bp = Resource("joining", tag="Patients")

ALIKE = {
    "id": RECORD["id"],
    "full_name": "Ines Gomes",
    "date_of_birth": "1970-01-02",
    "record_number": "P1A2B3C4D",
    "has_login": True,
    "agrees": ["date_of_birth", "full_name", "phone"],
    "may_join": True,
}


class AlikeOut(Out):
    id: UUID
    full_name: str
    date_of_birth: date | None
    record_number: str | None
    has_login: bool
    agrees: list[str] = Field(description="full_name, date_of_birth, phone, email")
    may_join: bool = Field(
        description="False while the account has not proven the number or address that is noted"
    )

    model_config = example(ALIKE)


class AlikesOut(Out):
    items: list[AlikeOut]

    model_config = example({"items": [ALIKE]})


class JoinIn(In):
    patient_id: UUID = Field(description="The other record of the same person")

    model_config = example({"patient_id": RECORD["id"]})


@bp.get("/patients/<uuid:patient_id>/alike")
@access(*JOIN_RECORDS)
@bp.output(AlikesOut)
def show_alike(patient_id: UUID) -> dict[str, Any]:
    """Who may be the same person: birth dates that differ are two people."""
    people.one(actor(), patient_id)
    return {"items": [_shown(pair) for pair in queries.seen_by(actor(), patient_id)]}


def _shown(pair: queries.Pair) -> dict[str, Any]:
    other = pair.other
    return {
        "id": other.id,
        "full_name": other.full_name,
        "date_of_birth": other.birth_date,
        "record_number": other.record_number,
        "has_login": other.has_login,
        "agrees": sorted(pair.agrees),
        "may_join": pair.may_join,
    }


@bp.post("/patients/<uuid:patient_id>/join")
@access(*JOIN_RECORDS)
@bp.input(JoinIn)
@bp.output(PatientOut)
def join_records(patient_id: UUID, json_data: JoinIn) -> Record:
    """Make one of two records. That of an account stays, else the older; it is in the answer.

    This cannot be undone: visits, messages and what was noted are those of the one that stays.
    The same two again are answered the same.
    """
    place, other_id = own_organisation(), json_data.patient_id
    stays = queries.joined_before(place, patient_id, other_id)
    if stays is None:
        stays = service.join(place, patient_id, other_id, actor())
    return people.known_at(place, stays)
