"""People who are cared for, as the organisation knows them."""

import json
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from flask_login import current_user
from pydantic import Field

from clinic.access.roles import DECIDE_DEATHS, READ_PATIENTS, REGISTER_PATIENTS
from clinic.api.consents.consents import AGREED, TextWords
from clinic.api.frame import (
    In,
    Out,
    PageOf,
    PageQuery,
    Resource,
    actor,
    example,
    honours_key,
    once,
    own_organisation,
    page,
)
from clinic.api.visits import STAYING, StayingQuery, Visits, chosen
from clinic.api.when import Day
from clinic.core.fields import Email, Language, LocalPhone, Name, Text
from clinic.core.web.security import access
from clinic.messaging.consents import words as text_words
from clinic.messaging.queueing import queries as messaging
from clinic.organisations.site.queries import for_person
from clinic.patients.people import queries
from clinic.patients.people.queries import Record
from clinic.patients.records import service as records

bp = Resource("patients", tag="Patients")

Channel = Literal["sms", "whatsapp", "email"]

INES = {
    "full_name": "Ines Gomes",
    "date_of_birth": "1970-01-02",
    "phone": "+447400123458",
    "email": "ines@example.org",
    "language": "pt",
    "channel": "sms",
}
RECORD = {
    **INES,
    "id": "4e1f6a6e-5d0c-4a57-9d5f-0b6f3f0d6a11",
    "gender": None,
    "died_on": None,
    "death_noted_elsewhere": None,
    "seen_since_death": False,
    "has_login": False,
    "organisation_id": "0b1f3f76-8a0e-4c59-8d8b-6e1b8d7a2c10",
    "record_number": "P1A2B3C4D",
    "noted_phone": "+447400123458",
    "noted_email": "ines@example.org",
    "is_active": True,
    "created_at": "2026-11-16T06:30:00Z",
}


STOP = {
    "address": "+447400123458",
    "channels": ["sms", "whatsapp"],
    "kind": "unreachable",
    "since": "2026-11-16T06:30:00Z",
    "reason": "30003",
}


class PatientIn(In):
    full_name: Name
    date_of_birth: Day | None = None
    phone: LocalPhone | None = None
    email: Email | None = None
    language: Language | None = None
    channel: Channel | None = None
    text_words: TextWords | None = Field(None, description=AGREED)

    model_config = example(INES)


class PatientPatch(In):
    full_name: Name | None = None
    date_of_birth: Day | None = None
    died_on: Day | None = Field(
        None,
        description="Counts here alone: nobody here writes to them, or books for them. Others "
        "that know the person read it as a note. null takes it back and plans reminders again",
    )
    phone: LocalPhone | None = None
    email: Email | None = None
    language: Language | None = None
    channel: Channel | None = None
    is_active: bool | None = Field(None, description="Who is inactive gets nothing more from here")
    visits: Visits | None = Field(None, description=f"Of who died or leaves. {STAYING}")

    model_config = example({"phone": "+447400123459", "channel": "whatsapp"})


class PatientQuery(PageQuery):
    q: Annotated[str, Text(100)] | None = Field(
        None,
        description="Parts of the name in any order, phone, e-mail, birth date, reference of a "
        "visit or record number, as people write them; at least 2 characters",
    )
    active: bool | None = None


class PatientOut(Out):
    id: UUID
    full_name: str
    date_of_birth: date | None
    gender: str | None
    died_on: date | None
    death_noted_elsewhere: date | None = Field(
        description="Another organisation says so; confirm or dismiss it"
    )
    seen_since_death: bool = Field(description="They logged in after died_on was noted: check it")
    has_login: bool = Field(description="They keep name, birth date and addresses themselves")
    phone: str | None = Field(description="The number that is used: of their login, else as noted")
    email: str | None = Field(description="The address that is used")
    organisation_id: UUID | None
    record_number: str | None
    noted_phone: str | None = Field(description="As the organisation noted it")
    noted_email: str | None
    language: str | None
    channel: str | None
    is_active: bool | None
    created_at: datetime

    model_config = example(RECORD)


class StopOut(Out):
    address: str
    channels: list[str] = Field(description="By which nothing goes there")
    kind: Literal["opted_out", "unreachable"] = Field(
        description="Their own word, which only they take back; or what a provider found out"
    )
    since: datetime
    reason: str = Field(description="stop_word, or the provider's code")

    model_config = example(STOP)


class PatientDetailOut(PatientOut):
    stops: list[StopOut] = Field(description="What keeps texts from the number that is used")

    model_config = example({**RECORD, "stops": [STOP]})


