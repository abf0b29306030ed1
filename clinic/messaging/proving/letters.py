"""The mail server: reached, signed in to and left again, without a letter."""

from collections.abc import Iterator

from clinic.config import Settings
from clinic.core.errors import N_
from clinic.messaging import answers
from clinic.messaging.channels import CHANNELS
from clinic.messaging.channels.call import Outcome
from clinic.messaging.proving.checks import Check, State
from clinic.messaging.statuses import OutcomeKind

CHANNEL = "email"


def of_server(settings: Settings) -> Check:
    outcome = CHANNELS[CHANNEL].probe(settings)
    where: dict[str, str | int] = {"host": settings.smtp_host, "port": settings.smtp_port}
    if outcome.kind == OutcomeKind.SENT:
        return Check("mail_server", CHANNEL, State.OK, _lets_in(settings), where)
    return _refused(outcome, where)


def _lets_in(settings: Settings) -> str:
    if settings.production or settings.smtp_begins_with_tls:
        return N_("The mail server %(host)s lets us in, by an encrypted line.")
    return N_("The mail server %(host)s lets us in.")


def _refused(outcome: Outcome, where: dict[str, str | int]) -> Check:
    known = answers.ANSWERS.get(outcome.error_code or "")
    is_ours = outcome.kind in (OutcomeKind.HELD, OutcomeKind.FAILED)
    return Check(
        "mail_server",
        CHANNEL,
        State.DANGER,
        N_("The mail server %(host)s does not let us in (%(code)s).")
        if is_ours
        else N_("No mail server answers at %(host)s, port %(port)s (%(code)s)."),
        {**where, "code": outcome.error_code or ""},
        known.remedy
        if known and known.remedy
        else N_("Look at SMTP_HOST and SMTP_PORT, and whether this machine may call there."),
    )


def of_sender(settings: Settings, address: str) -> Iterator[Check]:
    domain = address.rpartition("@")[2].rstrip(">")
    if domain in ("", "localhost"):
        yield Check(
            "sender",
            CHANNEL,
            State.DANGER if settings.production else State.WARNING,
            N_("Emails come from %(sender)s, to which nobody can write."),
            {"sender": address},
            N_("Put an address of yours into MAIL_FROM."),
            address,
        )
        return
    yield Check(
        "sender", CHANNEL, State.OK, N_("Emails come from %(sender)s."), {"sender": address},
        about=address,
    )  # fmt: skip
    yield Check(
        "domain",
        CHANNEL,
        State.UNKNOWN,
        N_("Whether this mail server may write for %(domain)s stands in the domain's DNS."),
        {"domain": domain},
        N_("Look there for SPF (include the mail server), DKIM (its key) and DMARC (a policy): "
           "without them emails land among the spam."),
        address,
    )  # fmt: skip
