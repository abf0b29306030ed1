"""What an organisation's messages go from."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from clinic.access.roles import KEEP_SENDERS
from clinic.api.bodies import left_out
from clinic.api.frame import (
    In,
    Out,
    PageOf,
    PageQuery,
    Resource,
    actor,
    example,
    honours_key,
    once,
    page,
)
from clinic.core.fields import COUNTRY, LONGEST_EMAIL, Text
from clinic.core.web.security import access
from clinic.messaging.identities import queries, service
from clinic.messaging.identities.queries import Sender
from clinic.messaging.models import LONGEST_SENDER_NAME
from clinic.messaging.senders.kinds import MOST_A_SECOND

bp = Resource("senders", tag="Messages")

Channel = Literal["sms", "whatsapp", "email"]
Kind = Literal[
    "long_code",
    "toll_free",
    "short_code",
    "alphanumeric",
    "messaging_service",
    "whatsapp",
    "email",
]
OptOutsBy = Literal["provider", "us"]
NUMBER = {"channel": "sms", "kind": "long_code", "value": "+442079460155"}
SENDER = {
    "id": "7a0c2a4e-6a3f-4a52-9a55-0c2a8b8f1d11",
    **NUMBER,
    "display_name": "Front desk",
    "can_reply": True,
    "rate": 1.0,
    "countries": ["GB"],
    "opt_outs_by": "us",
    "verified": False,
    "verified_at": None,
    "is_default": False,
}

Written = Annotated[str, Text(LONGEST_EMAIL)]
Named = Annotated[str, Text(LONGEST_SENDER_NAME)]
Countries = list[Annotated[str, COUNTRY]]
A_SECOND = {"gt": 0, "le": MOST_A_SECOND, "description": "Messages a second"}
ANSWERS = "Whether what people answer comes back to the clinic"


class SenderIn(In):
    value: Written = Field(description="+442079460155, MG..., a name, or an email address")
    kind: Kind | None = Field(None, description="What is left out is told by the value")
    channel: Channel | None = Field(None, description="The kind's own")
    display_name: Named = Field("", description="What the clinic calls it")
    can_reply: bool | None = Field(None, description=ANSWERS)
    rate: float | None = Field(None, description="Messages a second; the kind's own", gt=0, le=1000)
    countries: Countries = Field([], description="Where it reaches; none: everywhere")
    opt_outs_by: OptOutsBy | None = Field(None, description="Who answers STOP and HELP")

    model_config = example(NUMBER)


class SenderPatch(In):
    """What is left out stays as it is."""

    display_name: Named = left_out()
    can_reply: bool = left_out(description=ANSWERS)
    rate: float = left_out(**A_SECOND)
    countries: Countries = left_out()
    opt_outs_by: OptOutsBy = left_out()

    model_config = example({"display_name": "Front desk", "rate": 10})


class VerifyIn(In):
    code: Annotated[str, Text(20)] | None = Field(None, description="Left out: one is sent")

    model_config = example({"code": "014275"})


class SenderOut(Out):
    id: UUID
    channel: Channel
    kind: Kind
    value: str
    display_name: str
    can_reply: bool
    rate: float
    countries: list[str]
    opt_outs_by: OptOutsBy
    verified: bool
    verified_at: datetime | None
    is_default: bool

    model_config = example(SENDER)


class SenderPage(PageOf[SenderOut]):
    model_config = example({"items": [SENDER], "next_cursor": None})


@bp.get("/sender-identities")
@access(*KEEP_SENDERS)
@bp.input(PageQuery, location="query")
@bp.output(SenderPage)
def index(query_data: PageQuery) -> dict[str, Any]:
    """What the organisation's messages may go from, the first first."""
    return page(queries.senders(actor(), query_data.paging))


@bp.post("/sender-identities")
@access(*KEEP_SENDERS)
@honours_key
@bp.input(SenderIn)
@bp.output(SenderOut, 201)
def create(json_data: SenderIn) -> Sender:
    """Name a sender. Nothing goes from it until it is verified and made the default."""
    given = json_data.model_dump()
    sender_id = once(lambda: str(service.create(given, actor())), json_data)
    return queries.sender(UUID(sender_id), actor())


@bp.patch("/sender-identities/<uuid:sender_id>")
@access(*KEEP_SENDERS)
@bp.input(SenderPatch)
@bp.output(SenderOut)
def update(sender_id: UUID, json_data: SenderPatch) -> Sender:
    """Change what is known of it. Another number is another sender."""
    service.change(sender_id, json_data.model_dump(exclude_unset=True), actor())
    return queries.sender(sender_id, actor())


@bp.delete("/sender-identities/<uuid:sender_id>")
@access(*KEEP_SENDERS)
@bp.doc(responses={204: "Nothing goes from it any more"})
def remove(sender_id: UUID) -> tuple[str, int]:
    """Use it no more. What has gone from it stays in the ledger."""
    service.remove(sender_id, actor())
    return "", 204


@bp.post("/sender-identities/<uuid:sender_id>/verify")
@access(*KEEP_SENDERS)
@bp.input(VerifyIn)
@bp.output(SenderOut)
def verify(sender_id: UUID, json_data: VerifyIn) -> Sender:
    """Without a code: one is sent there, or the provider is asked (services, short codes, names).
    With the code: it is verified. 409 `not_verified` where the provider does not know it."""
    service.verify(sender_id, json_data.code, actor())
    return queries.sender(sender_id, actor())


@bp.post("/sender-identities/<uuid:sender_id>/default")
@access(*KEEP_SENDERS)
@bp.output(SenderOut)
def make_default(sender_id: UUID) -> Sender:
    """The organisation's messages of this channel go from it. 409 before it is verified."""
    service.make_default(sender_id, actor())
    return queries.sender(sender_id, actor())