class RegisteredOut(PatientDetailOut):
    possible_duplicates: list[UUID] = Field(
        description="Known before with the same phone, e-mail, or name and birth date"
    )

    model_config = example({**RECORD, "stops": [], "possible_duplicates": []})


class PatientPage(PageOf[PatientOut]):
    model_config = example({"items": [RECORD], "next_cursor": None})


@bp.get("/patients")
@access(*READ_PATIENTS)
@bp.input(PatientQuery, location="query")
@bp.output(PatientPage)
def find_patients(query_data: PatientQuery) -> dict[str, Any]:
    """The organisation's patients by name; a doctor's are those with visits to them.

    A superadmin finds those of every organisation, each once.
    """
    asked, who = query_data, actor()
    found = queries.page(who.organisation_id, who, asked.paging, asked.q, asked.active)
    return page(found)


@bp.post("/patients")
@access(*REGISTER_PATIENTS)
@honours_key
@bp.input(PatientIn)
@bp.output(RegisteredOut, 201)
def register_patient(json_data: PatientIn) -> dict[str, Any]:
    """Register a person; who may be the same is named in the answer."""
    given = json_data.model_dump(exclude_none=True, exclude={"text_words"})
    who = actor()
    agreed = text_words.agreed(
        for_person(current_user.id), json_data.text_words, "api", who.user_id
    )

    def register() -> str:
        made = records.register(own_organisation(), given, who, agreed)
        return json.dumps([str(one) for one in (made.id, *made.possible_duplicates)])

    patient_id, *alike = json.loads(once(register, json_data))
    # A doctor has no visit with the person yet, and reads the answer all the same.
    made = queries.known_at(own_organisation(), UUID(patient_id))
    return {**_detailed(made), "possible_duplicates": alike}


@bp.get("/patients/<uuid:patient_id>")
@access(*READ_PATIENTS)
@bp.output(PatientDetailOut)
def show_patient(patient_id: UUID) -> dict[str, Any]:
    """One patient, as the organisation knows them, and what keeps texts from them."""
    return _detail(patient_id)


def _detail(patient_id: UUID) -> dict[str, Any]:
    return _detailed(queries.one(actor(), patient_id))


def _detailed(found: Record) -> dict[str, Any]:
    record = PatientOut.model_validate(found)
    return {**record.model_dump(), "stops": messaging.stops_at(found.phone, found.organisation_id)}


@bp.patch("/patients/<uuid:patient_id>")
@access(*REGISTER_PATIENTS)
@bp.input(PatientPatch)
@bp.input(StayingQuery, location="query")
@bp.output(PatientDetailOut)
def change_patient(
    patient_id: UUID, json_data: PatientPatch, query_data: StayingQuery
) -> dict[str, Any]:
    """Change how the organisation reaches a person, or the record of one without a login."""
    changes = json_data.model_dump(exclude_unset=True, exclude={"visits"})
    visits = chosen(query_data, json_data)
    records.update(own_organisation(), patient_id, changes, actor(), visits)
    return _detail(patient_id)


@bp.delete("/patients/<uuid:patient_id>")
@access(*REGISTER_PATIENTS)
@bp.input(StayingQuery, location="query")
@bp.doc(responses={204: "The person gets nothing more from the organisation"})
def deactivate_patient(patient_id: UUID, query_data: StayingQuery) -> tuple[str, int]:
    """Make a patient inactive at the organisation. The record stays."""
    records.deactivate(own_organisation(), patient_id, actor(), query_data.visits)
    return "", 204


@bp.delete("/patients/<uuid:patient_id>/unreachable")
@access(*REGISTER_PATIENTS)
@bp.doc(responses={204: "The next text goes to their number again"})
def text_patient_again(patient_id: UUID) -> tuple[str, int]:
    """End the mark that no texts reach the number that is used. Their own STOP stays."""
    records.text_again(own_organisation(), patient_id, actor())
    return "", 204


@bp.post("/patients/<uuid:patient_id>/death-note/confirm")
@access(*DECIDE_DEATHS)
@bp.input(StayingQuery, location="query")
@bp.output(PatientDetailOut)
def confirm_death(patient_id: UUID, query_data: StayingQuery) -> dict[str, Any]:
    """Say of a death that another organisation noted that it is so: it counts here, too."""
    records.confirm_death(own_organisation(), patient_id, actor(), query_data.visits)
    return _detail(patient_id)


@bp.post("/patients/<uuid:patient_id>/death-note/dismiss")
@access(*DECIDE_DEATHS)
@bp.output(PatientDetailOut)
def dismiss_death(patient_id: UUID) -> dict[str, Any]:
    """Say that it is not so: nothing changes here, and the note is gone."""
    records.dismiss_death(own_organisation(), patient_id, actor())
    return _detail(patient_id)
