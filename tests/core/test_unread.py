"""What somebody set and nothing reads is named at the start."""

import pytest
from structlog.testing import capture_logs

from clinic.config import unread
from clinic.factory import create_app
from tests.conftest import settings_for


@pytest.fixture
def told(monkeypatch, tmp_path):
    """What is said about an environment, and about the lines of a file."""

    def tell(file="", **environment):
        path = tmp_path / ".env"
        path.write_text(file, encoding="utf-8")
        monkeypatch.setattr(unread, "setting_files", lambda: (path, tmp_path / "absent"))
        monkeypatch.setattr(unread.os, "environ", environment)
        with capture_logs() as lines:
            unread.tell()
        return {line["setting"]: line.get("perhaps", line["event"]) for line in lines}

    return tell


def test_a_setting_that_nothing_reads_is_named(told):
    said = told("# MAIL_FROM=x\nMONGODB_URL=mongodb://u:pass@h\n", MAX_UPLOAD_SIZE_MB="20")
    assert said == dict.fromkeys(("MONGODB_URL", "MAX_UPLOAD_SIZE_MB"), "setting_not_used")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("SMPT_HOST", "SMTP_HOST"),
        ("DATABSE_URL", "DATABASE_URL"),
        ("TWILIO_AUTHTOKEN", "TWILIO_AUTH_TOKEN"),
        ("SECRETKEY", "SECRET_KEY"),
        ("secret_kye", "SECRET_KEY"),
    ],
)
def test_a_misspelt_one_is_named_with_what_it_was_meant_to_be(told, typed, meant):
    assert told(f"export {typed} = x\n") == told(**{typed: "x"}) == {typed.upper(): meant}


def test_right_ones_and_those_of_others_are_left_alone(told):
    names = {name: "x" for name in unread.known()}
    for right in unread.NOT_USED:
        names.pop(right, None)
    others = ("PATH", "HOME", "LANG", "PWD", "USER", "FLASK_SKIP_DOTENV", "GUNICORN_CMD_ARGS",
              "PROMETHEUS_MULTIPROC_DIR", "VIRTUAL_ENV", "PYTHONPATH", "HOSTNAME")  # fmt: skip
    assert told(**names, **dict.fromkeys(others, "x"), MONGODB_URL="") == {}


def test_no_value_is_ever_told(monkeypatch, tmp_path):
    monkeypatch.setattr(unread, "setting_files", lambda: ())
    monkeypatch.setattr(unread.os, "environ", {"MONGODB_URL": "hidden-1", "SECRET_KYE": "hidden-2"})
    with capture_logs() as lines:
        unread.tell()
    assert len(lines) == 2
    assert "hidden" not in str(lines)


def test_the_app_tells_what_it_reads_from_the_environment_itself(monkeypatch, tmp_path):
    told = []
    monkeypatch.setattr(unread, "tell", lambda: told.append(True))
    create_app(settings_for(tmp_path))
    assert not told
    monkeypatch.setattr("clinic.config.load_settings", lambda: settings_for(tmp_path))
    create_app()
    assert told == [True]
