"""What a booking asks for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """`start` is the instant of the slot; `phone` (E.164) is where a new patient is reached."""

    doctor_id: UUID
    patient_id: UUID
    start: datetime
    reason: str
    channel: str = "sms"
    source: str = "web"
