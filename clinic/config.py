"""Typed settings from the environment, and the checks that stop a wrong start."""

import contextlib
import os
import re
import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
SHORTEST_SECRET = 32  # characters; HMAC-SHA256 keys shorter than their digest are weaker
UNSAFE_WORDS = ("change", "secret", "example", "password", "default", "todo")
SECRETS = (
    "secret_key",
    "password_pepper",
    "link_key",
    "jwt_secret_key",
    "field_encryption_keys",
)
REDIS_ALIASES = (
    "REDIS_URL",
    "CELERY_BROKER_URL",
    "CELERY_RESULT_BACKEND",
    "SCHEDULER_JOBSTORE_URL",
)


class WrongSetting(Exception):
    """The product must not start: `problems` name each wrong setting and say why."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Wrong settings:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = problems


def _named(*names: str) -> AliasChoices:
    return AliasChoices(*names)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


class Settings(BaseSettings):
    """Every setting there is. Names in the environment are the upper-case aliases."""

    model_config = SettingsConfigDict(
        extra="ignore", env_ignore_empty=True, populate_by_name=True, hide_input_in_errors=True
    )

    environment: Literal["development", "testing", "production"] = Field(
        "development", validation_alias=_named("ENVIRONMENT", "ENV")
    )
    site_name: str = "Clinic"  # what patients see at the top of every page
    debug: bool = False
    demo: bool = True
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    log_dir: Path = ROOT / "logs"
    sql_echo: bool = False

    secret_key: str = ""
    secret_key_fallbacks: str = ""  # comma list of older keys that still open cookies
    password_pepper: str = ""
    link_key: str = ""  # signs the manage links in messages
    jwt_secret_key: str = Field("", validation_alias=_named("JWT_SECRET_KEY", "JWT_SECRET"))
    jwt_algorithm: Literal["HS256"] = Field(
        "HS256", validation_alias=_named("JWT_ALGORITHM", "JWT_ALG")
    )
    access_token_expire_minutes: int = Field(15, ge=1, le=60)
    field_encryption_keys: str = ""  # comma list; the first encrypts, all of them decrypt
    password_rounds: int = Field(12, ge=4, le=16)
    metrics_token: str = ""

    clinic_data_dir: Path = ROOT / ".data"
    database_url: str = Field(
        "", validation_alias=_named("DATABASE_URL", "SQLALCHEMY_DATABASE_URI")
    )
    redis_url: str = Field("", validation_alias=_named(*REDIS_ALIASES))
    mongodb_url: str = ""  # not read; see core.watch.unread

    public_base_url: str = ""
    trusted_hosts: str = ""
    secure_cookies: bool | None = None
    ssl_enabled: bool | None = None
    behind_proxies: int = Field(0, ge=0, le=3)

    rate_limits: bool = True  # of the API; off only in tests that ask faster than people do
    cors_origins: str = ""  # comma list of other sites whose pages may call the API

    server_host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535, validation_alias=_named("PORT", "SERVER_PORT"))
    server_workers: int = Field(2, ge=1, le=64)
    server_reload: bool = False

    enable_background_workers: bool = True
    disable_scheduler: bool = False

    twilio_account_sid: str = ""
    twilio_auth_token: str = ""
    twilio_from: str = ""
    twilio_from_patient: str = ""
    twilio_from_doctor: str = ""
    twilio_whatsapp_from: str = ""
    twilio_api_base: str = "https://api.twilio.com"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_pass: str = ""
    mail_from: str = "clinic@localhost"
    sender_messages_per_second: float = Field(80, ge=0)  # per sender; 0 is without limit

    upload_dir: Path | None = None  # none: `uploads` in the data folder
    max_upload_size_mb: int = Field(10, ge=1, le=100)
    s3_bucket: str = ""  # with a bucket, files go there and not into a folder
    s3_endpoint_url: str = ""  # for other makers' storage; empty: Amazon's
    s3_region: str = ""
    s3_access_key_id: str = ""
    s3_secret_access_key: str = ""
    s3_prefix: str = ""

    allow_clinic_signup: bool | None = None
    superadmin_email: str = ""
    superadmin_password: str = ""
    superadmin_full_name: str = "Superadmin"

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: str) -> str:
        return str(value).upper()

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def cookies_are_secure(self) -> bool:
        return self.production if self.secure_cookies is None else self.secure_cookies

    @property
    def redirects_to_https(self) -> bool:
        return self.production if self.ssl_enabled is None else self.ssl_enabled

    @property
    def hosts(self) -> list[str]:
        return _listed(self.trusted_hosts)

    @property
    def origins(self) -> list[str]:
        return _listed(self.cors_origins)

    @property
    def clinics_may_sign_up(self) -> bool:
        return not self.production if self.allow_clinic_signup is None else self.allow_clinic_signup

    @property
    def uploads(self) -> Path:
        return self.upload_dir or self.clinic_data_dir / "uploads"

    @cached_property
    def database(self) -> str:
        """The SQLAlchemy URL; psycopg 3 whatever driver the given URL names."""
        url = self.database_url or f"sqlite:///{self.clinic_data_dir / 'clinic.db'}"
        scheme, _, rest = url.partition("://")
        if scheme.startswith("postgres"):
            return f"postgresql+psycopg://{rest}"
        return url

    @property
    def sqlite(self) -> bool:
        return self.database.startswith("sqlite")


def setting_files() -> tuple[Path, ...]:
    """The later one wins over the earlier."""
    environment = os.environ.get("ENVIRONMENT") or os.environ.get("ENV") or "development"
    return ROOT / ".env", ROOT / f".env.{environment}"


def load_settings() -> Settings:
    """Read the environment, then `.env.<ENVIRONMENT>`, then `.env`. Raises WrongSetting."""
    try:
        settings = Settings(_env_file=setting_files(), _env_file_encoding="utf-8")  # type: ignore[call-arg]
    except ValueError as error:
        raise WrongSetting(_explain(error)) from None
    problems = check(settings)
    if problems:
        raise WrongSetting(problems)
    return _with_local_secrets(settings)


def _explain(error: ValueError) -> list[str]:
    details = getattr(error, "errors", None)
    if details is None:
        return [str(error)]
    return [
        f"{str(item['loc'][0]).upper()}: {item['msg']}" for item in details(include_input=False)
    ]


def check(settings: Settings) -> list[str]:
    """Return what is wrong, each line beginning with the setting's name."""
    problems = []
    scheme = settings.database.partition("://")[0]
    if scheme not in ("sqlite", "postgresql+psycopg"):
        problems.append(
            f"DATABASE_URL: {scheme!r} is not supported; use postgresql:// or sqlite://"
        )
    if settings.production:
        problems += _check_production(settings)
    return problems


