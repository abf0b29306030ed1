"""P8: Twilio's posts are believed only when signed, count once, and in any order."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db
from clinic.events.models import EventRow
from clinic.messaging.consents.models import OptOut
from clinic.messaging.models import Callback, Message
from tests.fakes.twilio import ACCOUNT, TOKEN
from tests.fakes.twilio_posts import inbound_form, signed_headers
from tests.messaging.ledger_helpers import ASHA, begun, message, queued

BASE = "https://clinic.example"
WEBHOOK, STATUS = "/api/v1/twilio/webhook", "/api/v1/twilio/status"


@pytest.fixture
def post(app, monkeypatch):
    """Post a form as Twilio does; `token` signs it, None leaves the header away."""
    settings = app.config["SETTINGS"].model_copy(update={"twilio_auth_token": TOKEN})
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    monkeypatch.setitem(app.config, "PUBLIC_BASE_URL", BASE)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)  # machines have no token of ours
    client = app.test_client()

    def send(path, form, token=TOKEN, signed_for=None, **headers):
        signed = signed_headers(token or "", BASE + (signed_for or path), form)
        if token is None:
            signed.pop("X-Twilio-Signature")
        return client.post(path, data=urlencode(form), headers={**signed, **headers})

    return send


@pytest.fixture
def sending(app):
    """A text whose call is being made."""
    with app.app_context():
        return begun().id


def report(status, sid="SM1", **more):
    return {"MessageSid": sid, "MessageStatus": status, "AccountSid": ACCOUNT, **more}


def about(message_id):
    return f"{STATUS}?m={message_id}"


def row_of(app, message_id):
    with app.app_context():
        return message(message_id)


def count(app, table):
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(table))


# --- signatures


@pytest.mark.parametrize(
    "how",
    [
        {"token": None},
        {"token": "another token"},
        {"token": ""},
        {"signed_for": "/api/v1/twilio/other"},
        {"X-Twilio-Signature": "nonsense"},
        {"X-Twilio-Signature": ""},
    ],
)
@pytest.mark.parametrize("path", [WEBHOOK, STATUS])
def test_a_post_that_twilio_did_not_sign_is_refused_and_changes_nothing(
    app, post, sending, path, how
):
    form = report("delivered") | inbound_form(ACCOUNT, ASHA, "+44", "STOP", "SM1")
    answer = post(f"{path}?m={sending}", form, **how)
    assert answer.status_code == 403
    assert row_of(app, sending).status == "sending"
    assert (count(app, Callback), count(app, OptOut), count(app, Message)) == (0, 0, 1)


def test_a_form_that_was_changed_on_the_way_is_refused(app, post, sending):
    signature = signed_headers(TOKEN, BASE + about(sending), report("sent"))
    answer = post(about(sending), report("delivered"), **signature)
    assert answer.status_code == 403


def test_without_a_key_of_ours_nobody_is_believed(app, post, sending, monkeypatch):
    without = app.config["SETTINGS"].model_copy(update={"twilio_auth_token": ""})
    monkeypatch.setitem(app.config, "SETTINGS", without)
    assert post(about(sending), report("delivered"), token="").status_code == 403


@pytest.mark.parametrize("path", [STATUS, f"{STATUS}/"])
def test_a_signed_post_is_believed_with_or_without_the_last_slash(app, post, sending, path):
    assert post(f"{path}?m={sending}", report("delivered")).status_code == 204
    assert row_of(app, sending).status == "delivered"


# --- reports


@pytest.mark.parametrize(
    ("reports", "end"),
    [
        (["sent", "delivered"], "delivered"),
        (["delivered", "sent"], "delivered"),
        (["delivered", "sent", "queued", "failed"], "delivered"),
        (["queued", "sending", "sent"], "sent"),
        (["sent", "undelivered"], "failed"),
        (["undelivered", "delivered"], "failed"),
        (["canceled"], "cancelled"),
        (["read", "delivered"], "delivered"),
        (["something new"], "sending"),
        (["DELIVERED"], "delivered"),
    ],
)
def test_reports_move_a_message_forward_only_in_any_order(app, post, sending, reports, end):
    for status in reports:
        assert post(about(sending), report(status)).status_code == 204
    assert row_of(app, sending).status == end


def test_ten_copies_of_a_report_count_once(app, post, sending):
    failed = report("failed", ErrorCode="30003")
    assert {post(about(sending), failed).status_code for _ in range(10)} == {204}
    assert (count(app, Callback), count(app, OptOut)) == (1, 2)  # by SMS and by WhatsApp
    with app.app_context():
        events = sa.select(EventRow).where(EventRow.name == "message.failed")
        assert len(db.session.scalars(events).all()) == 1


def test_a_report_may_come_before_we_know_the_providers_name_for_it(app, post, sending):
    post(about(sending), report("delivered", "SM9"))
    assert row_of(app, sending).provider_id == "SM9"
    assert post(STATUS, report("sent", "SM9")).status_code == 204
    assert row_of(app, sending).status == "delivered"


def test_a_report_proves_that_a_refused_try_was_taken_after_all(app, post):
    with app.app_context():
        (one,) = queued(due_at=clock.now() + timedelta(minutes=5), attempts=1)
    post(about(one), report("sent"))
    assert row_of(app, one).status == "sent"


@pytest.mark.parametrize(
    "which", ["?m=1d181a59-1fe3-477e-902b-ef5337d24a87", "?m=nonsense", "?m=", ""]
)
def test_a_report_about_no_message_of_ours_is_quietly_taken(app, post, sending, which):
    assert post(STATUS + which, report("delivered", "SM404")).status_code == 204
    assert (row_of(app, sending).status, count(app, Callback)) == ("sending", 0)


@pytest.mark.parametrize(
    "form",
    [
        report("delivered", Surprise="1", RawDlrDoneDate="2611160903"),
        report("delivered", ErrorCode=""),
        report("delivered", ErrorCode="²"),
    ],
)
def test_fields_we_do_not_know_disturb_nothing(app, post, sending, form):
    assert post(about(sending), form).status_code == 204
    assert row_of(app, sending).status == "delivered"


@pytest.mark.parametrize("missing", ["MessageSid", "MessageStatus"])
def test_a_report_without_its_fields_changes_nothing(app, post, sending, missing):
    form = report("delivered")
    del form[missing]
    assert post(about(sending), form).status_code == 204
    assert row_of(app, sending).status == "sending"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("21610", "opted_out"),
        ("30003", "unreachable"),
        ("30005", "unreachable"),
        ("30006", "unreachable"),
        ("30007", None),
        ("30008", None),
        ("strange", None),
        ("", None),
    ],
)
def test_each_error_code_has_its_effect_on_the_number(app, post, sending, code, kind):
    with app.app_context():
        (waiting,) = queued(due_at=clock.now() + timedelta(hours=1))
    post(about(sending), report("undelivered", ErrorCode=code))
    row = row_of(app, sending)
    assert (row.status, row.error_code, row.needs_attention) == ("failed", code or None, True)
    with app.app_context():
        refusals = db.session.scalars(sa.select(OptOut)).all()
    assert {one.kind for one in refusals} == ({kind} if kind else set())
    after = row_of(app, waiting)
    assert (after.status, after.error_code) == (("skipped", kind) if kind else ("queued", None))


def test_a_report_clears_what_people_should_have_looked_at(app, post, sending):
    with app.app_context():
        row = message(sending)
        row.status, row.needs_attention = "uncertain", True
        db.session.commit()
    post(about(sending), report("delivered"))
    assert not row_of(app, sending).needs_attention


# --- what people text


def text(body="HELP", sid="SM7", sender=ASHA):
    return inbound_form(ACCOUNT, sender, "+447700900999", body, sid)


def test_a_text_is_kept_once_and_each_replay_gets_the_same_answer(app, post):
    answers = {post(WEBHOOK, text()).get_data(as_text=True) for _ in range(10)}
    assert len(answers) == 1
    assert "<Message>Clinic: reply C to confirm or X to cancel" in answers.pop()
    assert count(app, Message) == 1
    with app.app_context():
        row = db.session.scalars(sa.select(Message)).one()
    assert (row.direction, row.status, row.address, row.body) == ("in", "received", ASHA, "HELP")


def test_the_answer_is_twiml(post):
    answer = post(WEBHOOK, text())
    assert answer.status_code == 200
    assert answer.content_type == "text/xml; charset=utf-8"
    assert answer.text.startswith('<?xml version="1.0" encoding="UTF-8"?><Response>')


@pytest.mark.parametrize("body", ["STOP", "stopall", "Unsubscribe", "END", "quit", "CANCEL"])
def test_after_a_carriers_stop_word_nothing_is_texted_back(app, post, body):
    assert "<Message>" not in post(WEBHOOK, text(body)).text
    assert count(app, OptOut) == 1


@pytest.mark.parametrize("body", ["START", "unstop", "yes"])
def test_a_person_who_refused_texts_may_want_them_again(app, post, body):
    post(WEBHOOK, text("STOP"))
    assert "<Message>Clinic: you will get our texts again" in post(WEBHOOK, text(body, "SM8")).text
    assert count(app, OptOut) == 0


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_a_text_from_nobody_is_refused(app, post, missing):
    assert post(WEBHOOK, {**text(), missing: ""}).status_code == 400
    assert count(app, Message) == 0


@pytest.mark.parametrize(
    ("sender", "address", "channel"),
    [
        ("+44 7700 900000", ASHA, "sms"),
        ("whatsapp:+447700900000", ASHA, "whatsapp"),
        ("60777", "60777", "sms"),
    ],
)
def test_the_senders_address_is_written_one_way(app, post, sender, address, channel):
    post(WEBHOOK, text(sender=sender))
    with app.app_context():
        row = db.session.scalars(sa.select(Message)).one()
    assert (row.address, row.channel) == (address, channel)
