"""Doorbells: who hears them, from where, how many, and until when."""

import threading
import time
from contextlib import contextmanager

import pytest

from clinic.accounts.sessions import browsers
from clinic.core.data.db import db, transactional
from clinic.core.web import live
from clinic.core.web.live import hub
from clinic.factory import create_app
from tests.conftest import client_of, settings_for
from tests.factories import book, take
from tests.pages import HTMX

RUNG = "event: board\ndata: \n\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """The same rhythm, faster."""
    monkeypatch.setattr(live, "PING_EVERY_S", 0.1)
    monkeypatch.setattr(live, "RECHECK_EVERY_S", 0.3)
    monkeypatch.setattr(live, "COALESCE_S", 0.02)


class Listener:
    """A browser with an open stream, read in a thread of its own."""

    def __init__(self, client, path, word="board"):
        self.rung = f"event: {word}\ndata: \n\n"
        self.answer = client.get(path, buffered=False)
        self.heard: list[str] = []
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        for chunk in self.answer.iter_encoded():
            self.heard.append(chunk.decode())

    def rings(self):
        return self.heard.count(self.rung)

    def wait_for(self, condition, seconds=8):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return True
            time.sleep(0.01)
        return False

    def has_ended(self, seconds=8):
        self.thread.join(seconds)
        return not self.thread.is_alive()


@contextmanager
def listening(app, person, topic, word="board"):
    listener = Listener(client_of(app, person), f"/live/{topic}", word)
    try:
        assert listener.answer.status_code == 200
        # The first ring says that the subscription stands; an earlier change is fetched by it.
        assert listener.wait_for(lambda: listener.rings() == 1)
        yield listener
    finally:
        live.shut_down(app)
        assert listener.has_ended()
        listener.answer.close()


def test_a_booking_in_one_process_rings_at_the_board_of_another(with_redis, cast, redis_server):
    folder = with_redis.config["SETTINGS"].clinic_data_dir
    other_process = create_app(settings_for(folder, redis_url=redis_server.url))
    with listening(other_process, cast.dr_chandra, f"doctor/{cast.dr_chandra.doctor_id}") as ear:
        assert ear.answer.mimetype == "text/event-stream"
        began = time.monotonic()
        with with_redis.app_context():
            visit = book(cast.asha, cast.dr_chandra)
        assert ear.wait_for(lambda: ear.rings() == 2)
        assert time.monotonic() - began < 1
        with with_redis.app_context():
            take(visit, "cancel", by=cast.asha)
        assert ear.wait_for(lambda: ear.rings() == 3)


def test_a_ring_says_that_something_changed_and_nothing_else(with_redis, cast):
    with listening(with_redis, cast.esha, f"organisation/{cast.harbour}") as ear:
        with with_redis.app_context():
            book(cast.asha, cast.dr_chandra)
        assert ear.wait_for(lambda: ear.rings() == 2)
        assert set(ear.heard) <= {"retry: 2000\n\n", ": ping\n\n", RUNG}


def test_nobody_hears_a_colleagues_visits(with_redis, cast):
    with listening(with_redis, cast.dr_dev, f"doctor/{cast.dr_dev.doctor_id}") as ear:
        with with_redis.app_context():
            book(cast.asha, cast.dr_chandra)
        time.sleep(0.4)
        assert ear.rings() == 1


def test_nothing_rings_for_what_was_rolled_back(with_redis, cast):
    @transactional
    def book_and_fail():
        book(cast.asha, cast.dr_chandra)
        raise LookupError

    with listening(with_redis, cast.dr_chandra, f"doctor/{cast.dr_chandra.doctor_id}") as ear:
        with with_redis.app_context(), pytest.raises(LookupError):
            book_and_fail()
        time.sleep(0.4)
        assert ear.rings() == 1


def test_an_open_stream_holds_no_database_connection(with_redis, cast):
    with listening(with_redis, cast.esha, f"organisation/{cast.harbour}") as ear:
        assert ear.wait_for(lambda: ": ping\n\n" in ear.heard)
        with with_redis.app_context():
            assert db.engine.pool.checkedout() == 0


def test_topics_are_for_those_whose_board_it_is(with_redis, cast):
    doctors = {who: cast.people[who].doctor_id for who in ("dr_chandra", "dr_dev", "dr_hana")}
    allowed = {
        f"doctor/{doctors['dr_chandra']}": {"dr_chandra", "esha", "amir"},
        f"doctor/{doctors['dr_dev']}": {"dr_dev", "esha", "amir"},
        f"doctor/{doctors['dr_hana']}": {"dr_hana", "farid"},
        f"organisation/{cast.harbour}": {"esha", "amir"},
        f"organisation/{cast.elsewhere}": {"farid"},
        f"waiting/{cast.harbour}": {"esha", "amir"},
        f"doctor/{cast.harbour}": set(),
        f"patient/{cast.asha.patient_id}": set(),
        f"user/{cast.asha.user_id}": set(),
    }
    for topic, people in allowed.items():
        for name, person in cast.people.items():
            answer = client_of(with_redis, person).get(f"/live/{topic}", buffered=False)
            answer.close()
            assert (topic, name, answer.status_code) == (
                topic,
                name,
                200 if name in people else 404,
            )
    assert not with_redis.extensions["live"].clients


def test_a_visitor_hears_nothing(with_redis, cast):
    path = f"/live/doctor/{cast.dr_chandra.doctor_id}"
    client = with_redis.test_client()
    assert client.get(path).location.startswith("/login")
    assert client.get(path, headers=HTMX).status_code == 401


def test_streams_are_no_more_than_the_setting_says(with_redis, cast, monkeypatch):
    settings = with_redis.config["SETTINGS"]
    assert with_redis.extensions["live"].most == settings.live_streams_per_worker
    assert settings.live_streams_per_worker < settings.server_threads
    monkeypatch.setattr(with_redis.extensions["live"], "most", 2)
    client, path = client_of(with_redis, cast.esha), f"/live/organisation/{cast.harbour}"
    open_ones = [client.get(path, buffered=False) for _ in range(2)]
    refused = client.get(path)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert client.get("/board/").status_code == 200
    figures = client.get("/ready").json["figures"]
    assert (figures["live_streams_open"], figures["live_streams_most"]) == (2, 2)
    assert "live_streams_open 2.0" in client.get("/metrics").text
    open_ones.pop().close()
    again = client.get(path, buffered=False)
    assert again.status_code == 200
    for answer in (*open_ones, again):
        answer.close()
    assert not with_redis.extensions["live"].clients


def test_a_desk_with_many_tabs_takes_nobody_elses_streams(with_redis, cast):
    """The seventh page of one browser: its first one ends and comes back in a minute."""
    shares = with_redis.extensions["live"].shares
    assert shares == (3, 24)  # of two workers each has half
    client, path = client_of(with_redis, cast.esha), f"/live/organisation/{cast.harbour}"
    tabs = [Listener(client, path) for _ in range(shares.session)]
    assert all(tab.answer.status_code == 200 for tab in tabs)
    elsewhere = Listener(
        client_of(with_redis, cast.dr_hana), f"/live/doctor/{cast.dr_hana.doctor_id}"
    )
    one_more = Listener(client, path)
    assert tabs[0].has_ended()
    assert tabs[0].heard[-1] == "retry: 60000\n\n"
    assert one_more.answer.status_code == 200
    assert not tabs[1].has_ended(0.3)
    assert not elsewhere.has_ended(0)
    live.shut_down(with_redis)
    for tab in (*tabs, one_more, elsewhere):
        assert tab.has_ended()
        tab.answer.close()


def test_a_stopping_server_ends_its_streams_and_takes_no_new_ones(with_redis, cast):
    client, path = client_of(with_redis, cast.esha), f"/live/organisation/{cast.harbour}"
    ears = [Listener(client, path) for _ in range(3)]
    began = time.monotonic()
    live.shut_down(with_redis)
    assert all(ear.has_ended(3) for ear in ears)
    assert time.monotonic() - began < 3
    for ear in ears:
        ear.answer.close()
    assert client.get(path).status_code == 503


@transactional
def end_all_sessions(person):
    for row in db.session.query(browsers.UserSession).filter_by(user_id=person.user_id):
        browsers.end_session(row.id)


def test_a_stream_ends_soon_after_its_session(with_redis, cast):
    ear = Listener(client_of(with_redis, cast.esha), f"/live/organisation/{cast.harbour}")
    other = Listener(client_of(with_redis, cast.amir), f"/live/organisation/{cast.harbour}")
    with with_redis.app_context():
        end_all_sessions(cast.esha)
    assert ear.has_ended(3)
    assert not other.has_ended(0.5)
    live.shut_down(with_redis)
    assert other.has_ended()
    for one in (ear, other):
        one.answer.close()


def test_an_idle_persons_stream_does_not_keep_them_signed_in(with_redis, cast, monday_morning):
    client = client_of(with_redis, cast.esha)
    ear = Listener(client, f"/live/organisation/{cast.harbour}")
    assert ear.wait_for(lambda: ": ping\n\n" in ear.heard)
    monday_morning.shift(16 * 60)
    assert ear.has_ended(3)
    assert client.get("/board/", headers=HTMX).status_code == 401
    ear.answer.close()


def test_without_redis_the_stream_stays_open_for_the_polls(app, cast):
    ear = Listener(client_of(app, cast.esha), f"/live/organisation/{cast.harbour}")
    assert ear.wait_for(lambda: ear.heard.count(": ping\n\n") >= 3)
    assert ear.thread.is_alive()
    live.shut_down(app)
    assert ear.has_ended()
    ear.answer.close()
    app.extensions["live"].closing.clear()  # the app is shared by the tests


def test_a_stream_finds_redis_again_after_a_restart(with_redis, cast, redis_server, monkeypatch):
    monkeypatch.setattr(hub, "RESUBSCRIBE_AFTER_S", 0.1)
    with listening(with_redis, cast.dr_chandra, f"doctor/{cast.dr_chandra.doctor_id}") as ear:
        redis_server.restart()
        assert ear.wait_for(lambda: ear.rings() >= 2)
        with with_redis.app_context():
            before = ear.rings()
            book(cast.asha, cast.dr_chandra)
        assert ear.wait_for(lambda: ear.rings() > before)


def test_after_a_lost_redis_each_page_is_rung_by_the_word_it_listens_for(
    with_redis, cast, redis_server, monkeypatch
):
    monkeypatch.setattr(hub, "RESUBSCRIBE_AFTER_S", 0.1)
    settings = with_redis.config["SETTINGS"].model_copy(update={"environment": "development"})
    monkeypatch.setitem(with_redis.config, "SETTINGS", settings)
    desk, visitor = client_of(with_redis, cast.esha), with_redis.test_client()
    ears = [
        Listener(desk, f"/live/organisation/{cast.harbour}", "board"),
        Listener(client_of(with_redis, cast.dr_dev), f"/live/doctor/{cast.dr_dev.doctor_id}"),
        Listener(client_of(with_redis, cast.amir), f"/live/messages/{cast.harbour}", "messages"),
        Listener(visitor, "/dev/inbox/live", "messages"),
    ]
    assert ears[0].wait_for(lambda: ears[0].rings() >= 1)  # the subscription stands
    before = [ear.rings() for ear in ears]
    redis_server.restart()
    for ear, rings in zip(ears, before, strict=True):
        assert ear.wait_for(lambda ear=ear, rings=rings: ear.rings() > rings), ear.rung
        assert set(ear.heard) <= {"retry: 2000\n\n", ": ping\n\n", ear.rung}
    live.shut_down(with_redis)
    for ear in ears:
        assert ear.has_ended()
        ear.answer.close()
