"""A call to an address that a person typed, against servers that are no friends."""

import json
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from clinic.core.outside import fetch as outside
from clinic.core.outside.fetch import Answer, Call, Failed, Limits, fetch
from tests.fakes import certificates, receiver
from tests.fakes.receiver import Receiver
from tests.ops.processes import free_port

HERE = Limits(seconds=5, allows_loopback=True)
SHORT = Limits(seconds=0.5, allows_loopback=True)


def failure(url: str, limits: Limits = HERE, **more: object) -> str:
    with pytest.raises(Failed) as caught:
        fetch(Call(url), limits, **more)  # type: ignore[arg-type]
    return caught.value.code


class Names:
    """A resolver that answers otherwise each time, the last answer from then on."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_what_goes_out_and_what_comes_back() -> None:
    with Receiver(more="X-Of: theirs\r\n") as there:
        body = json.dumps({"id": "1"}).encode()
        call = Call(f"{there.url}?a=ä", "POST", body, {"Content-Type": "application/json"})
        answer = fetch(call, HERE)
    assert (answer.status, answer.body, answer.is_whole) == (200, b"thank you", True)
    assert answer.headers["x-of"] == "theirs"
    (taken,) = there.taken
    assert taken.line == "POST /hooks?a=%C3%A4 HTTP/1.1"
    assert taken.body == body
    assert taken.headers == {
        "host": f"localhost:{there.port}",
        "accept-encoding": "identity",
        "connection": "close",
        "content-type": "application/json",
        "content-length": str(len(body)),
    }


def test_a_name_is_looked_up_once_and_that_is_where_it_calls() -> None:
    """Answered by another address a second time (rebinding), it would lead elsewhere."""
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    with Receiver() as there:
        assert fetch(Call(there.url), HERE, names).status == 200
    assert names.asked == [("localhost", there.port)]


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["::1"], ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"], ["93.184.216.34", "127.0.0.1"], ["127.0.0.1", "93.184.216.34"],
        ["2606:4700::1", "fd00:ec2::254"],
    ],
)  # fmt: skip
def test_one_address_that_is_not_public_spoils_the_others(found: list[str]) -> None:
    names = Names(found)
    assert failure("https://rebound.example/", Limits(), resolve=names) == outside.NOT_PUBLIC
    assert names.asked == [("rebound.example", 443)]


@pytest.mark.parametrize(
    "url",
    ["https://localhost/", "https://127.0.0.1/", "https://[::1]/", "https://2130706433/",
     "https://0x7f.1/", "https://127.1/", "https://0/", "https://[::ffff:127.0.0.1]/"],
)  # fmt: skip
def test_however_this_machine_is_written_it_is_not_called(url: str) -> None:
    """By the real resolver, which reads more ways than one."""
    assert failure(url, Limits()) in (outside.NOT_PUBLIC, outside.UNKNOWN_NAME)


def test_where_this_machine_is_allowed_its_neighbours_are_not() -> None:
    for found in (["10.0.0.1"], ["127.0.0.1", "10.0.0.1"], ["169.254.169.254"]):
        assert failure("https://a.example/", HERE, resolve=Names(found)) == outside.NOT_PUBLIC
        assert failure("http://localhost:8000/", HERE, resolve=Names(found)) == outside.NOT_PUBLIC
    # A public name without encryption would let everybody on the way read along.
    assert failure("http://localhost/", HERE, resolve=Names(["1.1.1.1"])) == outside.NOT_PUBLIC


def test_a_name_that_nobody_has() -> None:
    def resolve(_host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "nobody")

    assert failure("https://nobody.example/", resolve=resolve) == outside.UNKNOWN_NAME
    assert failure("https://nobody.example/", resolve=Names([])) == outside.UNKNOWN_NAME


def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    over = threading.Event()

    def resolve(_host: str, _port: int) -> Sequence[str]:
        over.wait(20)
        return ["127.0.0.1"]

    assert failure("https://slow.example/", SHORT, resolve=resolve) == outside.TOO_SLOW
    over.set()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_answers_and_nobody_follows_them(status: int) -> None:
    with Receiver() as elsewhere:
        location = f"Location: {elsewhere.url}\r\n"
        with Receiver(answers=[status], more=location) as there:
            assert fetch(Call(there.url), HERE).status == status
    assert elsewhere.taken == []


@pytest.mark.parametrize("rude", [receiver.hangs, receiver.drips, receiver.drips_body])
def test_the_time_is_for_all_steps_together(rude: receiver.Rude) -> None:
    with Receiver(rude=rude) as there:
        assert failure(there.url, SHORT) == outside.TOO_SLOW


def test_who_takes_a_connection_and_does_not_shake_hands() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://localhost:{silent.getsockname()[1]}/"
        assert failure(url, SHORT, resolve=Names(["127.0.0.1"])) == outside.TOO_SLOW


def test_of_an_answer_without_end_only_so_much_is_read() -> None:
    with Receiver(rude=receiver.never_ends) as there:
        answer = fetch(Call(there.url), HERE)
    assert (len(answer.body), answer.is_whole) == (64 * 1024, False)
    with Receiver(body=b"x" * 1000) as there:
        limits = Limits(most_bytes=1000, allows_loopback=True)
        assert fetch(Call(there.url), limits).is_whole
        few = Limits(most_bytes=999, allows_loopback=True)
        assert fetch(Call(there.url), few) == Answer(
            200, {"content-length": "1000"}, b"x" * 999, False
        )


def test_framing_counts_as_well() -> None:
    with Receiver(rude=receiver.small_chunks) as there:
        answer = fetch(Call(there.url), HERE)
    assert not answer.is_whole
    assert len(answer.body) < 1000


def test_what_hung_up_early_is_not_whole() -> None:
    with Receiver(rude=receiver.hangs_up_early) as there:
        answer = fetch(Call(there.url), HERE)
    assert (answer.body, answer.is_whole) == (b"half", False)


@pytest.mark.parametrize(
    "rude", [receiver.many_headers, receiver.goes_on, receiver.no_http, receiver.hangs_up]
)
def test_who_does_not_speak_as_a_server(rude: receiver.Rude) -> None:
    with Receiver(rude=rude) as there:
        assert failure(there.url) == outside.BROKEN


def test_nobody_listens_there() -> None:
    assert failure(f"http://localhost:{free_port()}/") == outside.REFUSED


def test_the_next_address_is_tried_where_one_is_dead() -> None:
    with Receiver() as there:
        names = Names(["127.0.0.9", "127.0.0.1"])
        assert fetch(Call(there.url), HERE, names).status == 200


def test_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the name that was asked for, by somebody whom the machine trusts."""
    ours = certificates.authority()
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.file(tmp_path)))
    names = Names(["127.0.0.1"])

    def shown(certificate: certificates.Certificate) -> Receiver:
        return Receiver(context=certificate.for_server(tmp_path))

    with shown(certificates.certificate("hooks.example", ours)) as there:
        url = f"https://hooks.example:{there.port}/x"
        assert fetch(Call(url), HERE, names).status == 200
        assert there.taken[0].headers["host"] == f"hooks.example:{there.port}"
        other = f"https://other.example:{there.port}/x"
        assert failure(other, resolve=names) == outside.BAD_CERTIFICATE
    by_itself = certificates.certificate("hooks.example", None)
    past = certificates.certificate("hooks.example", ours, certificates.PAST)
    for bad in (by_itself, past):
        with shown(bad) as there:
            url = f"https://hooks.example:{there.port}/x"
            assert failure(url, resolve=names) == outside.BAD_CERTIFICATE
            assert there.taken == []


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver() as proxy, Receiver() as there:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://localhost:{proxy.port}")
        assert fetch(Call(there.url), HERE).status == 200
    assert proxy.taken == []


def test_nothing_is_smuggled_in() -> None:
    with Receiver() as there, pytest.raises(Failed):
        fetch(Call(there.url, headers={"X-Name": "a\r\nHost: elsewhere"}), HERE)
    assert there.taken == []


def test_a_call_takes_no_longer_than_it_may() -> None:
    began = time.monotonic()
    with Receiver(rude=receiver.drips) as there:
        assert failure(there.url, SHORT) == outside.TOO_SLOW
    assert time.monotonic() - began < 4  # not for ever: a drip every 50 ms would be
