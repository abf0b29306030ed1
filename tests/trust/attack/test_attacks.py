"""P23 to P27: strangers who play by the forms, against the product as it is started."""

import contextlib
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import httpx
import pytest

from clinic.appointments.outside import links
from tests.cast import PASSWORD as KNOWN_PASSWORD
from tests.trust.attack.site import API, PASSWORD, Site, Stranger
from tests.trust.workshop import broken, tell, until, waiting

pytestmark = pytest.mark.trust

MOST_TEXTS = 8  # an hour, to a number that nobody proved
MOST_SEATS = 30
WEEKDAYS = range(1, 15)


def test_p23_one_account_cannot_have_a_number_texted_without_end(site: Site):
    """Sixty moves of one visit by program, page and link; then codes, and sign-ups."""
    doctor = site.clinic.stage.cast.dr_dev.doctor_id
    answers: Counter[int] = Counter()
    with Stranger(site) as stranger:
        assert stranger.sign_up(email="pump@invented.example").status_code == 201
        times = stranger.free_times(doctor, WEEKDAYS)
        visit = stranger.book(doctor, times[0]).json()["id"]
        places = cycle(times[1:40])
        for _ in range(30):
            moved = stranger.http.post(
                f"{API}/appointments/{visit}/reschedule", json={"start": next(places)}
            )
            answers[moved.status_code] += 1
            visit = moved.json().get("id", visit) if moved.is_success else visit
            time.sleep(2 if moved.is_success else 0.1)  # paced: each text has left before the next
        move_by_page(site, visit, places, answers)
        ask_for_codes(stranger, answers)
    for number in range(10):
        with Stranger(site, f"127.0.0.{number + 2}") as another:
            answers[another.sign_up(phone=stranger.phone).status_code] += 1
    until("all has left", lambda: waiting() == 0, 60)
    texts = site.told(stranger.phone, "sent", "delivered", "sending", "uncertain")
    refused = site.told(stranger.phone, "skipped", "cancelled")
    assert 0 < texts <= MOST_TEXTS, (texts, answers)
    assert max(answers) < 500, answers
    assert broken() == {}
    tell("P23 pumping", texts_to_one_number=texts, refused_visibly=refused, answers=dict(answers))


def move_by_page(site: Site, visit: str, places: Iterator[str], answers: Counter[int]) -> None:
    link = f"/visit/{links.token_of(visit)}/reschedule"  # type: ignore[arg-type]
    with Stranger(site) as browser:
        browser.log_in("pump@invented.example", PASSWORD)
        for path in (f"/appointments/{visit}/reschedule", link):
            for _ in range(15):
                moved = browser.page_form(path, start=next(places))
                answers[moved.status_code] += 1


def ask_for_codes(stranger: Stranger, answers: Counter[int]) -> None:
    for _ in range(20):
        wanted = {"phone": stranger.phone, "current_password": PASSWORD}
        answers[stranger.http.patch(f"{API}/users/me", json=wanted).status_code] += 1


def test_p24_one_address_cannot_fill_a_diary(site: Site):
    """25 accounts of one address, thirty seconds, each asks for all it can get."""
    doctor = site.clinic.stage.cast.dr_dev.doctor_id
    before = site.seats_of(doctor)
    with Stranger(site) as looking:
        times = looking.free_times(doctor, WEEKDAYS)
    ends = time.monotonic() + 30
    answers: Counter[int] = Counter()

    def hoard(number: int) -> None:
        with Stranger(site) as stranger:
            signed_up = stranger.sign_up()
            answers[signed_up.status_code] += 1
            if signed_up.status_code != 201:
                return
            for turn in range(10):
                if time.monotonic() > ends:
                    return
                start = times[(number * 10 + turn) % len(times)]
                answers[stranger.book(doctor, start).status_code] += 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hoard, range(25)))
    gone = site.seats_of(doctor) - before
    assert 0 < gone <= MOST_SEATS, (gone, answers)
    assert max(answers) < 500, answers
    tell("P24 hoarding", seats_gone=gone, of=len(times), answers=dict(answers))


WORST = ("4@8({[<369!1|0$5+7%2" * 7)[:128]


def test_p25_costly_passwords_stop_nobody(site: Site):
    """Six sign-ups at once with the password that is hardest to judge; pages go on meanwhile."""
    site.seconds("/")  # once: what is loaded late is loaded

    def sign_up(number: int) -> float:
        with Stranger(site, f"127.0.1.{number + 1}") as stranger:
            started = time.monotonic()
            assert stranger.sign_up(password=WORST).status_code in (201, 400, 429, 503)
            return time.monotonic() - started

    with ThreadPoolExecutor(6) as pool:
        running = [pool.submit(sign_up, number) for number in range(6)]
        pages = []
        while not all(one.done() for one in running):
            pages.append(site.seconds("/"))
            time.sleep(0.05)
        slowest = max(one.result() for one in running)
    assert slowest < 2
    assert max(pages, default=0) < 1
    tell("P25 strength", slowest_sign_up=f"{slowest:.2f} s", slowest_page=f"{max(pages):.2f} s")


HALF_HEAD = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
HALF_BODY = (
    b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nemail="
)


@pytest.mark.parametrize("half", [HALF_HEAD, HALF_BODY], ids=["heads", "bodies"])
def test_p26_slow_sockets_stop_nobody(site: Site, half: bytes):
    """300 of them, each a byte every three seconds, for half a minute."""
    held: list[socket.socket] = []
    try:
        for _ in range(300):
            held.append(socket.create_connection(("127.0.0.1", site.port), timeout=5))
            held[-1].sendall(half)
        began, waits = time.monotonic(), []
        while time.monotonic() - began < 30:
            for one in held:
                with contextlib.suppress(OSError):
                    one.sendall(b"a")
            time.sleep(3)
            if time.monotonic() - began > 15:
                waits.append(site.seconds())
    finally:
        for one in held:
            one.close()
    assert max(waits) < 2
    tell("P26 slow sockets", held=300, slowest_health_after_15_s=f"{max(waits):.2f} s")


def test_p27_strangers_lock_nobody_out(site: Site):
    """Thirty failures for an account: its owner's browser signs in."""
    cast = site.clinic.stage.cast
    with Stranger(site, "127.0.0.7") as owner:
        assert signed_in(owner.log_in(cast.dr_chandra.email, KNOWN_PASSWORD))
        owner.page_form("/logout", on="/account/")
        refused = fail(site, cast.dr_chandra.email, 30, lambda number: f"127.0.2.{number % 3 + 1}")
        again = owner.log_in(cast.dr_chandra.email, KNOWN_PASSWORD)
        assert signed_in(again), again.status_code
    with Stranger(site, "127.0.2.9") as elsewhere:
        unknown = elsewhere.log_in(cast.dr_chandra.email, KNOWN_PASSWORD).status_code
    beside = fail(site, cast.asha.email, 12, lambda _: "127.0.0.8")
    with Stranger(site, "127.0.0.8") as neighbour:
        assert signed_in(neighbour.log_in(cast.bela.email, KNOWN_PASSWORD))
    tell("P27 lock-out", known_browser="in", unknown_browser=unknown, neighbour="in",
         tries=dict(refused + beside))  # fmt: skip


def signed_in(answer: httpx.Response) -> bool:
    return answer.status_code == 303


def fail(site: Site, email: str, times: int, address: Callable[[int], str]) -> Counter[int]:
    answers: Counter[int] = Counter()
    for number in range(times):
        with Stranger(site, address(number)) as stranger:
            answers[stranger.log_in(email, "not the password").status_code] += 1
    return answers
