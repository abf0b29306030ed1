"""Open the organisations, hire doctors, publish their hours, register patients: by the services."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.access.actor import THE_SYSTEM, Actor
from clinic.access.roles import Role
from clinic.accounts.models import User
from clinic.accounts.people import create
from clinic.accounts.proof import passwords
from clinic.core import clock
from clinic.demo import hours, names, people
from clinic.demo.hours import Hours
from clinic.demo.names import PatientPlan
from clinic.demo.people import DOCTORS, PRACTICES, DoctorPlan, PracticePlan, address_of
from clinic.demo.plan import SEED
from clinic.doctors import service as doctors
from clinic.doctors.service import NewProfile
from clinic.organisations import service as organisations
from clinic.patients.people import service as patients
from clinic.patients.people.service import Contact
from clinic.schedules import service as schedules
from clinic.schedules.service import NewWindow
from clinic.schedules.slots import instant

PASSWORD = "quay-street-demo"  # noqa: S105 - shown to whoever starts the demo; never in production
OPENED_DAYS_AGO = 90


@dataclass(frozen=True, slots=True)
class Practice:
    plan: PracticePlan
    id: UUID
    places: tuple[UUID, ...]
    desk: Actor


@dataclass(frozen=True, slots=True)
class Doctor:
    plan: DoctorPlan
    id: UUID
    practice: Practice
    actor: Actor
    on_call: set[UUID] = field(default_factory=set)  # windows in which nobody is idle


@dataclass(frozen=True, slots=True)
class Patient:
    plan: PatientPlan
    id: UUID
    actor: Actor | None  # None without a login: the desk acts for them


@dataclass(frozen=True, slots=True)
class Login:
    role: str
    name: str
    organisation: str
    email: str
    password: str = PASSWORD


@dataclass(slots=True)
class Clinic:
    """Everything that stands before the first visit is booked."""

    today: date
    zone: ZoneInfo
    practices: dict[str, Practice] = field(default_factory=dict)
    doctors: list[Doctor] = field(default_factory=list)
    patients: list[Patient] = field(default_factory=list)
    logins: list[Login] = field(default_factory=list)


class Founder:
    """Hash the password once, before the transaction: it is slow, and the demo people share it."""

    def __init__(self, now: datetime, scale: int) -> None:
        zone = clock.zone(people.TIMEZONE)
        self.clinic = Clinic(today=now.astimezone(zone).date(), zone=zone)
        self.scale = scale
        self.password_hash = passwords.hash_password(PASSWORD)

    def found(self) -> Clinic:
        """Needs a transaction."""
        clinic = self.clinic
        opened_on = clinic.today - timedelta(days=OPENED_DAYS_AGO)
        with clock.travelled(instant(opened_on, time(9), clinic.zone)):
            self._user(Role.SUPERADMIN, *people.SUPERADMIN)
            for practice in PRACTICES:
                clinic.practices[practice.key] = self._open(practice)
            for turn in range(self.scale):
                for number, doctor in enumerate(DOCTORS):
                    clinic.doctors.append(self._hire(doctor, number, turn))
            self._publish_exceptions({doctor.plan.name: doctor for doctor in clinic.doctors})
            for patient in names.patients(self.scale, clinic.today, Random(SEED)):
                clinic.patients.append(self._register(patient))
        return clinic

    def _user(
        self,
        role: Role,
        name: str,
        email: str,
        plan: PracticePlan | None = None,
        organisation_id: UUID | None = None,
        phone: str | None = None,
    ) -> User:
        self.clinic.logins.append(Login(str(role), name, plan.name if plan else "", email))
        return create.create_user(
            role, name, email, THE_SYSTEM, self.password_hash, phone, organisation_id, clock.now()
        )

    def _open(self, plan: PracticePlan) -> Practice:
        organisation = organisations.open_organisation(
            plan.name,
            plan.kind,
            people.TIMEZONE,
            people.COUNTRY,
            people.EMERGENCY_NUMBER,
            phone=plan.phone,
            email=f"hello@{plan.domain}",
            approval_required=plan.approval_required,
        )
        places = [organisations.add_location(organisation.id, *place).id for place in plan.places]
        self._user(Role.ADMIN, plan.admin, f"admin@{plan.domain}", plan, organisation.id)
        clerk = self._user(Role.STAFF, plan.staff, f"desk@{plan.domain}", plan, organisation.id)
        desk = Actor(role=Role.STAFF, user_id=clerk.id, organisation_id=organisation.id)
        return Practice(plan, organisation.id, tuple(places), desk)

    def _hire(self, plan: DoctorPlan, number: int, turn: int) -> Doctor:
        """Those of a later turn are colleagues with another surname and the same week."""
        weekly = hours.WEEKLY[plan.name]
        plan = people.colleague(plan, number, turn)
        practice = self.clinic.practices[plan.practice]
        email = address_of(plan.name, practice.plan.domain)
        user = self._user(Role.DOCTOR, plan.name, email, practice.plan, practice.id)
        profile = NewProfile(
            licence_number=f"DEMO-{4100 + 100 * turn + number}",
            specialisations=plan.specialisations,
            languages=plan.languages,
            years_experience=plan.years,
            bio=plan.bio,
            contact_phone=practice.plan.phone,
        )
        profile_id = doctors.create_profile(user, profile, THE_SYSTEM).id
        actor = Actor(Role.DOCTOR, user.id, practice.id, doctor_id=profile_id)
        doctor = Doctor(plan, profile_id, practice, actor)
        for window in weekly:
            for weekday in window.days:
                self._publish(doctor, window, weekday=weekday)
        return doctor

    def _publish(
        self, doctor: Doctor, window: Hours, weekday: int | None = None, on: date | None = None
    ) -> UUID:
        new = NewWindow(
            location_id=doctor.practice.places[window.place],
            start=window.opens,
            end=window.closes,
            weekday=weekday,
            on=on,
            slot_minutes=window.minutes,
            capacity=window.capacity,
        )
        return schedules.publish_window(doctor.id, new, doctor.practice.desk).id

    def _publish_exceptions(self, doctors_by_name: dict[str, Doctor]) -> None:
        clinic = self.clinic
        for name, window in hours.ON_CALL.items():
            doctor = doctors_by_name[name]
            doctor.on_call.add(self._publish(doctor, window, on=clinic.today))
        extra = hours.extra_clinic(clinic.today)
        self._publish(doctors_by_name[extra.doctor], extra.hours, on=extra.on)
        away = hours.time_off(clinic.today)
        absent = doctors_by_name[away.doctor]
        first, back = (clock.day_bounds(day, clinic.zone)[0] for day in (away.first, away.back))
        schedules.take_time_off(absent.id, first, back, away.reason, absent.practice.desk)

    def _register(self, plan: PatientPlan) -> Patient:
        practice = self.clinic.practices[plan.practice]
        contact = Contact(phone=plan.phone, email=plan.email, channel=plan.channel)
        if plan.has_login:
            return self._sign_up(plan, practice, contact)
        found = patients.register(practice.id, plan.name, contact, practice.desk, plan.birth_date)
        return Patient(plan, found.id, None)

    def _sign_up(self, plan: PatientPlan, practice: Practice, contact: Contact) -> Patient:
        email = address_of(plan.name, "example.com")
        user = self._user(Role.PATIENT, plan.name, email, phone=plan.phone)
        found = patients.create_for_user(user, plan.birth_date)
        patients.link(found.id, practice.id, contact)
        return Patient(plan, found.id, Actor(Role.PATIENT, user.id, patient_id=found.id))
