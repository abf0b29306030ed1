"""The visits a number can mean, and where each stands in the list that was texted to it."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.accounts.models import User
from clinic.appointments.models import Appointment
from clinic.appointments.outside import words
from clinic.appointments.outside.replies import Candidate
from clinic.appointments.reading import visit as visits
from clinic.appointments.reading.visit import VISITS, Visit
from clinic.appointments.vocabulary import UPCOMING, Status
from clinic.core import clock, phones
from clinic.core.data.db import db, is_there
from clinic.messaging.inbound.places import MOST, Place
from clinic.messaging.models import Message
from clinic.organisations.models import Organisation
from clinic.patients.models import Patient, PatientOrganisation

REMEMBERED_FOR = timedelta(days=60)
THE_TEXTED = Actor(role=Role.PATIENT)  # whoever reads what is sent to the number


@dataclass(frozen=True, slots=True)
class Known:
    """A visit, and the life before it: visits move, and what was texted stays as it was."""

    visit: Visit
    chain: tuple[sa.Row, ...]  # itself and all that it replaced, oldest first

    @property
    def ids(self) -> frozenset[UUID]:
        return frozenset(one.id for one in self.chain)

    @property
    def is_told(self) -> bool:
        return any(one.is_texted for one in self.chain)

    @property
    def candidate(self) -> Candidate:
        visit = self.visit
        return Candidate(
            id=visit.id,
            patient_id=visit.patient_id,
            codes=frozenset(one.code for one in self.chain),
            can_confirm=visit.can_confirm,
            is_confirmed=visit.status is Status.CONFIRMED,
            is_pending=visit.status is Status.PENDING,
            can_cancel=visit.can_cancel,
            is_left=visit.is_left,
            is_told=self.is_told,
        )

    def time_at(self, moment: datetime) -> str | None:
        """The time it had then, in the words of that text."""
        stood = (one for one in reversed(self.chain) if one.created_at <= moment)
        return next((words.when_in_english(one.starts_at, self.visit.zone) for one in stood), None)


def known_to(address: str) -> list[Known]:
    """Upcoming visits of the people whose number it is now: first those that were texted to it, at
    this or an earlier time of theirs. Texts to a number that is theirs no longer say nothing.
    """
    chains = _chains(address)
    query = VISITS.where(Appointment.id.in_(chains))
    found = visits.read(query.order_by(Appointment.starts_at, Appointment.id), THE_TEXTED)
    known = [Known(visit, tuple(chains[visit.id])) for visit in found]
    return sorted(known, key=lambda one: not one.is_told)


def is_shared(address: str, known: Sequence[Known]) -> bool:
    """Do the records give it to more than one person?"""
    people = set(db.session.scalars(_whose(address)))
    return len(people | {one.visit.patient_id for one in known}) > 1


def is_nobodys(address: str) -> bool:
    """Neither a patient's nor anybody else's who has an account: somebody may have had it."""
    if db.session.scalar(_whose(address).limit(1)):
        return False
    return not is_there(User.phone.in_(phones.forms(address)))


def organisations_that_know(address: str) -> list[Place]:
    """Those that have it on the record of somebody they care for, or whose it is by an account."""
    forms = phones.forms(address)
    query = (
        sa.select(Organisation.id, Organisation.name)
        .join(PatientOrganisation, PatientOrganisation.organisation_id == Organisation.id)
        .join(Patient, Patient.id == PatientOrganisation.patient_id)
        .outerjoin(User, User.id == Patient.user_id)
        .where(
            Patient.id.in_(sa.select(_whose(address).subquery().c.id)),
            sa.or_(PatientOrganisation.phone.in_(forms), User.phone.in_(forms)),
            PatientOrganisation.is_active,
            PatientOrganisation.died_on.is_(None),
            Organisation.is_active,
        )
        .distinct()
        .order_by(Organisation.name, Organisation.id)
        .limit(MOST)
    )
    return [Place(row.id, row.name) for row in db.session.execute(query)]


def _whose(address: str) -> sa.CompoundSelect[tuple[UUID]]:
    """Patients whose number it is now: of an account, or else noted by a clinic. Where somebody has
    proven it, who only claims it does not count.
    """
    forms = phones.forms(address)
    claimed = (
        sa.select(Patient.id)
        .join(User, User.id == Patient.user_id)
        .where(
            User.phone.in_(forms),
            sa.or_(User.phone_verified_at.is_not(None), ~_is_proven(address)),
        )
    )
    noted = (
        sa.select(Patient.id)
        .join(PatientOrganisation, PatientOrganisation.patient_id == Patient.id)
        .join(Organisation, Organisation.id == PatientOrganisation.organisation_id)
        .outerjoin(User, User.id == Patient.user_id)
        .where(
            PatientOrganisation.phone.in_(forms),  # by its index, clinic after clinic
            PatientOrganisation.is_active,
            PatientOrganisation.died_on.is_(None),
            sa.or_(User.phone.is_(None), User.phone.in_(forms)),
        )
    )
    return sa.union(claimed, noted)


def _is_proven(address: str) -> sa.ColumnElement[bool]:
    prover = sa.orm.aliased(User)
    return sa.exists().where(
        prover.phone.in_(phones.forms(address)), prover.phone_verified_at.is_not(None)
    )


def _chains(address: str) -> dict[UUID, list[sa.Row]]:
    """Upcoming visits of whose number it is, with all they replaced, oldest first."""
    moment = clock.now()
    texted = sa.select(Message.about_id).where(
        Message.address.in_(phones.forms(address)),
        Message.direction == "out",
        Message.audience == "patient",
        Message.created_at > moment - REMEMBERED_FOR,
        Message.about_id.is_not(None),
    )
    link = (Appointment.id, Appointment.rescheduled_from_id)
    own = sa.select(_whose(address).subquery().c.id)
    chain = (
        sa.select(Appointment.id.label("newest"), *link)
        .where(
            Appointment.patient_id.in_(own),
            Appointment.starts_at > moment,
            Appointment.status.in_(sorted(UPCOMING)),
        )
        .cte("chain", recursive=True)
    )
    replaced = Appointment.id == chain.c.rescheduled_from_id
    chain = chain.union_all(sa.select(chain.c.newest, *link).where(replaced))
    rows = db.session.execute(
        sa.select(
            chain.c.newest,
            Appointment.id,
            Appointment.code,
            Appointment.starts_at,
            Appointment.created_at,
            Appointment.id.in_(texted).label("is_texted"),
        )
        .join(chain, chain.c.id == Appointment.id)
        .order_by(Appointment.created_at)
    ).all()
    found = defaultdict(list)
    for row in rows:
        found[row.newest].append(row)
    return found


def place_in(known: Sequence[Known], address: str, position: int | None) -> int | None:
    """Where the visit now stands that stood at `position` in the list texted last.

    The list may have changed since: `2A` must never cancel another visit than the one that was
    read beside it. A visit that is gone stands behind the last one.
    """
    last = _last_list(address) if position is not None else None
    if position is None:
        return None
    if last is None:  # nothing was listed: then of those that were texted, one after the other
        was_told = position < len(known) and known[position].is_told
        return position if was_told else len(known)
    if last.listed is None:
        return _place_by_time(known, last, position)
    wanted = UUID(last.listed[position]) if position < len(last.listed) else None
    return next((at for at, one in enumerate(known) if wanted in one.ids), len(known))


def _last_list(address: str) -> sa.Row | None:
    return db.session.execute(
        sa.select(Message.answer, Message.listed, Message.created_at)
        .where(
            Message.address == address,
            sa.or_(Message.listed.is_not(None), Message.answer.contains("1A or 2A: ")),
        )
        .order_by(Message.created_at.desc())
        .limit(1)
    ).one_or_none()


# Rows of 0.1 keep a list as its English text alone: what they mean is read from the times in it.
_LISTED = re.compile(r"1[A-D] or 2[A-D]: ([^;]+)")


def _place_by_time(known: Sequence[Known], last: sa.Row, position: int) -> int:
    whens = _LISTED.findall(last.answer)
    if position >= len(whens):
        return len(known)
    stands = (at for at, one in enumerate(known) if one.time_at(last.created_at) == whens[position])
    return next(stands, len(known))