def _check_production(settings: Settings) -> list[str]:
    problems = []
    for name in SECRETS:
        given = getattr(settings, name)
        parts = _listed(given) if name == "field_encryption_keys" else [given]
        fault = next(filter(None, map(_weakness, parts or [""])), None)
        if fault:
            problems.append(f"{name.upper()}: {fault}")
    faults = {
        "DEBUG: must be off in production": settings.debug,
        "DATABASE_URL: production needs PostgreSQL 15 or newer": settings.sqlite,
        "REDIS_URL: missing": not settings.redis_url,
        "PUBLIC_BASE_URL: must be the public https:// address": (
            not settings.public_base_url.startswith("https://")
        ),
        "TRUSTED_HOSTS: name the host names the clinic is reached by": not settings.hosts,
        "TWILIO_API_BASE: must be https://api.twilio.com in production": (
            settings.twilio_api_base != "https://api.twilio.com"
        ),
        "PASSWORD_ROUNDS: at least 12 in production": settings.password_rounds < 12,
        "CORS_ORIGINS: each must be one https://host, without * and without a path": (
            not all(map(_is_https_origin, settings.origins))
        ),
        "S3_ENDPOINT_URL: must be an https:// address": (
            bool(settings.s3_endpoint_url) and not settings.s3_endpoint_url.startswith("https://")
        ),
    }
    return problems + [problem for problem, applies in faults.items() if applies]


def _is_https_origin(origin: str) -> bool:
    """As a browser names it: `https://host` or `https://host:port`."""
    return re.fullmatch(r"https://[a-z0-9.-]+(:[0-9]+)?", origin) is not None


def _weakness(secret: str) -> str | None:
    if not secret:
        return "missing; make one with `openssl rand -hex 32`"
    if len(secret) < SHORTEST_SECRET:
        return f"shorter than {SHORTEST_SECRET} characters"
    if len(set(secret)) < 8 or any(word in secret.lower() for word in UNSAFE_WORDS):
        return "looks like a default; make one with `openssl rand -hex 32`"
    return None


def _with_local_secrets(settings: Settings) -> Settings:
    """Outside production, missing secrets are made once and kept in the data folder."""
    if settings.production:
        return settings
    for name in SECRETS:
        if not getattr(settings, name):
            setattr(settings, name, _kept_secret(settings.clinic_data_dir, name))
    return settings


def _kept_secret(folder: Path, name: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path, draft = folder / f"{name}.txt", folder / f"{name}.{secrets.token_hex(8)}"
    if not path.exists():
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        # Web, worker and scheduler start together: the first whole file wins, none reads half.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="utf-8").strip()
