"""A place closes while somebody books there."""

import sqlalchemy as sa

from clinic.appointments.booking import book as booking
from clinic.appointments.models import Appointment
from clinic.core.data.db import db
from clinic.organisations.models import Location
from clinic.organisations.places import service as places
from tests.cast import at
from tests.crowd import at_once


def test_who_books_while_it_closes_is_counted_or_refused(both):
    """Never a visit that nobody was asked about."""
    cast = both.cast
    wish = booking.BookingRequest(
        cast.dr_chandra.doctor_id, cast.asha.patient_id, at("10:00"), "Cough"
    )
    _booked, closed = at_once(
        both.app,
        [
            lambda: booking.book(wish, cast.asha.actor),
            lambda: places.close(cast.harbour, cast.quay_street, cast.amir.actor, "cancel"),
        ],
    )
    assert not isinstance(closed, Exception)
    with both.app.app_context():
        place = db.session.get_one(Location, cast.quay_street)
        assert place.closed_at
        standing = sa.select(sa.func.count()).where(Appointment.status != "cancelled")
        assert db.session.scalar(standing) == 0
