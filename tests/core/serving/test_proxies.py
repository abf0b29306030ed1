"""Whose word counts: of the other end of the socket, and of the proxies that were announced."""

import pytest
from flask import request

from clinic.core.serving import proxies
from clinic.core.watch.lines import configure
from clinic.factory import create_app
from tests.accounts.account_words import log_in
from tests.conftest import settings_for

FAR, PROXY = "203.0.113.9", "172.18.0.1"
ANNOUNCED = {"trusted_proxies": "172.16.0.0/12"}


def clinic_behind(tmp_path, **changes):
    app = create_app(settings_for(tmp_path).model_copy(update=changes))
    configure("ERROR", None)
    return app


def seen_by(app, peer, **headers):
    """The visitor's address and the scheme, as pages see them."""
    seen = []
    app.before_request(lambda: seen.append((request.remote_addr, request.scheme)))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    app.test_client().get("/health", headers=named, environ_base={"REMOTE_ADDR": peer})
    return seen[-1]


@pytest.mark.parametrize(("hops", "address"), [(0, "127.0.0.1"), (1, "203.0.113.9")])
def test_the_visitors_address_is_believed_from_known_proxies_only(tmp_path, hops, address):
    app = create_app(settings_for(tmp_path).model_copy(update={"behind_proxies": hops}))
    seen = []
    app.before_request(lambda: seen.append((request.remote_addr, request.host)))
    forwarded = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9", "X-Forwarded-Host": "evil.example"}
    app.test_client().get("/health", headers=forwarded)
    assert seen == [(address, "localhost")]


@pytest.mark.parametrize(
    ("changes", "peer", "believed"),
    [
        ({}, "127.0.0.1", False),
        ({"behind_proxies": 1}, "127.0.0.1", True),
        ({"behind_proxies": 1}, "::1", True),
        ({"behind_proxies": 1}, "::ffff:127.0.0.1", True),
        ({"behind_proxies": 1}, PROXY, False),  # another machine is to be named
        ({"behind_proxies": 1}, "", False),
        (ANNOUNCED, PROXY, True),
        (ANNOUNCED, "127.0.0.1", False),
        (ANNOUNCED, "172.32.0.1", False),
        (ANNOUNCED, FAR, False),
        ({"trusted_proxies": "fd00::/8, 192.0.2.7"}, "fd00::5", True),
        ({"trusted_proxies": "fd00::/8, 192.0.2.7"}, "192.0.2.7", True),
        ({"trusted_proxies": "fd00::/8, 192.0.2.7"}, "192.0.2.8", False),
    ],
)
def test_forwarded_headers_count_from_announced_peers_alone(tmp_path, changes, peer, believed):
    app = clinic_behind(tmp_path, **changes)
    seen = seen_by(app, peer, X_Forwarded_For="198.51.100.1", X_Forwarded_Proto="https")
    assert seen == (("198.51.100.1", "https") if believed else (peer, "http"))


def test_behind_two_proxies_the_first_ones_word_counts(tmp_path):
    chain = "6.6.6.6, 198.51.100.1, 10.0.0.1"
    for peer, visitor in ((PROXY, "198.51.100.1"), (FAR, FAR)):
        app = clinic_behind(tmp_path, **ANNOUNCED, behind_proxies=2)
        assert seen_by(app, peer, X_Forwarded_For=chain)[0] == visitor


def test_a_stranger_does_not_end_the_redirect_to_tls(tmp_path):
    app = clinic_behind(tmp_path, **ANNOUNCED, ssl_enabled=True)
    said = {"X-Forwarded-Proto": "https"}
    for peer, status in ((FAR, 308), ("127.0.0.1", 308), (PROXY, 200)):
        answer = app.test_client().get("/login", headers=said, environ_base={"REMOTE_ADDR": peer})
        assert (peer, answer.status_code) == (peer, status)


def guess(app, cast, peer, times):
    """The answers to so many wrong passwords, each said to come from somewhere else."""
    client, email = app.test_client(), cast.asha.email
    client.environ_base["HTTP_X_FORWARDED_PROTO"] = "https"
    answers = []
    for number in range(times):
        client.environ_base["HTTP_X_FORWARDED_FOR"] = f"198.51.100.{number}"
        answers.append(log_in(client, email, "not this one", peer).status_code)
    return answers


def test_nobody_chooses_an_address_to_guess_from(app, cast, monkeypatch):
    """At the web's own port, or past it: the eleventh guess within the minute is refused."""
    monkeypatch.setattr(app, "wsgi_app", app.wsgi_app)
    proxies.believe(app, app.config["SETTINGS"].model_copy(update=ANNOUNCED))
    assert set(guess(app, cast, FAR, 30)[10:]) == {429}


def test_in_production_figures_are_for_operators(tmp_path):
    changes = {"environment": "production", "ssl_enabled": False, "metrics_token": "t" * 40}
    client = clinic_behind(tmp_path, **changes).test_client()
    far = {"REMOTE_ADDR": "203.0.113.9"}
    for path in ("/metrics", "/ready"):
        assert client.get(path, environ_base=far).status_code == 404
        for token in ("", "x" * 40, "é" * 40):
            headers = {"Authorization": f"Bearer {token}"}
            assert client.get(path, environ_base=far, headers=headers).status_code == 404
        headers = {"Authorization": f"Bearer {'t' * 40}"}
        assert client.get(path, environ_base=far, headers=headers).status_code in (200, 503)
        assert client.get(path).status_code in (200, 503)


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via"],
)
@pytest.mark.parametrize("changes", [{}, {"behind_proxies": 1}, ANNOUNCED])
def test_whoever_speaks_for_others_is_no_operator(tmp_path, header, changes):
    """A proxy on this machine, or what a stranger says through it: neither is the operator."""
    app = clinic_behind(tmp_path, environment="production", ssl_enabled=False, **changes)
    client = app.test_client()
    for path in ("/metrics", "/ready"):
        for peer in ("127.0.0.1", PROXY, FAR):
            for value in ("127.0.0.1", "::1", "for=127.0.0.1", ""):
                environ = {"REMOTE_ADDR": peer}
                answer = client.get(path, headers={header: value}, environ_base=environ)
                assert (peer, value, answer.status_code) == (peer, value, 404)
        assert client.get(path).status_code in (200, 503)


def test_the_token_opens_figures_through_a_proxy_too(tmp_path):
    secret = "t" * 40
    app = clinic_behind(
        tmp_path, environment="production", ssl_enabled=False, metrics_token=secret, **ANNOUNCED
    )
    said = {"X-Forwarded-For": "198.51.100.1", "Authorization": f"Bearer {secret}"}
    answer = app.test_client().get("/metrics", headers=said, environ_base={"REMOTE_ADDR": PROXY})
    assert answer.status_code == 503  # it was let in: here is no database to be asked
