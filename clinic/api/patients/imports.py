"""Lists of patients, row by row."""

from dataclasses import replace
from typing import Literal
from uuid import UUID

from apiflask.fields import UploadFile
from pydantic import Field

from clinic.access.roles import REGISTER_PATIENTS
from clinic.api.frame import In, Out, Resource, actor, example, own_organisation
from clinic.core.errors import FieldError
from clinic.core.web.problems import said_of
from clinic.core.web.security import access
from clinic.patients.imports import lists
from clinic.patients.imports import service as imports
from clinic.patients.imports.lists import Problem
from clinic.patients.imports.service import Progress

bp = Resource("patient_imports", tag="Patients")

REFUSED = {
    "row": 3,
    "field": "phone",
    "code": "not_a_phone",
    "message": "Enter a number with the country code.",
}
REPORT = {
    "id": "9c4ef1fb-52b6-4a0e-8c6e-2d6f6f1a7e55",
    "status": "done",
    "total": 2,
    "done": 2,
    "created": 1,
    "updated": 0,
    "refused": [REFUSED],
}


class ListIn(In):
    file: UploadFile = Field(description="CSV in UTF-8, at most 5,000 rows and 1 MiB")


class RefusedOut(Out):
    row: int = Field(description="As a spreadsheet counts: the header is 1")
    field: str
    code: str
    message: str

    model_config = example(REFUSED)


class ImportOut(Out):
    id: UUID
    status: Literal["running", "done"]
    total: int
    done: int
    created: int
    updated: int = Field(description="Who was known, and of whom something empty was filled")
    refused: list[RefusedOut]

    model_config = example(REPORT)


@bp.post("/patients/import")
@access(*REGISTER_PATIENTS)
@bp.input(ListIn, location="files")
@bp.output(ImportOut)
@bp.doc(responses={202: "The rest is worked off in the background: ask for the report"})
def import_patients(files_data: ListIn) -> tuple[Progress, int]:
    """Register a list of people, as a file or as a body of type text/csv.

    Columns: full_name (or name, or first_name and last_name), phone or mobile, email,
    date_of_birth, language, channel, and what else lists usually call them. Days are YYYY-MM-DD
    or in the order of the country. A bad row is reported, the good ones are kept. Who is known
    gets what was empty of them; somebody with another birth date is another person.
    """
    who, organisation_id = actor(), own_organisation()
    text = lists.decode(files_data.file.read())
    import_id = imports.start_import(organisation_id, text, who)
    imports.begin(import_id)
    report = imports.progress(organisation_id, import_id)
    return _said(report), 200 if report.status == "done" else 202


@bp.get("/patients/import/<uuid:import_id>")
@access(*REGISTER_PATIENTS)
@bp.output(ImportOut)
def import_report(import_id: UUID) -> Progress:
    """How far the list got, and which rows were refused."""
    return _said(imports.progress(own_organisation(), import_id))


def _said(report: Progress) -> Progress:
    """With the problems in the reader's language; the rows of older imports have no values."""
    refused = [{**one, "message": said_of(_problem(one))} for one in report.refused]
    return replace(report, refused=refused)


def _problem(one: Problem) -> FieldError:
    return FieldError(one["field"], one["code"], one["message"], one.get("values", {}))
