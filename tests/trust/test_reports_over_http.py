"""P8 over HTTP: signed reports in any order and number, and texts that come ten times."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from werkzeug.serving import make_server

from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.messaging import jobs
from clinic.messaging.channels import twilio as provider
from clinic.messaging.models import Attempt, Callback, Message
from tests.cast import Person
from tests.fakes.twilio import ACCOUNT, FakeTwilio
from tests.fakes.twilio_posts import Callbacks, inbound_form, report_form
from tests.ops.processes import free_port
from tests.trust.workshop import Clinic, broken, due, expected, sized, statuses, tell

pytestmark = pytest.mark.trust

BASE = "https://clinic.example"
STATUS, WEBHOOK = f"{BASE}/api/v1/twilio/status", f"{BASE}/api/v1/twilio/webhook"


@pytest.fixture
def twilio(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTwilio]:
    """The stand-in inside of the test, posting to a web server of the clinic."""
    monkeypatch.delenv("HURRY")  # nobody dies here, and one process does the work of four
    server = make_server("127.0.0.1", free_port(), clinic.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    provider._client.cache_clear()
    with FakeTwilio() as fake:
        fake.post.deliver_to = f"http://127.0.0.1:{server.server_port}"
        settings = clinic.app.config["SETTINGS"]
        here = settings.model_copy(update={"twilio_api_base": fake.base_url})
        monkeypatch.setitem(clinic.app.config, "SETTINGS", here)
        yield fake
    server.shutdown()
    thread.join()
    server.server_close()
    provider._client.cache_clear()


def test_p8_reports_are_believed_when_signed_count_once_and_come_in_any_order(
    clinic: Clinic, twilio: FakeTwilio
):
    size = sized(200, 20)
    ids = due(size)
    twilio.callbacks = Callbacks(copies=10, out_of_order=True)
    assert jobs.deliver_due() == size
    twilio.post.wait_until_quiet(240)
    assert set(statuses(ids).values()) == {"delivered"}
    kept = db.session.scalar(sa.select(sa.func.count()).select_from(Callback))
    assert kept == 2 * size
    answers = [one["status"] for one in twilio.account.requests if one["method"] == "callback"]
    assert set(answers) == {204}
    assert len(answers) == 20 * size

    (text, *_) = twilio.account.texts.values()
    form = report_form(text, "failed", 30003)
    forged, _ = twilio.post.send(text.callback, form, **{"X-Twilio-Signature": "forged"})
    unknown, _ = twilio.post.send(STATUS, {**form, "MessageSid": "SM" + "0" * 32})
    assert (forged, unknown) == (403, 204)
    assert set(statuses(ids).values()) == {"delivered"}
    assert broken() == {}
    tell("P8 reports", posts=len(answers), state_changes_of_each=2, forged="403", wrong=0)


@transactional
def give_number(person: Person, phone: str) -> None:
    db.session.get_one(User, person.user_id).phone = phone


def test_p8_a_text_that_comes_ten_times_at_once_is_answered_alike_and_done_once(
    clinic: Clinic, twilio: FakeTwilio
):
    rounds = sized(50, 5)
    visits = expected(clinic.stage, rounds, clock.now() + timedelta(days=2))
    for number, visit in enumerate(visits):
        phone = f"+4477{number:08}"
        give_number(clinic.stage.cast.asha, phone)
        due(1, about_id=visit, address=phone, dedupe_key=f"trust:{visit}")
        form = inbound_form(ACCOUNT, phone, "+447700900999", "X", f"SM{number:032}")
        with ThreadPoolExecutor(10) as pool:
            posts = [pool.submit(twilio.post.send, WEBHOOK, form) for _ in range(10)]
            answers = {post.result() for post in posts}
        assert len(answers) == 1
        ((status, said),) = answers
        assert (status, "is cancelled" in said) == (200, True)
    inbound = sa.select(sa.func.count()).where(Message.direction == "in")
    assert db.session.scalar(inbound) == rounds
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 0
    assert broken() == {}
    tell("P8 texts", texts=rounds, posts=rounds * 10, changes_of_each=1)
