"""Settings: where they come from, their other names, and what stops a wrong start."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from clinic import config
from clinic.config import ROOT, Settings, WrongSetting, load_settings, secrets
from clinic.config.checks import check
from clinic.config.settings import REDIS_ALIASES

FINE = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "kq3V9mZr2xW8nB5tY7pL0dF4gH6jC1sA",
    "PASSWORD_PEPPER": "Zx8Cv2Bn5Mq9Wr3Ty7Ui1Op4As6Df0Gh",
    "LINK_KEY": "Lk5Jh8Gf2Ds7Aq4We9Rt1Yu6Io3Pz0Xc",
    "JWT_SECRET_KEY": "Jw2Tz7Rv4Xn9Qb1Hm6Lc3Kd8Gs5Fp0Ya",
    "FIELD_ENCRYPTION_KEYS": "Fe6Nd1Kw8Rm3Yp5Vx0Tb7Jz2Cq9Hs4Lg",
    "DATABASE_URL": "postgresql://clinic@db/clinic",
    "REDIS_URL": "redis://cache:6379/0",
    "PUBLIC_BASE_URL": "https://clinic.harbour.org",
    "TRUSTED_HOSTS": "clinic.harbour.org",
}
ANOTHER_KEY = "Mb4Vz9Xc2Ln7Kj5Hg0Fd3Sa8Pq6Wo1Ie"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch, tmp_path):
    """No setting from the machine the tests run on."""
    names = {name.upper() for name in Settings.model_fields} | {"ENV", "SQLALCHEMY_DATABASE_URI"}
    names |= {*REDIS_ALIASES, "SERVER_PORT", "JWT_SECRET", "JWT_ALG"}
    for name in (*names, *(name.lower() for name in names)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(config, "ROOT", tmp_path)
    monkeypatch.setenv("CLINIC_DATA_DIR", str(tmp_path / "data"))


def load(monkeypatch, **values):
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def problems(monkeypatch, **values):
    with pytest.raises(WrongSetting) as refused:
        load(monkeypatch, **values)
    return refused.value.problems


def test_a_fresh_machine_needs_no_setting(monkeypatch):
    settings = load(monkeypatch)
    assert settings.environment == "development"
    assert settings.sqlite
    assert not settings.cookies_are_secure
    assert len(settings.secret_key) >= 32
    assert settings.secret_key != settings.password_pepper


def test_a_right_production_starts_safely(monkeypatch):
    settings = load(monkeypatch, **FINE)
    assert settings.production
    assert settings.cookies_are_secure
    assert settings.redirects_to_https


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FIELD_ENCRYPTION_KEYS", f"{ANOTHER_KEY}, {FINE['FIELD_ENCRYPTION_KEYS']},"),
        ("CORS_ORIGINS", "https://app.harbour.org, https://app.harbour.org:8443"),
        ("S3_ENDPOINT_URL", "https://files.harbour.org"),
    ],
)
def test_production_starts_with_these_too(monkeypatch, name, value):
    assert load(monkeypatch, **{**FINE, name: value}).production


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "change-me-please-change-me-please-123"),
        ("SECRET_KEY", "this-is-the-default-for-the-demo-1234"),
        ("SECRET_KEY", "a" * 64),
        ("PASSWORD_PEPPER", ""),
        ("PASSWORD_PEPPER", "0123"),
        ("LINK_KEY", ""),
        ("JWT_SECRET_KEY", ""),
        ("JWT_SECRET_KEY", "your-jwt-secret-key-change-in-production"),
        ("FIELD_ENCRYPTION_KEYS", ""),
        ("FIELD_ENCRYPTION_KEYS", " , "),
        ("FIELD_ENCRYPTION_KEYS", "short"),
        ("FIELD_ENCRYPTION_KEYS", f"{ANOTHER_KEY},{'a' * 64}"),
        ("FIELD_ENCRYPTION_KEYS", f"older,{ANOTHER_KEY}"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "https://*.harbour.org"),
        ("CORS_ORIGINS", "https://app.harbour.org,http://app.harbour.org"),
        ("CORS_ORIGINS", "https://app.harbour.org/"),
        ("CORS_ORIGINS", "null"),
        ("S3_ENDPOINT_URL", "http://files.harbour.org"),
        ("TWILIO_API_BASE", "http://127.0.0.1:9999"),
        ("DEBUG", "1"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "sqlite:///clinic.db"),
        ("DATABASE_URL", "mysql://clinic@db/clinic"),
        ("REDIS_URL", ""),
        ("PUBLIC_BASE_URL", ""),
        ("PUBLIC_BASE_URL", "http://clinic.harbour.org"),
        ("TRUSTED_HOSTS", ""),
        ("TRUSTED_HOSTS", " , "),
        ("PASSWORD_ROUNDS", "11"),
    ],
)
def test_production_refuses_a_wrong_setting_by_its_name(monkeypatch, name, value):
    (problem, *others) = problems(monkeypatch, **{**FINE, name: value})
    assert problem.startswith(f"{name}:")
    assert others == []
    if name.lower() in secrets.SECRETS and len(value) > len("short"):
        assert value not in problem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SERVER_HOST", "0.0.0.0"),  # noqa: S104 - refused, not bound
        ("SERVER_HOST", "::"),
        ("SERVER_HOST", "192.168.1.7"),
        ("SERVER_HOST", "clinic.harbour.org"),
        ("PUBLIC_BASE_URL", "https://trial.tunnel.example"),
        ("PUBLIC_BASE_URL", "https://127.0.0.1.tunnel.example"),
        ("PUBLIC_BASE_URL", "http://["),
    ],
)
def test_development_that_others_reach_needs_an_explicit_word(monkeypatch, name, value):
    (problem,) = problems(monkeypatch, **{name: value})
    assert problem.startswith(f"{name}:")
    assert "ALLOW_DEV_EXPOSED=1" in problem
    assert load(monkeypatch, **{name: value, "ALLOW_DEV_EXPOSED": "1"}).development


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SERVER_HOST", "127.0.0.2"),
        ("SERVER_HOST", "::1"),
        ("SERVER_HOST", "localhost"),
        ("PUBLIC_BASE_URL", "http://localhost:8000"),
        ("PUBLIC_BASE_URL", "http://[::1]:8000"),
    ],
)
def test_development_for_this_machine_needs_none(monkeypatch, name, value):
    assert load(monkeypatch, **{name: value}).development


def test_a_secret_may_come_as_a_file(monkeypatch, tmp_path):
    files = tmp_path / "run-secrets"
    files.mkdir()
    for name in ("SECRET_KEY", "LINK_KEY"):
        (files / name.lower()).write_text(FINE[name])
    (files / "smtp_pass").touch()
    monkeypatch.setattr(config, "SECRET_FILES", files)
    settings = load(
        monkeypatch, **{**FINE, "SECRET_KEY": "", "LINK_KEY": ANOTHER_KEY, "SMTP_PASS": ""}
    )
    assert settings.secret_key == FINE["SECRET_KEY"]
    assert settings.link_key == ANOTHER_KEY  # the environment wins
    assert settings.smtp_pass == ""


def test_all_that_is_wrong_is_said_at_once(monkeypatch):
    found = problems(monkeypatch, ENVIRONMENT="production", DEBUG="1")
    named = {problem.partition(":")[0] for problem in found}
    assert named >= {
        "SECRET_KEY",
        "PASSWORD_PEPPER",
        "LINK_KEY",
        "JWT_SECRET_KEY",
        "FIELD_ENCRYPTION_KEYS",
        "DEBUG",
        "DATABASE_URL",
        "REDIS_URL",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("ENVIRONMENT", "staging"),
        ("LOG_LEVEL", "loud"),
        ("BEHIND_PROXIES", "9"),
        ("TRUSTED_PROXIES", "caddy"),
        ("TRUSTED_PROXIES", "127.0.0.1, 300.1.1.1"),
        ("TRUSTED_PROXIES", "10.0.0.1/33"),
        ("TRUSTED_PROXIES", "127.0.0.1, 0.0.0.0/0"),
        ("TRUSTED_PROXIES", "::/0"),
        ("SERVER_WORKERS", "0"),
        ("SERVER_THREADS", "32"),
        ("LIVE_STREAMS_PER_WORKER", "97"),
        ("LIVE_STREAMS_PER_WORKER", "-1"),
        ("LIVE_STREAMS_PER_SESSION", "0"),
        ("LIVE_STREAMS_PER_ORGANISATION", "0"),
        ("DEBUG", "perhaps"),
        ("DATABASE_URL", "mongodb://x"),
        ("DATABASE_URL", "clinic"),
        ("JWT_ALGORITHM", "none"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "0"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "61"),
        ("MAX_UPLOAD_SIZE_MB", "0"),
        ("MAX_UPLOAD_SIZE_MB", "101"),
        ("LOG_MAX_MB", "-1"),
        ("LOG_MAX_MB", "10001"),
        ("LOG_KEPT", "101"),
        ("UNPROVEN_MESSAGES_PER_DAY", "-1"),
        ("UNPROVEN_MESSAGES_PER_HOUR", "-1"),
        ("MESSAGE_BATCH", "0"),
        ("MESSAGE_BATCH", "1001"),
        ("MESSAGE_THREADS", "0"),
        ("MESSAGE_THREADS", "101"),
        ("ALLOW_CLINIC_SIGNUP", "perhaps"),
        ("SMTP_TLS", "perhaps"),
        ("SMS_COUNTRIES", "GB,Ireland"),
        ("SMS_COUNTRIES", "GB,ZZ"),
        ("SMTP_CA_FILE", "/nowhere/mail.pem"),
        ("SMTP_CA_FILE", __file__),  # of no certificate
    ],
)
def test_a_setting_that_makes_no_sense_stops_any_start(monkeypatch, name, value):
    (problem,) = problems(monkeypatch, **{name: value})
    assert problem.startswith(f"{name}:")


@pytest.mark.parametrize(
    ("hops", "given", "believed"),
    [
        ("", "", (0, [])),
        ("1", "", (1, ["127.0.0.0/8", "::1/128"])),
        ("", "172.18.0.1", (1, ["172.18.0.1/32"])),
        ("2", " 172.16.0.0/12, fd00::1 ", (2, ["172.16.0.0/12", "fd00::1/128"])),
    ],
)
def test_only_announced_proxies_are_believed(monkeypatch, hops, given, believed):
    settings = load(monkeypatch, BEHIND_PROXIES=hops, TRUSTED_PROXIES=given)
    assert (settings.proxy_hops, [str(one) for one in settings.proxies]) == believed


def test_proxies_that_are_named_and_denied_stop_any_start(monkeypatch):
    (problem,) = problems(monkeypatch, BEHIND_PROXIES="0", TRUSTED_PROXIES="127.0.0.1")
    assert problem.startswith("BEHIND_PROXIES:")


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u@h/d?sslmode=require", "postgresql+psycopg://u@h/d?sslmode=require"),
        ("postgresql+psycopg2://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:////srv/clinic.db", "sqlite:////srv/clinic.db"),
    ],
)
def test_any_driver_of_postgresql_is_understood(monkeypatch, given, used):
    assert load(monkeypatch, DATABASE_URL=given).database == used


@pytest.mark.parametrize(
    ("alias", "value", "field"),
    [
        ("ENV", "testing", "environment"),
        ("SQLALCHEMY_DATABASE_URI", "sqlite:///x.db", "database_url"),
        ("SERVER_PORT", "9000", "port"),
        ("JWT_SECRET", ANOTHER_KEY, "jwt_secret_key"),
        ("JWT_ALG", "HS256", "jwt_algorithm"),
        *((name, "redis://r/1", "redis_url") for name in REDIS_ALIASES),
    ],
)
def test_settings_answer_to_their_other_names(monkeypatch, alias, value, field):
    assert str(getattr(load(monkeypatch, **{alias: value}), field)) == value


def test_the_proper_name_wins_over_its_alias(monkeypatch):
    found = load(monkeypatch, REDIS_URL="redis://a/1", CELERY_BROKER_URL="redis://b/1")
    assert found.redis_url == "redis://a/1"


def test_the_environment_wins_over_files_and_the_special_file_over_the_general(
    monkeypatch, tmp_path
):
    (tmp_path / ".env").write_text("PORT=1001\nDEMO=0\nLOG_LEVEL=warning\nUNKNOWN=fine\n")
    (tmp_path / ".env.testing").write_text("PORT=1002\nLOG_LEVEL=error\n")
    settings = load(monkeypatch, ENVIRONMENT="testing", PORT="1003")
    assert (settings.port, settings.log_level, settings.demo) == (1003, "ERROR", False)
    monkeypatch.delenv("PORT")
    assert load(monkeypatch).port == 1002
    monkeypatch.delenv("ENVIRONMENT")
    assert load(monkeypatch).port == 1001


def test_local_secrets_are_made_once_and_kept_private(monkeypatch, tmp_path):
    first, second = load(monkeypatch), load(monkeypatch)
    assert (first.secret_key, first.password_pepper) == (second.secret_key, second.password_pepper)
    kept = sorted((tmp_path / "data").iterdir())
    assert [file.stem for file in kept] == sorted(secrets.SECRETS)
    assert len({file.read_text() for file in kept}) == len(kept)
    assert all(file.stat().st_mode & 0o077 == 0 for file in kept)


def test_uploads_are_kept_beside_other_data_unless_somebody_says_where(monkeypatch, tmp_path):
    assert load(monkeypatch).uploads == tmp_path / "data/uploads"
    assert load(monkeypatch, UPLOAD_DIR="/srv/uploads").uploads == Path("/srv/uploads")


def test_clinics_sign_up_by_themselves_only_where_that_is_wanted(monkeypatch):
    assert load(monkeypatch).clinics_may_sign_up
    assert not load(monkeypatch, **FINE).clinics_may_sign_up
    assert load(monkeypatch, **FINE, ALLOW_CLINIC_SIGNUP="1").clinics_may_sign_up


def test_origins_are_a_list(monkeypatch):
    assert load(monkeypatch).origins == []
    assert load(monkeypatch, CORS_ORIGINS=" https://a.org ,https://b.org,").origins == [
        "https://a.org",
        "https://b.org",
    ]


def test_processes_that_start_together_end_up_with_one_secret(tmp_path):
    for turn in range(40):
        barrier, found = threading.Barrier(8), []

        def start(folder=tmp_path / str(turn), barrier=barrier, found=found):
            barrier.wait(10)
            found.append(secrets.kept_secret(folder, "secret_key"))

        threads = [threading.Thread(target=start) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8
        assert len(set(found)) == 1
        assert len(found[0]) == 64


def test_a_wrong_setting_never_shows_its_value(monkeypatch):
    found = problems(monkeypatch, PORT="hunter2", SECRET_KEY="hunter3")
    assert "hunter" not in " ".join(found)


def test_a_wrong_start_ends_with_the_name_and_no_traceback(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "ENVIRONMENT": "production",
        "CLINIC_DATA_DIR": str(tmp_path),
        "FLASK_SKIP_DOTENV": "1",
    }
    command = [sys.executable, "-m", "clinic"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert "SECRET_KEY: missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_names_nothing_when_nothing_is_wrong(monkeypatch):
    assert check(load(monkeypatch, **FINE)) == []


@pytest.mark.parametrize("given", ["+447700900777", "whatsapp:+447700900777"])
def test_a_whatsapp_number_may_be_written_as_twilio_does(monkeypatch, given):
    account = {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "a token"}
    settings = load(monkeypatch, **account, TWILIO_WHATSAPP_FROM=given)
    assert settings.twilio_whatsapp_from == "+447700900777"
