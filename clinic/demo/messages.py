"""One of everything that the desk's messages can be: failed, uncertain, asked, stopped."""

from collections.abc import Sequence
from uuid import uuid4

from clinic.demo.build import Clinic
from clinic.messaging.channels.call import Claim, Outcome
from clinic.messaging.delivery import ledger, settling
from clinic.messaging.inbound import receive
from clinic.messaging.inbound.receive import Inbound
from clinic.reminders.telling import due

MOST_LOOKED_AT = 400  # messages that wait to be sent
SWITCHED_OFF = "30003"  # the provider's code of a telephone that cannot be reached
TEXT = ("sms", "patient")
ASKS, STOPS = "Can I come at 10 instead?", "STOP"
FATES = (
    Outcome("failed", provider_id="demo-failed", error_code=SWITCHED_OFF),
    Outcome("uncertain", error_code="no_answer"),
    Outcome("delivered", provider_id="demo-asks", sender="development inbox"),
    Outcome("delivered", provider_id="demo-stops", sender="development inbox"),
)


def tell(clinic: Clinic) -> None:
    """Send four of the texts that wait: each comes to an end of its own. Two are answered.

    Not those of people with a login: their telephones are for the visitor to try out.
    """
    while due.queue_due():
        pass
    claims = ledger.claim_due(MOST_LOOKED_AT)
    chosen = _chosen(clinic, claims)
    ids = {claim.id for claim in chosen}
    ledger.give_back([claim for claim in claims if claim.id not in ids])
    if not chosen:
        return
    ledger.begin(chosen, {"sms": len(chosen)})
    settling.settle(list(zip(chosen, FATES, strict=False)))
    for claim, words in zip(chosen[2:], (ASKS, STOPS), strict=False):
        receive.receive(Inbound(f"demo-{uuid4().hex}", claim.address, "development inbox", words))


def _chosen(clinic: Clinic, claims: Sequence[Claim]) -> list[Claim]:
    """The first text of four different people of the first practice."""
    practice = next(iter(clinic.practices.values()))
    of_visitors = {patient.plan.phone for patient in clinic.patients if patient.plan.has_login}
    by_address: dict[str, Claim] = {}
    for claim in claims:
        if (claim.channel, claim.audience) == TEXT and claim.organisation_id == practice.id:
            by_address.setdefault(claim.address, claim)
    found = [claim for address, claim in by_address.items() if address not in of_visitors]
    return found[: len(FATES)]
