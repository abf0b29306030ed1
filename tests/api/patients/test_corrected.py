"""The desk corrects a number by program: what the wrong one was told opens nothing any more."""

from datetime import timedelta

import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.events import jobs as events
from clinic.messaging import jobs as messaging
from clinic.messaging.models import Message
from clinic.messaging.words import rendering
from clinic.reminders import jobs as reminders
from tests.cast import TODAY

INES_AT, NEW_AT = "+447700900055", "+447700900077"
INES = {"full_name": "Ines Gomes", "phone": INES_AT, "channel": "sms"}


def test_a_number_that_the_desk_corrects_ends_the_links_of_the_wrong_one(api, cast, app):
    """Those who call stay signed in by it: nothing of theirs was changed."""
    esha = api(cast.esha)
    made = esha.post("/patients", INES).get_json()
    start = f"{TODAY + timedelta(days=1)}T11:00:00+00:00"
    doctor = str(cast.dr_chandra.doctor_id)
    visit = {"doctor_id": doctor, "patient_id": made["id"], "start": start, "reason": "Eyes"}
    assert esha.post("/appointments", visit).status_code == 201
    with app.app_context():
        events.deliver_due()
        reminders.send_due()
        messaging.deliver_due()
    corrected = esha.patch(f"/patients/{made['id']}", {"phone": "07700 900077"})
    assert (corrected.status_code, corrected.get_json()["phone"]) == (200, "+447700900077")
    with app.app_context():
        texts = sa.select(Message.address, Message.body).where(Message.channel == "sms")
        rows = db.session.execute(texts.order_by(Message.created_at)).all()
        said = {row.address: rendering.with_secrets(row.body) for row in rows}
    old, new = (said[one].partition("/visit/")[2].split()[0] for one in (INES_AT, NEW_AT))
    client = app.test_client()
    assert client.get(f"/visit/{old}").status_code == 404
    assert client.get(f"/visit/{new}").status_code == 200
    assert esha.get("/auth/me").status_code == 200
