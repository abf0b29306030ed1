"""Two records become one: visits, what clinics noted, and facts go to the one that stays."""

import contextlib
from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import JOIN_RECORDS, Role
from clinic.accounts.facts import UserFact
from clinic.accounts.models import User
from clinic.accounts.proof import limits
from clinic.appointments.models import Appointment
from clinic.core import clock
from clinic.core.data.bulk import among
from clinic.core.data.db import db, must_be_writing, transactional
from clinic.core.errors import Forbidden, NotFound, TooMany
from clinic.doctors.models import Doctor
from clinic.events.service import record
from clinic.messaging.conversations import keep as conversations
from clinic.patients.errors import JoinImpossible, NobodyNoted, NotAnsweredFor
from clinic.patients.facts import PatientFact, PatientJoined
from clinic.patients.joining import alike, queries
from clinic.patients.joining.alike import WHO, Side
from clinic.patients.joining.queries import Offer
from clinic.patients.models import JoinedRecord, Patient, PatientOrganisation
from clinic.patients.people import service as people

TRIES = "record"  # birth dates that an account may try
NOTED = "noted"  # that may be tried of a record, by whichever accounts: a number has several
OF_PERSON = (
    *("birth_date", "gender", "blood_type", "contact_number", "address"),
    *("emergency_name", "emergency_phone", "emergency_relation"),
)
OF_LINK = ("phone", "email")
DEFAULT_LANGUAGE = "en"  # of a link that an account's booking made
GIVEN_UP = ("cancelled", "no_show")


@transactional
def join(organisation_id: UUID, patient_id: UUID, other_id: UUID, actor: Actor) -> UUID:
    """Make one of two records that the organisation knows. Returns the one that stays: that of an
    account, else the older.

    Raises Forbidden, NotFound; NotAnsweredFor while the account has not proven the number or the
    address that was noted; JoinImpossible where the other is known elsewhere, too, or both have a
    visit at one time.
    """
    if not actor.may(JOIN_RECORDS):
        raise Forbidden
    if actor.organisation_id != organisation_id:
        raise NotFound
    people.hold_diaries(organisation_id)
    people.lock([patient_id, other_id])
    _hold_accounts([patient_id, other_id])
    found = queries.pair(organisation_id, patient_id, other_id)
    if not found.may_join:
        raise NotAnsweredFor
    stays, goes = queries.order_of(found)
    _make_one(organisation_id, stays.id, goes.id, actor)
    return stays.id


def claim(user_id: UUID, born: date, actor: Actor) -> list[str]:
    """An account without a birth date says it: what clinics noted of a person with the same name,
    the same proven number or address and that day, is theirs. Returns the names of the clinics.

    Raises TooMany after five days tried, or twenty of one record; NobodyNoted for another one,
    which is stored nowhere.
    """
    of = sorted({offer.record_id for _, _, offer in queries.offers([user_id])})
    limits.count_try(TRIES, "", str(user_id))  # stands, whatever comes of it
    for record_id in of:
        limits.count_try(NOTED, "", str(record_id))
    return _claim(user_id, born, actor)


@transactional
def _claim(user_id: UUID, born: date, actor: Actor) -> list[str]:
    mine = [found for found in queries.offers([user_id]) if found[0].birth_date in (None, born)]
    if not any(offer.born == born for _, _, offer in mine):
        raise NobodyNoted
    _hold([offer for _, _, offer in mine])
    patient_id = actor.patient_id or mine[0][2].account_id
    db.session.execute(sa.update(Patient).where(Patient.id == patient_id).values(birth_date=born))
    _join_all([user_id], {offer.record_id for _, _, offer in mine})
    return list(dict.fromkeys(offer.organisation for _, _, offer in mine if _is_joined(offer)))


def _is_joined(offer: Offer) -> bool:
    """Also by somebody who was faster: of two taps both are told where."""
    return queries.stands_for(offer.record_id, offer.organisation_id) == offer.account_id


def on_proven(facts: Sequence[UserFact]) -> None:
    """LATER: a proof or a log-in. Later, because diaries are held before people."""
    _join_agreeing({fact.user_id for fact in facts})


def on_changed(facts: Sequence[PatientFact]) -> None:
    """LATER: a name or a birth date may agree now that did not."""
    theirs = sa.select(Patient.user_id).where(
        among(Patient.id, {fact.patient_id for fact in facts}), Patient.user_id.is_not(None)
    )
    _join_agreeing({user_id for user_id in db.session.scalars(theirs) if user_id})


def _join_agreeing(user_ids: Collection[UUID]) -> None:
    found = queries.offers(user_ids)
    wrong = [offer for account, _, offer in found if account.birth_date not in (None, offer.born)]
    agreeing = [offer for account, one, offer in found if _agrees(account, one)]
    # All accounts before all records, in order: two workers would wait for each other.
    users = _may_try(TRIES, *({one.user_id for one in some} for some in (wrong, agreeing)))
    tried = [[one for one in some if one.user_id in users] for some in (wrong, agreeing)]
    records = _may_try(NOTED, *({one.record_id for one in some} for some in tried))
    held = [one for one in agreeing if one.user_id in users and one.record_id in records]
    if held:
        _hold(held)
        _join_all({one.user_id for one in held}, {one.record_id for one in held})


def _may_try(kind: str, wrong: set[UUID], agreeing: set[UUID]) -> set[UUID]:
    """Whoever has somebody's telephone and their name must not find their birth date by trying, nor
    by an account for every five days. Returns those that have not tried, or been tried, too often.
    """
    return {one for one in sorted(wrong | agreeing) if _may_once(kind, one, one in wrong)}


