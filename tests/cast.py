"""The people of every test. Asha is the patient, Bela the stranger, Farid works elsewhere."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.access.actor import THE_SYSTEM, Actor
from clinic.access.roles import Role
from clinic.accounts.models import User
from clinic.accounts.people import create
from clinic.accounts.proof import passwords
from clinic.core.data.db import transactional
from clinic.doctors import service as doctors
from clinic.organisations import service as organisations
from clinic.patients.people import service as patients
from clinic.schedules import service as schedules

PASSWORD = "three small words"
LONDON = ZoneInfo("Europe/London")
TODAY = date(2026, 11, 16)  # a Monday
NOW = datetime(2026, 11, 16, 6, 30, tzinfo=UTC)  # the nine o'clock slot can be booked and cancelled


def at(wall: str, day: date = TODAY) -> datetime:
    """The instant of a London wall-clock time."""
    return datetime.combine(day, time.fromisoformat(wall), LONDON).astimezone(UTC)


@dataclass(frozen=True)
class Person:
    name: str
    role: str
    user_id: UUID
    email: str
    organisation_id: UUID | None = None
    doctor_id: UUID | None = None
    patient_id: UUID | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.role, self.user_id, self.organisation_id, self.doctor_id, self.patient_id)


@dataclass
class Cast:
    """Made once, copied with the template database into every test."""

    harbour: UUID
    elsewhere: UUID
    quay_street: UUID
    far_street: UUID
    people: dict[str, Person] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Person:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None


@transactional
def make_cast() -> Cast:
    """Harbour Clinic with its people, and a hospital elsewhere. Needs an app context."""
    harbour = organisations.open_organisation(
        "Harbour Clinic", "clinic", "Europe/London", "GB", "999", phone="+442079460142"
    )
    far = organisations.open_organisation("Far Hospital", "hospital", "Asia/Kolkata", "IN", "112")
    quay = organisations.add_location(harbour.id, "Quay Street", "14 Quay Street")
    far_place = organisations.add_location(far.id, "Far Street", "1 Far Street")
    cast = Cast(harbour.id, far.id, quay.id, far_place.id)
    hashed = passwords.hash_password(PASSWORD)
    _patients(cast, hashed)
    _doctors(cast, hashed)
    _desk(cast, hashed)
    return cast


def _user(
    cast: Cast, key: str, name: str, role: Role, hashed: str, place: UUID | None, number: int
) -> User:
    email = f"{key.replace('_', '.')}@cast.example"
    user = create.create_user(
        role, name, email, THE_SYSTEM, password_hash=hashed,
        phone=f"+4477009000{number:02}", organisation_id=place, verified_at=NOW,
    )  # fmt: skip
    cast.people[key] = Person(name, str(role), user.id, email, place)
    return user


def _patients(cast: Cast, hashed: str) -> None:
    for number, (key, name) in enumerate((("asha", "Asha Rao"), ("bela", "Bela Novak"))):
        user = _user(cast, key, name, Role.PATIENT, hashed, None, number)
        patient = patients.create_for_user(user, date(1984, 5, 17))
        cast.people[key] = Person(
            name, "patient", user.id, user.email, patient_id=patient.id
        )  # fmt: skip


def _doctors(cast: Cast, hashed: str) -> None:
    wanted = (
        ("dr_chandra", "Chandra Iyer", cast.harbour, cast.quay_street, 1, "cardiology"),
        ("dr_dev", "Dev Patel", cast.harbour, cast.quay_street, 3, "dermatology"),
        ("dr_hana", "Hana Sato", cast.elsewhere, cast.far_street, 1, "neurology"),
    )
    for number, (key, name, place, room, capacity, field_) in enumerate(wanted, start=10):
        user = _user(cast, key, name, Role.DOCTOR, hashed, place, number)
        profile = doctors.NewProfile(f"GMC-{number}", (field_,), ("en",), number)
        doctor = doctors.create_profile(user, profile, THE_SYSTEM)
        cast.people[key] = Person(name, "doctor", user.id, user.email, place, doctor.id)
        for weekday in range(5):
            schedules.publish_window(
                doctor.id,
                schedules.NewWindow(room, time(9), time(12), weekday=weekday, capacity=capacity),
                THE_SYSTEM,
            )


def _desk(cast: Cast, hashed: str) -> None:
    _user(cast, "esha", "Esha Gill", Role.STAFF, hashed, cast.harbour, 20)
    _user(cast, "farid", "Farid Khan", Role.STAFF, hashed, cast.elsewhere, 21)
    _user(cast, "amir", "Amir Admin", Role.ADMIN, hashed, cast.harbour, 22)
    _user(cast, "gita", "Gita Root", Role.SUPERADMIN, hashed, None, 23)
