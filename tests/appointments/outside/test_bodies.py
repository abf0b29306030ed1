"""One visit to come, one text about it, one body that comes back: how everything stands then."""

from collections import Counter
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.core.data.db import db
from clinic.messaging.consents.models import OptOut
from clinic.messaging.inbound import receive as receiving
from clinic.messaging.inbound.receive import Inbound
from clinic.messaging.models import Conversation, Message
from tests.appointments.outside.test_answering import PHONE, kept, reminded
from tests.factories import scheduled
from tests.messaging.heard.bodies import BY_LANGUAGE, ENDS, bodies

pytestmark = pytest.mark.usefixtures("in_app")


@dataclass(frozen=True)
class End:
    visit: str = "scheduled"
    opted_out: bool = False
    at_the_desk: bool = False
    says: str = ""  # stands in the answer; without it there is none


LINK = "your message is with the desk. C confirms, X cancels. Your visit: {link:visit:"
AS_IT_SHOULD = {
    "confirms": End("confirmed", says="is confirmed."),
    "cancels": End("cancelled", says="is cancelled."),
    "asks": End(at_the_desk=True, says=LINK),
    "stops": End(opted_out=True),
    "stops and asks": End(opted_out=True, at_the_desk=True, says="no more of our texts"),
    "ends": End("cancelled", opted_out=True, at_the_desk=True),
    "helps": End(says="reply C to confirm or X to cancel"),
    "starts": End(says="you will get our texts again"),
    "machine": End(at_the_desk=True),
}
BODIES = bodies()


def test_there_are_enough_of_each_language() -> None:
    assert len(set(BODIES)) == len(BODIES) >= 120
    assert {language: set(by_end) | {"ends"} for language, by_end in BY_LANGUAGE.items()} == {
        language: set(ENDS) for language in ("en", "es", "fr", "de", "hi", "ar")
    }
    assert min(Counter(language for language, _, _ in BODIES).values()) >= 20


@pytest.mark.parametrize("language", BY_LANGUAGE)
def test_each_body_ends_as_it_should(cast, language) -> None:
    visit = reminded(scheduled(cast.asha, cast.dr_chandra, "09:30"))
    wrong = []
    for number, (_, end, body) in enumerate(one for one in BODIES if one[0] == language):
        text = Inbound(f"SM-{number}", PHONE, "+44", body.replace("{code}", visit.code))
        answer = receiving.receive(text)
        stands = _stands(visit)
        wanted = AS_IT_SHOULD[end]
        if not _is(wanted, stands, answer, end):
            wrong.append((body, end, stands, answer))
        _as_before(visit)
    assert wrong == []


def _stands(visit) -> tuple[str, bool, bool]:
    status = sa.select(Appointment.status).where(Appointment.id == visit.id)
    opted_out = db.session.scalar(sa.select(sa.func.count()).select_from(OptOut)) > 0
    return db.session.scalars(status).one(), opted_out, kept().needs_attention


def _is(wanted: End, stands: tuple[str, bool, bool], answer: str, end: str) -> bool:
    if stands != (wanted.visit, wanted.opted_out, wanted.at_the_desk):
        return False
    if end == "stops":  # what is no word of the carriers is answered by us
        return answer == "" or "no more of our texts" in answer
    return wanted.says in answer if wanted.says else answer == ""


def _as_before(visit) -> None:
    db.session.execute(sa.delete(OptOut))
    db.session.execute(sa.delete(Conversation))
    db.session.execute(sa.delete(Message).where(Message.direction == "in"))
    stood = sa.update(Appointment).where(Appointment.id == visit.id)
    before = {"status": "scheduled", "confirmed_at": None, "cancel_reason": None}
    db.session.execute(stood.values(**{k: v for k, v in before.items() if hasattr(Appointment, k)}))
    db.session.commit()