def _may_once(kind: str, key: UUID, is_wrong: bool) -> bool:
    look = limits.count_try if is_wrong else limits.refuse_when_too_many
    try:
        look(kind, "", str(key))
    except TooMany:
        return False
    return True


def _agrees(account: Side, one: Side) -> bool:
    return alike.agreement(account, one) >= WHO and alike.is_answered_for(account, one)


def _join_all(user_ids: Collection[UUID], record_ids: Collection[UUID]) -> None:
    """Once more, now that everybody is held: somebody may have been faster."""
    for account, one, offer in queries.offers(user_ids):
        if offer.record_id in record_ids and _agrees(account, one):
            _join_one(offer)


def _join_one(offer: Offer) -> None:
    """Or leave it to the desk, which sees the pair."""
    user_id = db.session.scalar(sa.select(Patient.user_id).where(Patient.id == offer.account_id))
    actor = Actor(role=Role.PATIENT, user_id=user_id, patient_id=offer.account_id)
    with contextlib.suppress(JoinImpossible):
        _make_one(offer.organisation_id, offer.account_id, offer.record_id, actor)


def _hold(found: Sequence[Offer]) -> None:
    """Diaries, people, accounts: the one order everywhere."""
    must_be_writing()
    places = {offer.organisation_id for offer in found}
    held = sa.select(Doctor.id).where(among(Doctor.organisation_id, places)).order_by(Doctor.id)
    db.session.execute(held.with_for_update(key_share=True)).all()
    whom = {one for offer in found for one in (offer.account_id, offer.record_id)}
    people.lock(whom)
    _hold_accounts(whom)


def _hold_accounts(patient_ids: Collection[UUID]) -> None:
    """What is proven stays so until the end: who proves it elsewhere waits, or was first."""
    theirs = sa.select(Patient.user_id).where(among(Patient.id, patient_ids))
    held = sa.select(User.id).where(User.id.in_(theirs)).order_by(User.id)
    db.session.execute(held.with_for_update(read=True, of=User)).all()


def _make_one(organisation_id: UUID, stays_id: UUID, goes_id: UUID, actor: Actor) -> None:
    """Raises JoinImpossible. The diaries there, both people and the account are held."""
    link = _refuse_impossible(organisation_id, stays_id, goes_id)
    stays = db.session.get_one(Patient, stays_id, populate_existing=True)
    goes = db.session.get_one(Patient, goes_id, populate_existing=True)
    for name in OF_PERSON:
        if getattr(stays, name) is None:
            setattr(stays, name, getattr(goes, name))
    _move_link(link, stays_id)
    joined = PatientJoined(organisation_id=organisation_id, patient_id=stays_id, joined_id=goes_id)
    record(joined, actor)
    conversations.pass_on(goes_id, stays_id)
    _note(organisation_id, stays_id, goes_id)
    db.session.delete(goes)
    db.session.flush()


def _refuse_impossible(organisation_id: UUID, stays_id: UUID, goes_id: UUID) -> PatientOrganisation:
    """Before anything is written. Returns the link of the one that goes. Raises JoinImpossible."""
    of_goes = sa.select(PatientOrganisation).where(PatientOrganisation.patient_id == goes_id)
    links = db.session.scalars(of_goes, execution_options={"populate_existing": True}).all()
    if [link.organisation_id for link in links] != [organisation_id]:
        raise JoinImpossible(JoinImpossible.known_elsewhere)
    own = db.session.get(PatientOrganisation, (stays_id, organisation_id), populate_existing=True)
    if any(people.is_inactive(one.died_on, one.is_active) for one in (*links, own) if one):
        raise JoinImpossible(JoinImpossible.inactive)
    mine, theirs = sa.orm.aliased(Appointment), sa.orm.aliased(Appointment)
    at_once = sa.select(mine.id).where(
        mine.patient_id == stays_id,
        theirs.patient_id == goes_id,
        mine.starts_at < theirs.ends_at,
        mine.ends_at > theirs.starts_at,
        mine.status.not_in(GIVEN_UP),
        theirs.status.not_in(GIVEN_UP),
    )
    if db.session.scalar(at_once.limit(1)):
        raise JoinImpossible(JoinImpossible.at_one_time)
    return links[0]


def _move_link(link: PatientOrganisation, stays_id: UUID) -> None:
    """The number of the older record stays: it stands on paper. What the other noted fills it."""
    key = (stays_id, link.organisation_id)
    own = db.session.get(PatientOrganisation, key, populate_existing=True)
    if own is None:
        link.patient_id = stays_id
        db.session.flush()
        return
    older, newer = sorted((link, own), key=lambda one: one.created_at)
    kept = {name: getattr(older, name) or getattr(newer, name) for name in OF_LINK}
    if own.language == DEFAULT_LANGUAGE:  # nobody chose it there
        kept["language"] = link.language
    number, since = older.record_number, older.created_at
    db.session.delete(link)
    db.session.flush()  # before its number is given to the other
    for name, value in kept.items():
        setattr(own, name, value)
    own.record_number, own.created_at = number, since
    db.session.flush()


def _note(organisation_id: UUID, stays_id: UUID, goes_id: UUID) -> None:
    """Pages that are open lead on from the one that is gone."""
    earlier = sa.update(JoinedRecord).where(JoinedRecord.patient_id == goes_id)
    db.session.execute(earlier.values(patient_id=stays_id))
    gone = {"id": goes_id, "patient_id": stays_id, "organisation_id": organisation_id}
    db.session.add(JoinedRecord(**gone, joined_at=clock.now()))
    db.session.flush()
