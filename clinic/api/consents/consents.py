"""What a program shows below a field for a mobile number, and what is kept of it."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from clinic.api.frame import In, Out, Resource, example
from clinic.core import running
from clinic.core.web.security import public
from clinic.messaging.consents import words
from clinic.messaging.consents.vocabulary import KEY_PATTERN, LONGEST_KEY
from clinic.messaging.consents.words import Shown
from clinic.organisations.policies import queries as policies

bp = Resource("consents", tag="Messages")

AGREED = (
    "The `key` of the words that were shown below the number (GET /text-consents/words), or read"
    " out: kept as the consent of its owner to texts. Left out, none is kept"
)
TextWords = Annotated[str, Field(pattern=KEY_PATTERN, max_length=LONGEST_KEY)]
SHOWN = {
    "key": "eu-1",
    "text": "Harbour Clinic texts this number about appointments: confirmations, reminders, changes"
    " and codes. Nothing else, and no advertising. Reply STOP to end them, HELP for help.",
}


class WordsQuery(In):
    organisation_id: UUID | None = Field(None, description="Whose texts; else of all there are")
    read_out: bool = Field(False, description="To be said by somebody who writes the number down")


class WordsOut(Out):
    key: str
    text: str

    model_config = example(SHOWN)


@bp.get("/text-consents/words")
@public
@bp.input(WordsQuery, location="query")
@bp.output(WordsOut)
def show_words(query_data: WordsQuery) -> Shown:
    """The words that the country asks for, in the language that is asked for."""
    place = query_data.organisation_id
    site = policies.site(place) if place else running.registered("sites").known()
    return words.below_a_number(site, query_data.read_out)
