"""What a visitor narrows doctors by: read from the address of a page, written into others."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, request, url_for
from flask_login import current_user

from clinic.access.roles import BOOK_FOR_PATIENTS, BOOK_ON_PAGES, WORK_SOMEWHERE
from clinic.core.web import htmx
from clinic.doctors import words
from clinic.doctors.search.narrowing import Search

LONGEST = 120  # characters
Found = TypeVar("Found")
HOURS = {"morning": (0, 12), "afternoon": (12, 17), "evening": (17, 24)}


@dataclass(frozen=True, slots=True)
class Asked:
    """None or "" means any."""

    specialisation: str
    location: UUID | None
    language: str
    q: str
    since: date | None
    part: str  # a key of `HOURS`
    patient: UUID | None = None  # for whom the desk looks; it narrows nothing

    def __bool__(self) -> bool:
        return bool(self.query(patient=""))

    def search(self, organisation: UUID | None = None) -> Search:
        return Search(self.specialisation, self.location, self.language, self.q, organisation)

    def query(self, **instead: str) -> dict[str, str]:
        """As it stands in addresses; `instead` says more, or leaves out by ""."""
        named = {
            "q": self.q,
            "specialisation": self.specialisation,
            "date": self.since.isoformat() if self.since else "",
            "part": self.part,
            "location": str(self.location) if self.location else "",
            "language": self.language,
            "patient": str(self.patient) if self.patient else "",
        }
        return {name: value for name, value in (named | instead).items() if value}

    def index_url(self, **instead: str) -> str:
        return _address(url_for("doctors.index"), self.query(**instead))

    def doctor_url(self, doctor_id: UUID | str, **instead: str) -> str:
        path = url_for("doctors.show", doctor_id=UUID(int=0))
        return _address(path.replace(str(UUID(int=0)), str(doctor_id)), self.query(**instead))

    def confirm_url(self, doctor_id: UUID) -> str:
        """The confirm step of a time with that doctor; it lacks only the start."""
        chosen = {"doctor": str(doctor_id)}
        if self.patient:
            chosen["patient"] = str(self.patient)
        return f"{url_for('appointments.new')}?{urlencode(chosen)}&start="


def _address(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def asked() -> Asked:
    names = ("specialisation", "language", "q", "part")
    values = {name: request.args.get(name, "")[:LONGEST].strip() for name in names}
    return Asked(
        # The API says specialization; links made by hand may say so too.
        specialisation=values["specialisation"]
        or request.args.get("specialization", "")[:LONGEST].strip(),
        location=request.args.get("location", type=UUID),
        language=values["language"],
        q=values["q"],
        since=_since(),
        part=values["part"] if values["part"] in HOURS else "",
        patient=_patient(),
    )


def _patient() -> UUID | None:
    """Who looks is asked only where somebody is named: elsewhere they are read along."""
    patient = request.args.get("patient", type=UUID)
    if patient is None or own_organisation() is None:
        return None
    return patient if current_user.may(BOOK_FOR_PATIENTS) else None


def for_whom(asked: Asked, find: Callable[[UUID, UUID], Found | None]) -> Found | None:
    """Whom a visit is looked for, by `find(organisation, patient)`; None where nobody is chosen."""
    place = own_organisation()
    return find(place, asked.patient) if asked.patient and place else None


def _since() -> date | None:
    try:
        day = date.fromisoformat(request.args.get("date", ""))
    except ValueError:
        return None
    return day if words.FIRST_YEAR <= day.year <= words.LAST_YEAR else None


def own_organisation() -> UUID | None:
    """Whoever works somewhere looks for their own doctors; patients and visitors for any."""
    if current_user.is_authenticated and current_user.may(WORK_SOMEWHERE):
        return current_user.organisation_id
    return None


def may_book_at(organisation_id: UUID | None) -> bool:
    """Is a time there a link to the confirm step, for whoever looks? None is any place shown."""
    if not current_user.is_authenticated:
        return True
    if not current_user.may(BOOK_ON_PAGES):
        return False
    return organisation_id is None or own_organisation() in (None, organisation_id)


def for_everybody(response: Response) -> Response:
    """A page that says nothing of its reader: the way back to it need not lead over the line, and
    asked for again it is empty (304) while nothing in it changed.
    """
    if not current_user.is_authenticated:
        response.headers["Cache-Control"] = "private, no-cache"
        htmx.unless_known(response)
    return response
