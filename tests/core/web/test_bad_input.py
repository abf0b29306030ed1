"""P16: whatever is typed, pasted or forged, no page fails and nothing comes back as markup."""

from itertools import count
from urllib.parse import quote, quote_from_bytes

import pytest

from tests.cast import at
from tests.conftest import client_of
from tests.crowd import FULL
from tests.factories import book, known_to
from tests.pages import HTMX

NAUGHTY = [
    "",
    "\x00",
    "before\x00after",
    b"\xed\xa0\x80",  # a lone surrogate in what claims to be UTF-8
    b"\xff\xfe",
    "\u202e\u200b\ufeff",
    "\U0010ffff\ue000",
    "x" * 5000,
    "é" * 3000,
    "-1",
    "0",
    "9" * 400,
    "1e400",
    "NaN",
    "٣",
    "9999-12-31",
    "0001-01-01",
    "9999-W52",
    "9999-12-31T23:59:59+00:00",
    "0001-01-01T00:00:00+23:59",
    "2026-11-16T09:00:00 00:00",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "{11111111111111111111111111111111}",
    "' OR 1=1 --",
    "%_\\",
    "{{ 7 * 7 }}<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "\r\nX-Injected: 1",
    "../../../etc/passwd",
    "//evil.example/",
    "[]",
    "null",
]  # fmt: skip

QUERIES = {
    "/": "specialisation specialization location language q date part after after_id cursor",
    "/doctors/{doctor}": "week",
    "/appointments/new": "doctor start patient find reason channel idempotency_key",
    "/board/": "day doctor",
    "/schedules/": "doctor",
    "/login": "next email password",
    "/signup": "next full_name email",
}
FORMS = {
    "/login": "email password next",
    "/signup": "full_name email phone password next",
    "/appointments/": "find doctor start patient reason channel idempotency_key csrf_token",
    "/appointments/choose": "doctor start patient reason channel",
    "/appointments/{visit}/cancel": "anything",
    "/appointments/{visit}/check-in": "anything",
    "/logout": "anything",
}
ROUTES = [("GET", path, names.split()) for path, names in QUERIES.items()]
ROUTES += [("POST", path, names.split()) for path, names in FORMS.items()]
WORST = ["before\x00after", b"\xed\xa0\x80", "9999-12-31"]


def values_for(number):
    """The worst for every field, and a share of the rest; `make trust` tries them all."""
    return NAUGHTY if FULL else [*WORST, *NAUGHTY[number % 3 :: 3]]


@pytest.fixture
def stage(open_door):
    with open_door.app.app_context():
        cast = open_door.cast
        visit = book(cast.asha, cast.dr_chandra)
        known_to(cast.harbour, cast.asha, cast.bela)
    open_door.places = {"doctor": cast.dr_chandra.doctor_id, "visit": visit.id}
    open_door.valid = {
        "doctor": str(cast.dr_chandra.doctor_id),
        "start": at("10:00").isoformat(),
        "patient": str(cast.bela.patient_id),
        "reason": "Cough",
        "channel": "sms",
        "email": "noor@cast.example",
        "full_name": "Noor",
        "phone": "+447400123456",
        "password": "three small words",
    }
    return open_door


def encoded(valid, name, value):
    pairs = [f"{key}={quote(text)}" for key, text in valid.items() if key != name]
    raw = quote_from_bytes(value) if isinstance(value, bytes) else quote(value)
    return "&".join([*pairs, f"{name}={raw}"])


def ask(client, method, path, query, **more):
    if method == "GET":
        return client.get(f"{path}?{query}", **more)
    kind = "application/x-www-form-urlencoded"
    return client.post(path, data=query, content_type=kind, **more)


def people_for(path):
    return [None] if path in ("/", "/login", "/signup", "/doctors/{doctor}") else ["asha", "esha"]


def other_fields(stage, who, method, path, name):
    """Valid ones, so that the field in question is what decides."""
    if method == "GET" and path != "/appointments/new":
        return {}
    valid = {**stage.valid, "start": at("11:00" if who == "esha" else "10:00").isoformat()}
    # The desk's search is only read again when the form comes back.
    return {**valid, "reason": "", "patient": ""} if name == "find" else valid


