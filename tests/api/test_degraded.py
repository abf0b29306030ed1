"""P21: Redis, Twilio and the mail server are away; the clinic books all the same."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.core.data.db import db
from clinic.events import jobs as events
from clinic.factory import create_app
from clinic.messaging import jobs as messages
from clinic.messaging.models import Message
from clinic.reminders import jobs as reminders
from tests.api.conftest import Caller
from tests.cast import Cast, at
from tests.conftest import settings_for
from tests.ops.processes import free_port

NEW = {
    "full_name": "Nia Okoro",
    "email": "nia@okoro.example",
    "phone": "+447400555001",
    "password": "three quiet harbours",
}


@pytest.fixture
def alone(app: Flask) -> Iterator[Flask]:
    """The product with every address set, and nobody at any of them."""
    nobody = f"http://127.0.0.1:{free_port()}"
    settings = settings_for(
        app.config["SETTINGS"].clinic_data_dir, redis_url=f"redis://127.0.0.1:{free_port()}/0"
    ).model_copy(
        update={
            "rate_limits": True,
            "twilio_account_sid": "AC" + "0" * 32,
            "twilio_auth_token": "a token of the tests",
            "twilio_from": "+447400000000",
            "twilio_api_base": nobody,
            "smtp_host": "127.0.0.1",
            "smtp_port": free_port(),
        }
    )
    made = create_app(settings)
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


def test_everything_a_patient_needs_works(alone: Flask, cast: Cast):
    nobody = Caller(alone, None)
    assert nobody.post("/auth/patient/signup", NEW).status_code == 201
    login = nobody.post("/auth/login", {"email": NEW["email"], "password": NEW["password"]})
    assert login.status_code == 200
    nia = Caller(alone, None)
    nia.headers["Authorization"] = f"Bearer {login.get_json()['access_token']}"
    wanted = {
        "doctor_id": str(cast.dr_chandra.doctor_id),
        "start": at("11:00").isoformat(),
        "reason": "A cough",
    }
    booked = nia.post("/appointments", wanted)
    assert booked.status_code == 201
    path = f"/appointments/{booked.get_json()['id']}"
    moved = nia.post(f"{path}/reschedule", {"start": at("11:30").isoformat()})
    assert moved.status_code == 200
    path = f"/appointments/{moved.get_json()['id']}"
    assert nia.post(f"{path}/confirm").status_code == 200
    assert nia.post(f"{path}/cancel").status_code == 200
    assert alone.test_client().post("/forgot", data={"email": NEW["email"]}).status_code == 303


def test_messages_wait_for_their_providers(alone: Flask, cast: Cast):
    asha = Caller(alone, cast.asha)
    wanted = {
        "doctor_id": str(cast.dr_chandra.doctor_id),
        "start": at("11:00").isoformat(),
        "reason": "A cough",
    }
    assert asha.post("/appointments", wanted).status_code == 201
    with alone.app_context():
        events.deliver_due()
        reminders.send_due()
        messages.deliver_due()
        found = db.session.execute(sa.select(Message.status, Message.attempts)).all()
        db.session.remove()
    # A refused connection sent nothing for sure: it is tried again.
    assert found
    assert {one.status for one in found} == {"queued"}
    assert {one.attempts for one in found} == {1}
