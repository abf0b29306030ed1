"""Development answers who sits at this machine, by a name of this machine."""

from collections.abc import Iterator

import pytest
from flask import Flask

from clinic.core.data.db import db
from clinic.core.web import live
from clinic.factory import create_app
from tests.conftest import settings_for

NEXT_DOOR = {"REMOTE_ADDR": "192.168.1.7"}


@pytest.fixture
def development(app: Flask, tmp_path) -> Iterator[Flask]:
    """An app of its own: which names it answers to is decided when it is made."""
    yield from made(app, tmp_path)


@pytest.fixture
def exposed(app: Flask, tmp_path) -> Iterator[Flask]:
    yield from made(
        app, tmp_path, allow_dev_exposed=True, public_base_url="https://trial.tunnel.example"
    )


def made(app: Flask, folder, **given) -> Iterator[Flask]:
    database = app.config["SETTINGS"].database
    settings = settings_for(folder, database).model_copy(
        update={"environment": "development", **given}
    )
    other = create_app(settings)
    yield other
    live.shut_down(other)
    with other.app_context():
        db.session.remove()
        db.engine.dispose()


def status(app: Flask, path: str, host: str = "127.0.0.1:8000", environ=None, **headers) -> int:
    answer = app.test_client().get(
        path, headers={"Host": host, **headers}, environ_overrides=environ or {}
    )
    return answer.status_code


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_the_names_of_this_machine_are_answered(development, host):
    assert status(development, "/health", host) == 200
    assert status(development, "/dev/inbox", host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "rebind.attacker.example",
        "rebind.attacker.example:8000",
        "localhost.attacker.example",
        "127.0.0.1.attacker.example",
        "192.168.1.7:8000",
        "[::2]:8000",
    ],
)
@pytest.mark.parametrize(
    "path", ["/health", "/forgot", "/dev/inbox", "/api/v1/doctors", "/nowhere"]
)
def test_another_name_is_refused_everywhere(development, host, path):
    assert status(development, path, host) == 400


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "Forwarded", "X-Forwarded-Proto", "X-Real-IP"]
)
def test_what_came_through_a_proxy_does_not_see_the_inbox(development, header):
    assert status(development, "/dev/inbox", **{header: "127.0.0.1"}) == 404
    assert status(development, "/dev/inbox/live", **{header: "127.0.0.1"}) == 404


def test_who_sits_elsewhere_does_not_see_the_inbox(development):
    assert status(development, "/dev/inbox", environ=NEXT_DOOR) == 404
    assert status(development, "/dev/inbox", environ={"REMOTE_ADDR": "::ffff:127.0.0.1"}) == 200


def test_a_tunnel_that_was_announced_is_answered_but_for_the_inbox(exposed):
    for path, expected in (("/health", 200), ("/dev/inbox", 404)):
        assert status(exposed, path, "trial.tunnel.example") == expected
    assert status(exposed, "/health", "other.tunnel.example") == 400


def test_in_a_container_the_inbox_is_read_from_outside_it(exposed):
    """The peer is the engine's gateway then; the name is still this machine's."""
    assert status(exposed, "/dev/inbox", "localhost:8000", NEXT_DOOR) == 200
    assert status(exposed, "/dev/inbox", "localhost:8000", **{"X-Forwarded-For": "1.2.3.4"}) == 404
