"""Manage links: whoever holds one may see, confirm and cancel one visit, until it is over."""

import base64
import hmac
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.appointments.facts import AppointmentCreated, AppointmentRescheduled
from clinic.appointments.models import Appointment, VisitLink
from clinic.core import clock, running
from clinic.core.data.db import db
from clinic.core.data.trips import writing
from clinic.core.errors import N_, NotFound
from clinic.core.fingerprints import fingerprint

BYTES = 16  # 128 bits, 22 characters in base64


def token_of(appointment_id: UUID) -> str:
    """The same for ever, so that it need not be stored: every text about the visit carries it."""
    key = running.settings().link_key.encode()
    digest = hmac.digest(key, f"visit:{appointment_id}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:BYTES]).rstrip(b"=").decode()


def link_of(appointment_id: str) -> str:
    """The address in a message; a resolver of `{link:visit:<id>}`."""
    base = running.public_base_url()
    return f"{base}/visit/{token_of(UUID(appointment_id))}"


def on_booked(fact: AppointmentCreated) -> None:
    """NOW, with the booking: let the visit's token work until the visit ends."""
    _open(db.session.get_one(Appointment, fact.appointment_id))


def _open(visit: Appointment) -> None:
    link = {
        "token_hash": fingerprint(token_of(visit.id)),
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
