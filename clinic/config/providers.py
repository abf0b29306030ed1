"""Whether what is set for Twilio and the mail server is whole: half of it sends nothing."""

import re
from collections.abc import Iterator

from clinic.config.settings import TWILIO_EDGES, TWILIO_REGIONS, Settings

# What is there asks for what stands beside it. The token signs the posts whoever signs in to call.
_TOGETHER = (
    ("twilio_account_sid", "twilio_auth_token"),
    ("twilio_api_key_sid", "twilio_account_sid"),
    ("twilio_api_key_sid", "twilio_api_key_secret"),
    ("twilio_api_key_secret", "twilio_api_key_sid"),
    ("twilio_messaging_service_sid", "twilio_account_sid"),
)
_ASK_TOO = (
    ("twilio_auth_token", "twilio_account_sid"),
    ("twilio_from", "twilio_account_sid"),
    ("twilio_from_patient", "twilio_account_sid"),
    ("twilio_from_doctor", "twilio_account_sid"),
    ("twilio_whatsapp_from", "twilio_account_sid"),
    ("smtp_user", "smtp_pass"),
    ("smtp_pass", "smtp_user"),
    ("smtp_user", "smtp_host"),
)
_FORMS = {
    "twilio_account_sid": (r"AC[0-9a-f]{32}", "AC and 32 hexadecimal digits"),
    "twilio_api_key_sid": (r"SK[0-9a-f]{32}", "SK and 32 hexadecimal digits"),
    "twilio_messaging_service_sid": (r"MG[0-9a-f]{32}", "MG and 32 hexadecimal digits"),
    **dict.fromkeys(
        ("twilio_from", "twilio_from_patient", "twilio_from_doctor"),
        (
            r"\+[1-9][0-9]{6,14}|[1-9][0-9]{2,7}|(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{1,11}",
            "a number such as +442079460142, a short code, or a name of at most 11 letters",
        ),
    ),
    "twilio_whatsapp_from": (r"\+[1-9][0-9]{6,14}", "a number such as +442079460142, alone"),
}


def check(settings: Settings) -> list[str]:
    """What stops any start: an account of which a part is missing sends nothing. Better said here
    than in the ledger."""
    problems = [*_missing(settings, _TOGETHER)]
    sends = any(settings.our_numbers) or settings.twilio_messaging_service_sid
    if settings.twilio_account_sid and not sends:
        problems.append(
            "TWILIO_FROM: missing, and TWILIO_ACCOUNT_SID is there; no text can be sent"
        )
    service = settings.twilio_messaging_service_sid
    faults = {
        "TWILIO_MESSAGING_SERVICE_SID: a messaging service begins with MG": (
            bool(service) and not service.startswith("MG")
        ),
        f"TWILIO_REGION: not one of {', '.join(TWILIO_REGIONS)}": (
            settings.twilio_region not in ("", *TWILIO_REGIONS)
        ),
        f"TWILIO_EDGE: not one of {', '.join(sorted(TWILIO_EDGES))}": (
            settings.twilio_edge not in ("", *TWILIO_EDGES)
        ),
    }
    return problems + [problem for problem, applies in faults.items() if applies]


def doubts(settings: Settings) -> list[str]:
    """What stops a start in production, and is told elsewhere: a machine on which somebody tries
    things out may have half of it."""
    problems = [*_missing(settings, _ASK_TOO)]
    for name, (form, said) in _FORMS.items():
        given = getattr(settings, name)
        if given and not re.fullmatch(form, given):
            problems.append(f"{name.upper()}: should be {said}")
    return problems


def _hints(settings: Settings) -> list[str]:
    """What stops nothing: some mail servers of a house's own take it."""
    if settings.smtp_host and settings.mail_from.rpartition("@")[2].rstrip(">") == "localhost":
        return ["MAIL_FROM: missing, and SMTP_HOST is there; nobody could write back"]
    return []


def _missing(settings: Settings, pairs: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Each that is missing once, with the first that asks for it."""
    told = set()
    for there, wanted in pairs:
        if getattr(settings, there) and not getattr(settings, wanted) and wanted not in told:
            told.add(wanted)
            yield f"{wanted.upper()}: missing, and {there.upper()} is there"


def tell(settings: Settings) -> None:
    """In the log, once a process: without any value."""
    import structlog  # the parent of all processes reads settings, and logs nothing

    log = structlog.get_logger()
    for problem in (*doubts(settings), *_hints(settings)):
        log.warning("half_set_up", problem=problem)