@pytest.mark.parametrize(("method", "path", "names"), ROUTES)
def test_no_field_makes_a_page_fail(stage, method, path, names):
    addresses = count(1)
    for who in people_for(path):
        client = client_of(stage.app, stage.cast.people[who]) if who else None
        for number, name in enumerate(names):
            others = other_fields(stage, who, method, path, name)
            for turn, value in enumerate(values_for(number)):
                answer = ask(
                    client or stage.app.test_client(),
                    method,
                    path.format(**stage.places),
                    encoded(others, name, value),
                    headers=HTMX if turn % 2 else {},
                    environ_base={"REMOTE_ADDR": f"10.0.0.{next(addresses)}"},
                )
                assert (name, value, answer.status_code < 500) == (name, value, True)
                assert "<script>alert" not in answer.text
                assert "<img src=x" not in answer.text
                assert "X-Injected" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/doctors/{}", "/appointments/{}/done", "/live/doctor/{}", "/live/{}/1", "/{}"]
)
def test_no_path_makes_a_page_fail(app, signed_in, cast, path):
    client = signed_in(cast.esha)
    for value in ("%00", "%ED%A0%80", "%FF", "%2e%2e%2f", "9" * 400, "%0d%0aX: 1"):
        assert (value, client.get(path.format(value)).status_code) in ((value, 400), (value, 404))


def test_a_nul_is_refused_at_the_door(client):
    for query in ("q=%00ab", "q=ab&other=%00", "after=%00&after_id=1"):
        assert client.get(f"/?{query}").status_code == 400


BODIES = [
    ("application/x-www-form-urlencoded", b"\xff\xfe=\xff&reason=\x00"),
    ("application/x-www-form-urlencoded", b"&&&===%%%%"),
    ("application/json", b'{"reason": "x"}'),
    ("application/json", b"{" * 1000),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
    ("text/plain", b"hello"),
    ("", b""),
    ("\xff", b"x"),
]


@pytest.mark.parametrize("path", ["/login", "/signup", "/appointments/"])
def test_a_body_that_is_no_form_is_refused(app, client, signed_in, cast, path):
    if path == "/appointments/":
        client = signed_in(cast.asha)
    for kind, body in BODIES:
        answer = client.post(path, data=body, content_type=kind)
        assert (kind, body, 400 <= answer.status_code < 500) == (kind, body, True)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Accept", "x" * 4000),
        ("Accept", ";;q=9,,/"),
        ("Accept-Language", "\xff" * 50),
        ("User-Agent", "\xff" * 5000),
        ("Cookie", "session=garbage; theme=<script>"),
        ("Cookie", "=;;;\xff"),
        ("HX-Request", "\xff"),
        ("Content-Length", "many"),
        ("Range", "bytes=9-1"),
        ("Referer", "::::"),
    ],
)
def test_no_header_makes_a_page_fail(client, cast, header, value):
    for path in ("/", "/login"):
        answer = client.get(path, headers={header: value})
        assert answer.status_code < 500
        assert 'theme="<script' not in answer.text
    form = {"email": cast.asha.email, "password": "three small words"}
    assert client.post("/login", data=form, headers={header: value}).status_code < 500


@pytest.mark.parametrize("key", ["\x7f", "x" * 80, "\xff\xfe", "' OR 1=1 --"])
def test_an_odd_idempotency_key_still_books_once(stage, key):
    client = client_of(stage.app, stage.cast.asha)
    form = {name: stage.valid[name] for name in ("doctor", "start", "reason", "channel")}
    locations = {
        client.post("/appointments/", data=form, headers={"Idempotency-Key": key}).location
        for _ in range(2)
    }
    assert len(locations) == 1
    assert locations.pop().endswith("/done")


def test_a_key_that_cannot_be_kept_whole_is_refused(stage):
    client = client_of(stage.app, stage.cast.asha)
    form = {name: stage.valid[name] for name in ("doctor", "start", "reason", "channel")}
    answer = client.post("/appointments/", data=form, headers={"Idempotency-Key": "x" * 5000})
    assert answer.status_code == 400
