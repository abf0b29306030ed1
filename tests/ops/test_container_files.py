"""The files that other machines run: image, compose, Procfile, gunicorn and the settings example.

No container engine is needed: the files are checked by their own rules, and the commands in them
against the commands that exist.
"""

import functools
import json
import re
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from gunicorn.config import make_settings
from pydantic import AliasChoices

from clinic.config import ROOT, Settings
from clinic.config.secrets import weakness

TOOLS = Path(sys.executable).parent
COMPOSE = ("docker-compose.yml", "docker-compose.override.yml")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def compose(name: str = COMPOSE[0]) -> dict[str, Any]:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    done = run(str(TOOLS / "hadolint"), "Dockerfile")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("name", COMPOSE)
def test_compose_files_follow_the_compose_specification(name: str) -> None:
    command = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec")
    done = run(*command, name)
    assert done.returncode == 0, done.stdout


def test_only_the_web_is_reachable_from_outside() -> None:
    services = compose()["services"]
    assert {name for name, service in services.items() if "ports" in service} == {"web"}
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]


def test_development_opens_its_servers_to_this_machine_only() -> None:
    services = compose(COMPOSE[1])["services"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert sorted(ports) == ["127.0.0.1:5432:5432", "127.0.0.1:6379:6379"]
    assert services["web"]["environment"]["ENVIRONMENT"] == "development"


def test_everything_waits_for_what_it_needs_and_comes_back() -> None:
    services = compose()["services"]
    for name in ("web", "worker", "scheduler"):
        assert services[name]["depends_on"] == {
            "postgres": {"condition": "service_healthy"},
            "redis": {"condition": "service_healthy"},
            "migrate": {"condition": "service_completed_successfully"},
        }
        assert services[name]["restart"] == "unless-stopped"
    assert all("healthcheck" in services[name] for name in ("postgres", "redis"))


def test_the_sample_of_a_unit_never_gives_up() -> None:
    """systemd's own limit is five ends in ten seconds, and then nobody starts it again."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (unit,) = re.findall(r"^    \[Unit\]\n(?:(?:    .*)?\n)+", text, re.MULTILINE)
    assert unit.index("[Unit]") < unit.index("StartLimitIntervalSec=0") < unit.index("[Service]")
    assert re.search(r"^    Restart=always$", unit, re.MULTILINE)


def test_redis_keeps_its_data_and_asks_for_a_password() -> None:
    command = " ".join(compose()["services"]["redis"]["command"])
    assert "--appendonly yes" in command
    assert '--requirepass "$$(cat /run/secrets/redis_password)"' in command


def test_secrets_are_files_and_never_in_the_environment() -> None:
    """Whoever may inspect a container reads its environment."""
    given = compose()
    secret = {*given["secrets"], "password", "token"}
    for service in given["services"].values():
        names = {name.lower() for name in service.get("environment", {})}
        assert not {name for name in names if any(word in name for word in secret)} - {
            "postgres_password_file"
        }
        assert set(service["secrets"]) <= set(given["secrets"])
    handed_over = set().union(*(service["secrets"] for service in given["services"].values()))
    assert handed_over == set(given["secrets"])


def test_every_secret_file_is_a_setting_and_is_made(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "secrets.sh", tmp_path / "tools")
    (tmp_path / ".env").write_text(
        "LINK_KEY=the-older=one\nTWILIO_AUTH_TOKEN=twilio\nTWILIO_API_KEY_SECRET=key\n"
        "TWILIO_AUTH_TOKEN_FALLBACKS=older,oldest\nSMTP_PASS=\n"
    )
    made = subprocess.run([tmp_path / "tools" / "secrets.sh"], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "secrets"
    files = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(files) == set(compose()["secrets"])
    assert set(files) - {"postgres_password", "redis_password"} <= set(Settings.model_fields)
    assert files["link_key"] == "the-older=one"
    assert (files["twilio_auth_token"], files["smtp_pass"]) == ("twilio", "")
    of_twilio = [files[f"twilio_{name}"] for name in ("api_key_secret", "auth_token_fallbacks")]
    assert of_twilio == ["key", "older,oldest"]
    assert weakness(files["secret_key"]) is None
    assert files["postgres_password"] in files["database_url"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    again = subprocess.run([tmp_path / "tools" / "secrets.sh"], capture_output=True, text=True)
    assert (again.returncode, again.stdout) == (0, "")
    assert {path.name: path.read_text() for path in folder.iterdir()} == files
    settings = Settings(_secrets_dir=folder, _env_file=None)  # type: ignore[call-arg]
    assert settings.link_key == "the-older=one"
    assert settings.database.startswith("postgresql+psycopg://clinic:")


def test_containers_can_do_little_but_their_work() -> None:
    services = compose()["services"]
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert {"mem_limit", "pids_limit"} <= set(service), name
        assert "cap_add" not in service or name == "postgres"
        assert service.get("read_only") or name == "postgres", name


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_by_its_hashes(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(
        r"^([a-z0-9][^\n]*==[^\n]*)\n((?:    --hash=[^\n]*\n)*)", text, re.MULTILINE
    )
    assert len(blocks) > 50
    assert [pin for pin, hashes in blocks if "sha256:" not in hashes] == []
    for file in ("Dockerfile", "tools/setup.sh"):
        assert "--require-hashes" in (ROOT / file).read_text(encoding="utf-8")


def commands() -> list[tuple[str, str]]:
    """(where it stands, command) of everything that starts a process of ours."""
    found = [
        (f"{COMPOSE[0]}: {name}", shlex.join(service["command"]))
        for name, service in compose()["services"].items()
        if "build" in service
    ]
    for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines():
        name, _, command = line.partition(": ")
        # Settings that stand before a command here stand in the image's ENV there.
        command = command.removeprefix("FLASK_SKIP_DOTENV=1 ")
        found.append((f"Procfile: {name}", command))
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    [(image_command)] = re.findall(r"^CMD (\[.*\])$", dockerfile, re.MULTILINE)
    found.append(("Dockerfile", shlex.join(json.loads(image_command))))
    return found


@functools.cache  # Procfile and compose name the same
def help_of(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", *arguments, "--help")


@pytest.mark.parametrize(("where", "command"), commands(), ids=lambda value: value)
def test_every_command_exists(where: str, command: str) -> None:
    program, *arguments = shlex.split(command)
    assert (TOOLS / program).exists(), where
    if program == "gunicorn":
        assert arguments == ["-c", "gunicorn.conf.py", "wsgi:app"]
        return
    if program == "python":
        assert arguments[:2] == ["-m", "clinic"]
        help_page = help_of(*arguments[1:])
    else:
        assert arguments[:2] == ["--app", "wsgi"]
        help_page = help_of(program, *arguments)
    assert help_page.returncode == 0, help_page.stderr


def test_the_procfile_and_compose_start_the_same_processes() -> None:
    by_place: dict[str, dict[str, str]] = {"Procfile": {}, COMPOSE[0]: {}}
    for where, command in commands():
        place, _, name = where.partition(": ")
        by_place.setdefault(place, {})[name] = command
    del by_place[COMPOSE[0]]["migrate"]
    assert by_place["Procfile"] == by_place[COMPOSE[0]]


def test_the_image_runs_as_an_ordinary_user_without_development_tools() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    last_stage = lines[lines.rindex("FROM ") :]
    assert re.search(r"^USER 10001$", last_stage, re.MULTILINE)
    assert "requirements-dev" not in lines
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".env", ".data", ".git", "tests"} <= set(ignored)


def test_gunicorn_knows_every_setting_of_its_file() -> None:
    """It ignores names it does not know: a misspelt one would silently do nothing."""
    code = (ROOT / "gunicorn.conf.py").read_text(encoding="utf-8")
    names = set(re.findall(r"^(?:def )?([a-z][a-z_]+)(?: = |\()", code, re.MULTILINE))
    assert names - set(make_settings()) == set()


def test_gunicorn_accepts_its_file() -> None:
    command = (
        sys.executable,
        "-m",
        "gunicorn",
        "--check-config",
        "-c",
        "gunicorn.conf.py",
        "wsgi:app",
    )
    done = run(*command)
    assert done.returncode == 0, done.stderr


def setting_names() -> dict[str, set[str]]:
    names = {}
    for field, description in Settings.model_fields.items():
        alias = description.validation_alias
        choices = alias.choices if isinstance(alias, AliasChoices) else [field.upper()]
        names[field] = {str(choice) for choice in choices}
    return names


def test_the_example_names_every_setting_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    shown = set(re.findall(r"^#?([A-Z][A-Z_0-9]+)=", example, re.MULTILINE))
    missing = [field for field, names in setting_names().items() if not names & shown]
    unknown = (
        shown
        - set().union(*setting_names().values())
        - {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "POSTGRES_IMAGE", "REDIS_IMAGE"}
    )
    assert (missing, unknown) == ([], set())


def test_the_example_can_be_used_as_it_is(tmp_path: Path) -> None:
    copy = shutil.copy(ROOT / ".env.example", tmp_path / ".env")
    settings = Settings(_env_file=copy)  # type: ignore[call-arg]
    assert settings.environment == "development"
