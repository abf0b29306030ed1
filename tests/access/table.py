"""How the rows are told: who asks, what is in the path. The rows stand beside it, by hand.

The visit in the path is Asha's with Dr Chandra at Harbour Clinic, at 11:30 on the Monday.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from clinic.accounts.proof import keys
from clinic.appointments.models import Appointment
from clinic.appointments.outside import links
from clinic.core.data.db import db, transactional
from clinic.messaging.inbound.answers import Inbound
from clinic.messaging.inbound.receive import receive
from clinic.messaging.models import Conversation, Message
from clinic.messaging.threads.saved import service as saved
from clinic.messaging.words import unsubscribing
from clinic.organisations.models import Location
from clinic.reminders.models import ReminderRule
from clinic.reminders.rules import service as rules
from tests.cast import TODAY, Cast, Person, at
from tests.messaging.ledger_helpers import queued

FREE = {
    "dr_chandra": at("10:00"),
    "dr_hana": at("03:30", TODAY + timedelta(days=1)),  # 09:00 in Kolkata
}


@dataclass(frozen=True)
class Pass:
    """What somebody who has signed in shows at the door."""

    cookie: str  # of a browser's session
    token: str  # of a program


@dataclass(frozen=True)
class Scene:
    cast: Cast
    visit: Appointment
    passes: dict[str, Pass]  # by actor
    moment: datetime  # when it was all set


LINK_HOLDER = frozenset({"code"})
KNOWN = frozenset({"name", "phone", "email"})  # to who looks after the account
Words = Callable[[Scene], dict[str, Any]]


def nothing(_: Scene) -> dict[str, Any]:
    return {}


ACTORS = (
    None,  # nobody is signed in
    "asha",  # the patient
    "bela",  # another patient
    "dr_chandra",  # the doctor of the visit
    "dr_dev",  # another doctor of the same clinic
    "esha",  # the clinic's front desk
    "farid",  # the front desk of another hospital
    "amir",  # the clinic's administrator
    "gita",  # superadmin
)


@dataclass(frozen=True)
class Row:
    """One way to ask a route. `expected` are the answers in the order of ACTORS."""

    method: str
    endpoint: str
    expected: str
    url: Words = nothing  # values of the path and the query
    form: Words = nothing
    steps: tuple[str, ...] = ("accept",)  # what has happened to the visit before
    at: str = "08:00"  # the time of day at which it is asked
    case: str = ""
    readable: frozenset[str] = frozenset()  # what anybody may read who can ask at all

    @property
    def is_open(self) -> bool:
        """Its redirects lead elsewhere than to the login page."""
        own = ("accounts.logout", "accounts.login_code")
        return self.endpoint in own or self.endpoint.startswith(
            ("visit.", "recovery.", "unsubscribe.")
        )

    @property
    def name(self) -> str:
        return f"{self.method} {self.endpoint} {self.case}".strip()

    def status_for(self, actor: str | None) -> int:
        return int(self.expected.split()[ACTORS.index(actor)])


def visit(scene: Scene) -> dict[str, Any]:
    return {"appointment_id": scene.visit.id}


def slot_of(doctor: str, patient: str | None = None) -> Words:
    """A free slot of that doctor, wanted for that patient."""

    def words(scene: Scene) -> dict[str, Any]:
        person: Person = getattr(scene.cast, doctor)
        wanted = {
            "doctor": person.doctor_id,
            "start": FREE[doctor].isoformat(),
            "reason": "A cough",
            "channel": "sms",
        }
        if patient:
            wanted |= {"patient": getattr(scene.cast, patient).patient_id, "find": "asha r"}
        return wanted

    return words


def new_time(_: Scene) -> dict[str, Any]:
    return {"start": FREE["dr_chandra"].isoformat()}


def watching(kind: str, key: Callable[[Scene], Any]) -> Words:
    return lambda scene: {"kind": kind, "key": key(scene)}


def link(scene: Scene) -> dict[str, Any]:
    return {"token": links.token_of(scene.visit.id)}


def message(scene: Scene) -> dict[str, Any]:
    """The confirmation that waits to be sent to Asha."""
    about = sa.select(Message.id).where(Message.about_id == scene.visit.id)
    return {"message_id": db.session.scalars(about).first()}


def conversation(scene: Scene) -> dict[str, Any]:
    """Asha has texted, and waits for a reply."""
    receive(Inbound(uuid4().hex, "+447700900000", "+447700900999", "Can somebody call me?"))
    theirs = sa.select(Conversation.id).where(Conversation.organisation_id == scene.cast.harbour)
    return {"conversation_id": db.session.scalars(theirs).one()}


def saved_reply(scene: Scene) -> dict[str, Any]:
    return {"reply_id": saved.save(uuid4().hex, "Of course.", scene.cast.esha.actor)}


def letter(scene: Scene) -> dict[str, Any]:
    """The link of a reminder that was written to Asha."""
    (one,) = queued(channel="email", address=scene.cast.asha.email, template="own_reminder",
                    organisation_id=scene.cast.harbour, status="sent")  # fmt: skip
    return {"token": unsubscribing.token_of(one)}


def of_chandra(scene: Scene) -> dict[str, Any]:
    return {"doctor": scene.cast.dr_chandra.doctor_id}


def user(name: str) -> Words:
    return lambda scene: {"user_id": getattr(scene.cast, name).user_id}


def asha(scene: Scene) -> dict[str, Any]:
    return {"patient_id": scene.cast.asha.patient_id}


def esha(scene: Scene) -> dict[str, Any]:
    return user("esha")(scene)


def key_of_asha(purpose: str) -> Words:
    """The token of a link that was sent to Asha."""

    def words(scene: Scene) -> dict[str, Any]:
        key_id = transactional(keys.issue)(scene.cast.asha.user_id, keys.Purpose(purpose))
        makes = {
            "reset": keys.reset_link,
            "invitation": keys.invitation_link,
            "contact": keys.contact_link,
        }
        return {"token": makes[purpose](str(key_id)).rpartition("/")[2]}

    return words


def email(_: Scene) -> dict[str, Any]:
    return {"kind": "email"}


def harbour(scene: Scene) -> dict[str, Any]:
    return {"organisation_id": scene.cast.harbour}


def elsewhere(scene: Scene) -> dict[str, Any]:
    return {"organisation_id": scene.cast.elsewhere}


def quay(scene: Scene) -> dict[str, Any]:
    return {**harbour(scene), "location_id": scene.cast.quay_street}


def far_place(scene: Scene) -> dict[str, Any]:
    there = Location.organisation_id == scene.cast.elsewhere
    found = db.session.scalars(sa.select(Location.id).where(there)).first()
    return {**elsewhere(scene), "location_id": found}


def rule_of(organisation: Words) -> Words:
    """A reminder of the organisation's own, made for each who asks."""

    def words(scene: Scene) -> dict[str, Any]:
        where = organisation(scene)
        values = {"minutes_before": 120, "channel": "own", "audience": "patient"}
        known = sa.select(ReminderRule.id).where(
            ReminderRule.organisation_id == where["organisation_id"]
        )
        rule_id = db.session.scalar(known)
        rule_id = rule_id or rules.add(where["organisation_id"], values, scene.cast.gita.actor)
        return {**where, "rule_id": rule_id}

    return words
