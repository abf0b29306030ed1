"""By which channels messages leave: by the settings' senders, and by those of an organisation."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.messaging.models import Message, SenderIdentity
from clinic.messaging.senders import chosen
from clinic.reminders import jobs as reminders
from tests.factories import book, known_to
from tests.pages import soup
from tests.reminders.plan_helpers import work

TWILIO = {
    "twilio_account_sid": "AC1",
    "twilio_auth_token": "secret",
    "twilio_from": "+447700900999",
}


@pytest.fixture(autouse=True)
def fresh(in_app, set_up):
    set_up(**TWILIO)
    chosen.senders().forget()
    yield
    chosen.senders().forget()


@transactional
def by_whatsapp(organisation_id, **more):
    values = {"kind": "whatsapp", "value": "+442079460142", "can_reply": True, "rate": 80}
    values |= {"countries": [], "opt_outs_by": "us", "created_at": clock.now(), "id": uuid4()}
    values |= {"verified_at": clock.now(), "is_default": True}
    db.session.add(
        SenderIdentity(organisation_id=organisation_id, channel="whatsapp", **values | more)
    )
    db.session.flush()
    chosen.senders().forget()


def test_a_sender_of_ones_own_opens_its_channel_here_alone(cast):
    by_whatsapp(cast.harbour)
    assert chosen.ways(cast.harbour) == ("sms", "whatsapp", "email")
    assert chosen.ways(cast.elsewhere) == chosen.ways(None) == ("sms", "email")
    assert chosen.ways_of_any() == ("sms", "whatsapp", "email")


@pytest.mark.parametrize(
    "not_yet", [{"verified_at": None}, {"is_default": False}, {"is_active": False}]
)
def test_one_that_is_not_used_opens_nothing(cast, not_yet):
    by_whatsapp(cast.harbour, **not_yet)
    assert chosen.ways(cast.harbour) == ("sms", "email")


def test_half_an_account_sends_nothing_whatever_there_is(cast, set_up):
    by_whatsapp(cast.harbour)
    set_up(twilio_auth_token="")
    assert chosen.ways(cast.harbour) == ("email",)


@pytest.mark.parametrize("has_own", [True, False])
def test_what_is_wanted_by_whatsapp_goes_so_where_the_clinic_can(cast, has_own):
    if has_own:
        by_whatsapp(cast.harbour)
    known_to(cast.harbour, cast.asha)
    book(cast.asha, cast.dr_chandra, channel="whatsapp")
    work()
    reminders.send_due()
    said = sa.select(Message.channel).where(Message.template == "visit_booked")
    assert db.session.scalars(said).all() == ["whatsapp" if has_own else "sms"]


@pytest.mark.parametrize("has_own", [True, False])
def test_only_what_can_send_is_offered(cast, signed_in, has_own):
    if has_own:
        by_whatsapp(cast.harbour)
    page = signed_in(cast.esha).get("/reminders/new")
    offered = {one["value"] for one in soup(page).select("[name=method]") if one.get("value")}
    offered |= {one["value"] for one in soup(page).select("[name=method] option") if one["value"]}
    assert ("whatsapp" in offered, "sms" in offered) == (has_own, True)


@pytest.mark.parametrize("has_own", [True, False])
def test_a_test_is_offered_by_what_can_send(cast, signed_in, has_own):
    if has_own:
        by_whatsapp(cast.harbour)
    page = signed_in(cast.amir).get("/admin/messaging/")
    offered = [one["value"] for one in soup(page).select("[name=channel] option")]
    assert offered == (["sms", "whatsapp", "email"] if has_own else ["sms", "email"])
