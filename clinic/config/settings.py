"""Every setting there is, with its type and its default."""

from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent.parent
REDIS_ALIASES = (
    "REDIS_URL",
    "CELERY_BROKER_URL",
    "CELERY_RESULT_BACKEND",
    "SCHEDULER_JOBSTORE_URL",
)
LOOPBACK = ("127.0.0.0/8", "::1/128")

TWILIO = "https://api.twilio.com"
# Regions that keep messages, each with the door beside it.
TWILIO_REGIONS = {"us1": "ashburn", "ie1": "dublin", "au1": "sydney"}
TWILIO_EDGES = frozenset(
    {
        *TWILIO_REGIONS.values(),
        *("umatilla", "frankfurt", "sao-paulo", "singapore", "tokyo"),
    }
)

SMTP_OVER_TLS = 465  # the port of RFC 8314


def _named(*names: str) -> AliasChoices:
    return AliasChoices(*names)


def listed(text: str) -> list[str]:
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
    log_max_mb: int = Field(50, ge=0, le=10_000)  # 0: somebody else moves the file away
    log_kept: int = Field(4, ge=0, le=100)
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
    webhook_secret: str = ""  # machines sign by it what they ask for; empty: nobody is believed

    clinic_data_dir: Path = ROOT / ".data"
    database_url: str = Field(
        "", validation_alias=_named("DATABASE_URL", "SQLALCHEMY_DATABASE_URI")
    )
    redis_url: str = Field("", validation_alias=_named(*REDIS_ALIASES))
    mongodb_url: str = ""  # not read; see config.unread

    public_base_url: str = ""
    trusted_hosts: str = ""
    allow_dev_exposed: bool = False  # development may be reached from other machines
    secure_cookies: bool | None = None
    ssl_enabled: bool | None = None
    trusted_proxies: str = ""  # comma list of networks; X-Forwarded-* of other peers say nothing
    behind_proxies: int | None = Field(None, ge=0, le=3)  # none: as `proxy_hops` says

    rate_limits: bool = True  # of the API; off only in tests that ask faster than people do
    cors_origins: str = ""  # comma list of other sites whose pages may call the API
    api_docs: bool | None = None  # whether /docs, /redoc and the OpenAPI document are served

    server_host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535, validation_alias=_named("PORT", "SERVER_PORT"))
    server_workers: int = Field(2, ge=1, le=64)
    server_threads: int = Field(128, ge=33, le=2048)  # of each worker
    live_streams_per_worker: int = Field(96, ge=0, le=2015)  # open pages; each holds a thread
    live_streams_per_session: int = Field(6, ge=1)  # of all workers, as the next one
    live_streams_per_organisation: int = Field(48, ge=1)
    server_reload: bool = False

    enable_background_workers: bool = True
    disable_scheduler: bool = False

    twilio_account_sid: str = ""
    twilio_auth_token: str = ""
    twilio_auth_token_fallbacks: str = ""  # comma list: posts signed with these are believed, too
    twilio_api_key_sid: str = ""  # with its secret, calls sign in by it and not by the token
    twilio_api_key_secret: str = ""
    twilio_messaging_service_sid: str = ""
    twilio_from: str = ""
    twilio_from_patient: str = ""
    twilio_from_doctor: str = ""
    twilio_whatsapp_from: str = ""
    sms_countries: str = ""  # comma list of ISO 3166; empty: those of the organisations there are
    twilio_region: str = ""  # where the account's data are kept, such as ie1
    twilio_edge: str = ""  # by which door it is reached; unset: the region's own
    twilio_api_base: str = TWILIO
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_tls: bool | None = None  # from the first byte on; unset: on port 465, else by STARTTLS
    smtp_ca_file: Path | None = None  # who vouches for the mail server; unset: the usual ones
    smtp_user: str = ""
    smtp_pass: str = ""
    mail_from: str = "clinic@localhost"
    # Parts of texts, or other messages, of each sender of these settings; 0 is without limit. What
    # is handed over faster than a number sends waits at the provider.
    sender_messages_per_second: float = Field(80, ge=0)
    # To addresses that nobody has proven: of each organisation, and of all; 0 is without limit.
    unproven_messages_per_day: int = Field(
        2_000, ge=0, validation_alias=_named("UNPROVEN_MESSAGES_PER_DAY", "MESSAGES_PER_DAY")
    )
    unproven_messages_per_hour: int = Field(600, ge=0)
    message_batch: int = Field(100, ge=1, le=1000)  # claimed at a time by one worker
    message_threads: int = Field(32, ge=1, le=100)  # calls that one worker makes at once

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

    @field_validator("twilio_whatsapp_from", mode="before")
    @classmethod
    def _bare_number(cls, value: str) -> str:
        """Twilio's own pages show it as `whatsapp:+14155238886`."""
        return str(value).strip().removeprefix("whatsapp:")

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def development(self) -> bool:
        return self.environment == "development"

    @property
    def cookies_are_secure(self) -> bool:
        return self.production if self.secure_cookies is None else self.secure_cookies

    @property
    def redirects_to_https(self) -> bool:
        return self.production if self.ssl_enabled is None else self.ssl_enabled

    @property
    def hosts(self) -> list[str]:
        return listed(self.trusted_hosts)

    @property
    def public_host(self) -> str:
        """The name in PUBLIC_BASE_URL, without its port; "" of what is no address."""
        try:
            return urlsplit(self.public_base_url).hostname or ""
        except ValueError:
            return ""

    @property
    def origins(self) -> list[str]:
        return listed(self.cors_origins)

    @property
    def shows_api_docs(self) -> bool:
        return not self.production if self.api_docs is None else self.api_docs

    @property
    def proxy_hops(self) -> int:
        """How many proxies each request passes: one, if some are named and nothing else is said."""
        if self.behind_proxies is not None:
            return self.behind_proxies
        return 1 if listed(self.trusted_proxies) else 0

    @property
    def proxies(self) -> list[IPv4Network | IPv6Network]:
        """The peers that are believed: this machine, if nobody names others. Raises ValueError."""
        if not self.proxy_hops:
            return []
        return [ip_network(given, strict=False) for given in listed(self.trusted_proxies)] or [
            ip_network(given) for given in LOOPBACK
        ]

    @property
    def clinics_may_sign_up(self) -> bool:
        return not self.production if self.allow_clinic_signup is None else self.allow_clinic_signup

    @property
    def countries_texted(self) -> frozenset[str]:
        return frozenset(listed(self.sms_countries.upper()))

    @property
    def our_numbers(self) -> tuple[str, ...]:
        """What our own texts come from, as far as these are numbers."""
        own = (self.twilio_from, self.twilio_from_patient, self.twilio_from_doctor)
        return (*own, self.twilio_whatsapp_from)

    @property
    def twilio_login(self) -> tuple[str, str]:
        """By what calls sign in: the API key if there is one, else the account and its token."""
        if self.twilio_api_key_sid and self.twilio_api_key_secret:
            return self.twilio_api_key_sid, self.twilio_api_key_secret
        return self.twilio_account_sid, self.twilio_auth_token

    @property
    def twilio_tokens(self) -> list[str]:
        """By which posts may be signed: an older one as well, while it is being changed."""
        given = [self.twilio_auth_token, *listed(self.twilio_auth_token_fallbacks)]
        return [token for token in given if token]

    @property
    def twilio_place(self) -> tuple[str, str]:
        """The edge and the region that are called; both empty for the usual ones."""
        region = self.twilio_region or ("us1" if self.twilio_edge else "")
        return self.twilio_edge or TWILIO_REGIONS.get(region, ""), region

    @property
    def smtp_begins_with_tls(self) -> bool:
        return self.smtp_port == SMTP_OVER_TLS if self.smtp_tls is None else self.smtp_tls

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
