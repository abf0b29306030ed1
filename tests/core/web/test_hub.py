"""Who is woken by a ring, and how the pages that are woken spread."""

import itertools
import threading
import time
from uuid import uuid4

import pytest

from clinic.core.errors import Unavailable
from clinic.core.web import live
from clinic.core.web.live import hub
from clinic.core.web.live.hub import Holder, Hub, Listening, Shares, spread
from tests.conftest import client_of


def rung(clients):
    return [client for client in clients if client.wake.is_set()]


def test_a_ring_wakes_those_who_watch_its_topic_and_nobody_else():
    open_ones = Hub("", 10)
    watching = [open_ones.join("doctor:1", "board") for _ in range(3)]
    others = [open_ones.join(topic, "board") for topic in ("doctor:2", "organisation:1")]
    open_ones._deliver("doctor:1", "board")
    open_ones._deliver("doctor:9", "board")
    assert (rung(watching), rung(others)) == (watching, [])
    assert [client.take() for client in watching] == [["board"]] * 3
    assert rung(watching) == []
    assert set(open_ones.clients) == {"doctor:1", "doctor:2", "organisation:1"}


def test_several_rings_before_a_page_looks_are_one():
    open_ones = Hub("", 10)
    client = open_ones.join("doctor:1", "board")
    for what in ("board", "board", "messages"):
        open_ones._deliver("doctor:1", what)
    assert client.take() == ["board", "messages"]
    assert client.take() == []


def test_what_has_left_is_counted_out_once():
    told = []
    open_ones = Hub("", 2)
    open_ones.tell = told.append
    one, other = (open_ones.join("doctor:1", "board") for _ in range(2))
    with pytest.raises(Unavailable):
        open_ones.join("doctor:2", "board")
    for client in (one, one, other):
        open_ones.leave(client)
    assert (open_ones.count, open_ones.clients, told) == (0, {}, [1, 2, 1, 0])
    open_ones.join("doctor:2", "board")


def test_a_closing_server_takes_no_more_and_wakes_all():
    open_ones = Hub("", 10)
    clients = [open_ones.join(f"doctor:{number}", "board") for number in range(3)]
    open_ones.close()
    assert rung(clients) == clients
    with pytest.raises(Unavailable):
        open_ones.join("doctor:1", "board")


def test_a_few_pages_are_rung_at_once_and_many_are_spread():
    assert spread(1) == spread(hub.FEW_PAGES - 1) == 0
    assert 0 < spread(hub.FEW_PAGES) <= 0.02
    assert spread(200) <= 0.1  # the last of 200 pages hears within a blink
    assert spread(10_000) == hub.LONGEST_SPREAD_S
    longest = [spread(pages) for pages in range(1000)]
    assert all(less <= more for less, more in itertools.pairwise(longest))


def test_each_page_is_told_how_many_are_rung_with_it():
    open_ones = Hub("", 100)
    many = [open_ones.join("organisation:1", "board") for _ in range(40)]
    few = open_ones.join("doctor:1", "board")
    open_ones._deliver("organisation:1", "board")
    open_ones._deliver("doctor:1", "board")
    assert {client.spread_s for client in many} == {spread(40)}
    assert few.spread_s == 0
    open_ones._ring_everybody()
    assert few.spread_s == spread(41)


def test_rings_that_follow_each_other_closely_are_told_as_two(with_redis, cast, monkeypatch):
    """The first at once; what comes in the quarter of a second after it together."""
    monkeypatch.setattr(live, "COALESCE_S", 0.3)
    path = f"/live/organisation/{cast.harbour}"
    answer = client_of(with_redis, cast.esha).get(path, buffered=False)
    chunks, heard = answer.iter_encoded(), []

    def listen():
        heard.extend((time.monotonic(), chunk) for chunk in chunks if chunk.startswith(b"event"))

    ear = threading.Thread(target=listen, daemon=True)
    ear.start()
    open_ones = with_redis.extensions["live"]
    deadline = time.monotonic() + 8
    while not heard and time.monotonic() < deadline:  # the subscription stands
        time.sleep(0.01)
    time.sleep(0.4)
    began = time.monotonic()
    for _ in range(20):
        open_ones._deliver(f"organisation:{cast.harbour}", "board")
        time.sleep(0.005)
    time.sleep(0.6)
    live.shut_down(with_redis)
    ear.join(8)
    answer.close()
    since = [moment - began for moment, _ in heard[1:]]
    assert len(since) == 2
    assert since[0] < 0.15
    assert 0.3 <= since[1] - since[0] < 0.6


def test_a_session_beyond_its_share_ends_its_oldest_stream():
    open_ones = Hub("", 100, Shares(session=3, organisation=100))
    mine, theirs = Holder(session=uuid4()), Holder(session=uuid4())
    other = open_ones.join("doctor:2", "board", theirs)
    own = [open_ones.join("doctor:1", "board", mine) for _ in range(5)]
    assert [client.is_replaced for client in own] == [True, True, False, False, False]
    assert rung([*own, other]) == own[:2]
    open_ones.leave(own[0])
    open_ones.leave(own[3])
    assert not open_ones.join("doctor:1", "board", mine).is_replaced
    assert not own[2].is_replaced
    for client in [*own, other, *open_ones.clients["doctor:1"].copy()]:
        open_ones.leave(client)
    assert (open_ones.count, open_ones.by_session, open_ones.by_organisation) == (0, {}, {})


def test_no_organisation_takes_the_streams_of_others():
    open_ones = Hub("", 100, Shares(session=100, organisation=4))
    place, elsewhere = uuid4(), uuid4()
    desk = [open_ones.join("a:1", "board", Holder(uuid4(), place)) for _ in range(4)]
    with pytest.raises(Unavailable):
        open_ones.join("a:1", "board", Holder(uuid4(), place))
    for holder in (Holder(uuid4(), elsewhere), Holder(uuid4()), Holder()):
        open_ones.join("b:1", "board", holder)
    open_ones.leave(desk[0])
    open_ones.join("a:1", "board", Holder(uuid4(), place))


def test_a_ring_at_an_organisation_is_heard_by_pages_that_count():
    """Those that watch it already hear it once, as it was before."""
    open_ones = Hub("", 10, echoes={"organisation": "waiting"})
    counts = Listening("waiting:1", is_told_by_own=True)
    board = open_ones.join("organisation:1", "board", beside=counts)
    one_doctor = open_ones.join("doctor:7", "board", beside=counts)
    ledger = open_ones.join("messages:1", "messages", beside=Listening("waiting:1"))
    settings = open_ones.join("waiting:1", "waiting")
    elsewhere = open_ones.join("waiting:2", "waiting")
    everybody = (board, one_doctor, ledger, settings, elsewhere)

    def heard():
        return [client.take() for client in everybody]

    open_ones._deliver("organisation:1", "board")
    assert heard() == [["board"], ["waiting"], ["waiting"], ["waiting"], []]
    open_ones._deliver("waiting:1", "waiting")
    assert heard() == [["waiting"], ["waiting"], ["waiting"], ["waiting"], []]
    open_ones._deliver("doctor:7", "board")
    open_ones._deliver("organisation:1", "board")
    open_ones._deliver("messages:1", "messages")
    assert heard() == [["board"], ["board"], ["messages", "waiting"], ["waiting"], []]
    for client in everybody:
        open_ones.leave(client)
    assert not open_ones.clients
