"""What an organisation's messages say."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from clinic.access.roles import KEEP_WORDING
from clinic.api.frame import In, Out, Resource, actor, example
from clinic.core.fields import Text
from clinic.core.web.security import access
from clinic.messaging.wording import queries, sample, service
from clinic.messaging.wording.queries import Wording
from clinic.messaging.words.own.wordings import Own

bp = Resource("message_templates", tag="Messages")

Channel = Literal["sms", "whatsapp", "email"]
PATH = "/message-templates/<template>/<channel>/<language>"
BODY = "{organisation}: see you {day}, {time}, {doctor}. {reply} {link}"
TEMPLATE = {
    "template": "visit_reminder",
    "channel": "sms",
    "language": "en",
    "subject": None,
    "body": BODY,
    "is_own": True,
    "version": 1,
    "updated_at": "2026-11-16T09:00:00Z",
    "variables": ["organisation", "day", "time", "doctor", "place", "code", "reply", "link"],
}
SHOWN = {
    "channel": "sms",
    "subject": None,
    "text": "Harbour Clinic: see you Mon 16 Nov, 09:00, Dr Chandra Iyer. https://clinic.example/...",
    "encoding": "GSM-7",
    "length": 101,
    "parts": 1,
}


class MessageTemplateIn(In):
    """What stands in braces is filled in; nothing else is read."""

    body: Annotated[str, Text(4000)] = Field(min_length=1)
    subject: Annotated[str, Text(200)] | None = Field(None, description="Of an email")
    version: int | None = Field(
        None, description="Of the words that are changed; 409 where others stand by now", ge=0
    )

    model_config = example({"body": BODY, "version": 0})

    @property
    def own(self) -> Own:
        return Own(self.body, self.subject)


class MessageTemplateOut(Out):
    template: str
    channel: Channel
    language: str
    subject: str | None
    body: str
    is_own: bool = Field(description="false: the product's words")
    version: int
    updated_at: datetime | None
    variables: list[str] = Field(description="All that may stand in braces")

    model_config = example(TEMPLATE)


class MessageTemplates(Out):
    items: list[MessageTemplateOut]

    model_config = example({"items": [TEMPLATE]})


class WordingPreviewOut(Out):
    channel: Channel
    subject: str | None
    text: str
    encoding: Literal["GSM-7", "UCS-2"] | None
    length: int | None
    parts: int | None

    model_config = example(SHOWN)


class WordingPreviewsOut(Out):
    answered: WordingPreviewOut = Field(description="Where an answer comes back")
    unanswered: WordingPreviewOut | None = Field(description="Where none can, if one is asked for")

    model_config = example({"answered": SHOWN, "unanswered": None})


@bp.get("/message-templates")
@access(*KEEP_WORDING)
@bp.output(MessageTemplates)
def index() -> dict[str, Any]:
    """What patients read about their visits: the organisation's own words, and the product's."""
    return {"items": queries.everything(actor())}


@bp.get(PATH)
@access(*KEEP_WORDING)
@bp.output(MessageTemplateOut)
def show(template: str, channel: str, language: str) -> Wording:
    """In one language; the product's where the organisation has none of its own."""
    return queries.one(template, channel, language, actor())


@bp.put(PATH)
@access(*KEEP_WORDING)
@bp.input(MessageTemplateIn)
@bp.output(MessageTemplateOut)
def update(template: str, channel: str, language: str, json_data: MessageTemplateIn) -> Wording:
    """Say it in these words from now on.

    Texts begin with {organisation}, name {day}, {time} and {link} where there is one, and are one
    text long.
    """
    service.save(template, channel, language, json_data.own, actor(), json_data.version)
    return queries.one(template, channel, language, actor())


@bp.delete(PATH)
@access(*KEEP_WORDING)
@bp.doc(responses={204: "The product's words are back"})
def remove(template: str, channel: str, language: str) -> tuple[str, int]:
    """Go back to the product's words."""
    service.remove(template, channel, language, actor())
    return "", 204


@bp.post(PATH + "/preview")
@access(*KEEP_WORDING)
@bp.input(MessageTemplateIn)
@bp.output(WordingPreviewsOut)
def preview(
    template: str, channel: str, language: str, json_data: MessageTemplateIn
) -> sample.Previews:
    """How it reads for a visit that might be, with its length and its parts. Nothing is kept."""
    queries.must_be_known(template, channel, language)
    own = service.judged(template, channel, language, json_data.own, actor())
    return sample.previews(queries.place_of(actor()), template, channel, language, own)
