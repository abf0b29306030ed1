"""Answer a text: find the visits it can be about, and take the step."""

from collections.abc import Sequence

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.appointments.errors import DoctorLeft, NoticeTooShort, StepNotPossible
from clinic.appointments.outside import words
from clinic.appointments.outside.known import (
    Known,
    is_nobodys,
    is_shared,
    known_to,
    organisations_that_know,
    place_in,
)
from clinic.appointments.outside.replies import Act, Reason, decide
from clinic.appointments.steps import take as steps
from clinic.core.data.db import must_be_writing
from clinic.messaging.heard.meaning import NOTHING, Meaning, Word
from clinic.messaging.inbound.answers import Answer
from clinic.messaging.inbound.places import last_to_text

ACTS = {
    Word.CONFIRM: Act.CONFIRM,
    Word.YES: Act.CONFIRM,
    Word.CANCEL: Act.CANCEL,
    Word.CARRIER_CANCEL: Act.CANCEL,
    Word.OTHER_TIME: Act.OTHER_TIME,
}


def answer_text(address: str, meaning: Meaning) -> Answer:
    """What `receive` asks; runs inside its transaction. Raises nothing for bad input."""
    must_be_writing()
    known = known_to(address)
    candidates = [one.candidate for one in known]
    if not meaning.is_sure and not any(meaning.code in one.codes for one in candidates):
        meaning = NOTHING  # it was a word
    act = ACTS.get(meaning.word, Act.NOTHING)
    place = place_in(known, address, meaning.position)
    # Who names a visit by its code need not be told apart.
    shared = not meaning.code and act is not Act.NOTHING and is_shared(address, known)
    decision = decide(act, candidates, meaning.code, place, shared)
    chosen = known[candidates.index(decision.visit)] if decision.visit else None
    if decision.act is Act.NOTHING:
        reason = Reason.PICTURE if meaning.word is Word.PICTURE else decision.reason
        return _explain(reason, chosen, known, address)
    if chosen is None:
        raise ValueError("a step was decided without a visit")
    visit = chosen.visit
    if decision.act is Act.OTHER_TIME:
        return Answer(words.other_time(visit), visit.id, visit.organisation_id)
    actor = Actor(role=Role.PATIENT, patient_id=visit.patient_id, via="reply")
    try:
        steps.take(visit.id, str(decision.act), actor)
    except (StepNotPossible, NoticeTooShort):  # the desk or a sweep was faster
        return _explain(Reason.TOO_LATE, chosen, known, address)
    except DoctorLeft:  # at this instant
        return _explain(Reason.DOCTOR_LEFT, chosen, known, address)
    done = words.done(visit, decision.act)
    return Answer(done, visit.id, visit.organisation_id, is_step=True)


def _explain(
    reason: Reason | None, chosen: Known | None, known: Sequence[Known], address: str
) -> Answer:
    """Words for doing nothing; what a person must answer goes before the desk as well."""
    shown = chosen or (known[0] if known else None)
    is_for_people = reason in (Reason.UNKNOWN, Reason.PICTURE)
    if shown is None:
        return _to_nobody_expected(address, is_for_people)
    place = shown.visit.organisation_id
    if reason is Reason.WHICH:
        text, many = words.choices([one.visit for one in known])
        return Answer(text, None, place, listed=tuple(one.visit.id for one in known[:many]))
    if reason is Reason.WHOSE:
        return Answer(words.codes([one.visit for one in known]), None, place)
    about = chosen.visit.id if chosen else None
    text = words.nothing_done(shown.visit, reason)
    return Answer(text, about, place, for_people=is_for_people)


def _to_nobody_expected(address: str, is_for_people: bool) -> Answer:
    """No visit is to come: it is for whoever texted there last, or has the number on a record."""
    place, places = last_to_text(address), []
    if place and is_nobodys(address):  # whoever has it now learns no more than a stranger does
        return Answer(words.unknown_number(None), for_people=True, is_strangers=True)
    if place is None:
        places = organisations_that_know(address)
        place = places[0].id if len(places) == 1 else None
    several = tuple(places) if is_for_people and len(places) > 1 else ()
    text = words.unknown_number(place)
    return Answer(text, None, place, for_people=is_for_people, places=several)
