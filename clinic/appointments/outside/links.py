"""Manage links: whoever holds one may see, confirm and cancel one visit, until it is over."""

import base64
import hmac
from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.appointments.facts import AppointmentCreated, AppointmentRescheduled
from clinic.appointments.models import Appointment, VisitLink
from clinic.core import clock, running
from clinic.core.data.bulk import among
from clinic.core.data.db import db, must_be_writing
from clinic.core.data.trips import writing
from clinic.core.errors import N_, NotFound
from clinic.core.fingerprints import fingerprint

LENGTH_OF_ID = 36
BYTES = 16  # 128 bits, 22 characters in base64


def token_of(appointment_id: UUID, number: int | None = None) -> str:
    """The same until the number of its patient is corrected, so that it need not be stored: every
    text about the visit carries it."""
    key = running.settings().link_key.encode()
    named = f"visit:{appointment_id}" + (f":{number}" if number else "")
    digest = hmac.digest(key, named.encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:BYTES]).rstrip(b"=").decode()


def link_of(key: str) -> str:
    """The address in a message; a resolver of `{link:visit:<key>}`, by `Visit.link_key`.

    Raises ValueError for what is no key.
    """
    appointment_id, number = key[:LENGTH_OF_ID], key[LENGTH_OF_ID + 1 :]
    base = running.public_base_url()
    return f"{base}/visit/{token_of(UUID(appointment_id), int(number or 0))}"


def on_booked(fact: AppointmentCreated) -> None:
    """NOW, with the booking: let the visit's token work until the visit ends."""
    _open(db.session.get_one(Appointment, fact.appointment_id))


def _open(visit: Appointment) -> None:
    link = {
        "token_hash": fingerprint(token_of(visit.id, visit.link_number)),
        "appointment_id": visit.id,
        "expires_at": visit.ends_at,
    }
    writing.hand_over(VisitLink, link)


def on_rescheduled(fact: AppointmentRescheduled) -> None:
    """NOW, with the move: the new visit gets a link, and every older link opens it, too."""
    visit = db.session.get_one(Appointment, fact.appointment_id)
    _open(visit)
    # The links of the visits before it were pointed to the previous one when that one came.
    db.session.execute(
        sa.update(VisitLink)
        .where(VisitLink.appointment_id == fact.previous_id)
        .values(appointment_id=visit.id, expires_at=visit.ends_at)
    )


def renew(appointment_ids: Collection[UUID]) -> None:
    """What was sent about these visits opens nothing any more, neither them nor what took their
    place; the texts that follow have new links."""
    must_be_writing()
    named = sa.select(Appointment.id, Appointment.link_number)
    rows = db.session.execute(named.where(among(Appointment.id, appointment_ids))).all()
    sent = [fingerprint(token_of(row.id, row.link_number)) for row in rows]
    opened = sa.select(VisitLink.appointment_id).where(VisitLink.token_hash.in_(sent)).distinct()
    for visit_id in db.session.scalars(opened).all():
        db.session.execute(sa.delete(VisitLink).where(VisitLink.appointment_id == visit_id))
        visit = db.session.get_one(Appointment, visit_id, populate_existing=True)
        visit.link_number = (visit.link_number or 0) + 1
        db.session.flush()
        _open(visit)


def holder(token: str) -> tuple[UUID, Actor]:
    """The visit a token opens, and whom its holder acts as. Raises NotFound."""
    row = db.session.execute(
        sa.select(Appointment.id, Appointment.patient_id)
        .join(VisitLink, VisitLink.appointment_id == Appointment.id)
        .where(VisitLink.token_hash == fingerprint(token), VisitLink.expires_at > clock.now())
    ).one_or_none()
    if row is None:
        raise NotFound(N_("This link is no longer valid. Visits can be seen until they are over."))
    return row.id, Actor(role=Role.PATIENT, patient_id=row.patient_id, via="link")
