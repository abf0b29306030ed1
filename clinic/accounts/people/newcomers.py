"""Accounts that somebody else gives: to colleagues by their administrator, to all by us."""

from dataclasses import dataclass
from uuid import UUID

from clinic.access.actor import Actor
from clinic.access.roles import ACT_EVERYWHERE, HAVE_PROFILE, WORK_SOMEWHERE, Role, may
from clinic.accounts.addresses import claims
from clinic.accounts.facts import UserInvited
from clinic.accounts.models import InvitedDoctor, User
from clinic.accounts.people.create import create_user
from clinic.accounts.proof import keys, limits, passwords
from clinic.accounts.proof.checks import checked
from clinic.accounts.proof.keys import Purpose
from clinic.core import clock, running
from clinic.core.data.db import db, must_be_writing, transactional
from clinic.core.errors import N_, Forbidden, Invalid, NotFound
from clinic.events.service import record
from clinic.messaging.queueing.messages import NewMessage, queue_messages
from clinic.messaging.words.rendering import placeholder
from clinic.organisations import queries as organisations

AUDIENCES = {Role.PATIENT: "patient", Role.DOCTOR: "doctor"}


@dataclass(frozen=True, slots=True)
class KnownDoctor:
    """What is known of a doctor who is invited: their profile and hours begin with it."""

    specialisations: tuple[str, ...] = ()  # slugs of the vocabulary
    licence_number: str | None = None
    languages: tuple[str, ...] = ()  # ISO 639-1
    location_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewUser:
    """`phone` is E.164. Without a password an e-mail invites the person to choose one."""

    role: str
    full_name: str
    email: str
    phone: str | None = None
    password: str | None = None
    organisation_id: UUID | None = None
    is_active: bool = True
    language: str = "en"
    timezone: str | None = None
    doctor: KnownDoctor | None = None


def create_managed(new: NewUser, actor: Actor) -> UUID:
    """Give somebody an account.

    Raises Forbidden, NotFound, Invalid, WeakPassword or AlreadyInUse (which names the field).
    """
    return store(new, hashed(new, actor), actor)


def hashed(new: NewUser, actor: Actor) -> str:
    """The slow part, for before a transaction: the hash of the password, "" without one.

    Raises Forbidden, Invalid, WeakPassword, TooMany or Unavailable.
    """
    refuse_role(new.role, actor)
    checked("full_name", new.full_name)
    checked("timezone", new.timezone)
    checked("language", new.language)
    if new.password is None:
        return ""
    db.session.rollback()  # hashing takes its time; no connection waits for it
    return passwords.chosen(new.password, (new.full_name, new.email), str(actor.user_id))


@transactional
def store(new: NewUser, password_hash: str, actor: Actor) -> UUID:
    """The rest, with what `hashed` returned. Raises NotFound, Invalid or AlreadyInUse."""
    organisation_id = place_for(new.role, new.organisation_id, actor)
    claims.refuse_taken(new.email, new.phone, actor, organisation_id)
    user = create_user(
        Role(new.role), new.full_name, new.email, actor, password_hash, new.phone, organisation_id
    )
    user.is_active, user.language, user.timezone = new.is_active, new.language, new.timezone or None
    db.session.flush()
    if new.doctor:
        _keep_known(user, new.doctor)
    if user.is_active:
        invite(user, actor)
    return user.id


def _keep_known(user: User, known: KnownDoctor) -> None:
    if not may(user.role, HAVE_PROFILE) or user.organisation_id is None:
        raise Invalid.of("doctor", N_("Only doctors have a profile."))
    there = {place.id for place in organisations.places_of(user.organisation_id)}
    if known.location_id and known.location_id not in there:
        raise Invalid.of("location_id", N_("Choose a place of the organisation."))
    row = InvitedDoctor(
        user_id=user.id,
        specialisations=list(known.specialisations),
        licence_number=known.licence_number,
        languages=list(known.languages),
        location_id=known.location_id,
    )
    db.session.add(row)
    db.session.flush()


def refuse_role(role: str, actor: Actor) -> None:
    if not actor.may_give(role):
        raise Forbidden(N_("Your account cannot give this role."))


def place_for(role: str, organisation_id: UUID | None, actor: Actor) -> UUID | None:
    """Where somebody of that role will work."""
    if not may(role, WORK_SOMEWHERE):
        if organisation_id:
            raise Invalid.of("organisation_id", N_("This role belongs to no organisation."))
        return None
    if not actor.may(ACT_EVERYWHERE):
        if organisation_id not in (None, actor.organisation_id):
            raise NotFound
        return actor.organisation_id
    organisation_id = organisation_id or organisations.only_active()
    if organisation_id is None or not organisations.is_active(organisation_id):
        raise Invalid.of("organisation_id", N_("Choose the organisation they work for."))
    return organisation_id


def invite(user: User, actor: Actor) -> None:
    """Send a link; older ones end. Nothing for those who have a password. Raises TooMany.

    Who has proven the address for another account reads that instead of a link. Nobody else
    learns of it: the row in the ledger is the same.
    """
    must_be_writing()
    if user.password_hash or not user.email:
        return
    limits.count_try("invitation", "", str(user.id))
    key_id = keys.issue(user.id, Purpose.INVITATION, user.email)
    place = organisations.name_of(user.organisation_id) if user.organisation_id else None
    letter = NewMessage(
        organisation_id=user.organisation_id,
        channel="email",
        address=user.email,
        template="invitation",
        values={
            "organisation": place or running.settings().site_name,
            "link": placeholder("link:invitation", key_id),
            "is_free": claims.is_free(user.email, user.id),
            "days": keys.LIFETIME[Purpose.INVITATION].days,
        },
        audience=AUDIENCES.get(Role(user.role), "staff"),
        language=user.language,
        about_id=key_id,
        expires_at=clock.now() + keys.LIFETIME[Purpose.INVITATION],
        dedupe_key=f"invitation:{key_id}",
        is_known=True,  # an administrator typed it for a colleague
    )
    queue_messages([letter])
    record(UserInvited(organisation_id=user.organisation_id, user_id=user.id, key_id=key_id), actor)
