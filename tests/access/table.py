"""Who gets what from every route, by hand. A route without a row here fails the tests.

The visit in the path is Asha's with Dr Chandra at Harbour Clinic, at 11:30 on the Monday.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clinic.accounts.proof import keys
from clinic.appointments.models import Appointment
from clinic.appointments.outside import links
from clinic.core.data.db import db, transactional
from clinic.messaging.models import Message
from tests.cast import TODAY, Cast, Person, at

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
        return self.endpoint in own or self.endpoint.startswith(("visit.", "recovery."))

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


# fmt: off
TABLE = [
    #                                   nobody asha bela chandra dev esha farid amir gita
    Row("GET", "core.health",               "200 200 200 200 200 200 200 200 200"),
    Row("GET", "core.ready",                "503 503 503 503 503 503 503 503 503"),  # without Redis
    Row("GET", "core.show_metrics",         "200 200 200 200 200 200 200 200 200"),
    Row("GET", "core.stream",               "303 404 404 200 404 200 404 200 404",
        url=watching("doctor", lambda scene: scene.cast.dr_chandra.doctor_id), case="of a doctor"),
    Row("GET", "core.stream",               "303 404 404 404 404 200 404 200 404",
        url=watching("organisation", lambda scene: scene.cast.harbour), case="of the clinic"),
    Row("GET", "core.stream",               "303 404 404 404 404 404 404 404 404",
        url=watching("appointment", lambda scene: scene.visit.id), case="of nothing known"),
    Row("GET", "docs.document",             "200 200 200 200 200 200 200 200 200",
        readable=frozenset({"name"})),  # of somebody in its examples
    Row("GET", "docs.swagger",              "200 200 200 200 200 200 200 200 200"),
    Row("GET", "docs.redoc",                "200 200 200 200 200 200 200 200 200"),
    Row("GET", "accounts.login",            "200 303 303 303 303 303 303 303 303"),
    Row("POST", "accounts.login",           "422 303 303 303 303 303 303 303 303"),
    Row("POST", "accounts.logout",          "303 303 303 303 303 303 303 303 303"),
    Row("GET", "patients.signup",           "200 303 303 303 303 303 303 303 303"),
    Row("POST", "patients.signup",          "422 303 303 303 303 303 303 303 303"),
    Row("GET", "doctors.index",             "200 200 200 200 200 200 200 200 200"),
    Row("GET", "doctors.show",              "200 200 200 200 200 200 200 200 200",
        url=lambda scene: {"doctor_id": scene.cast.dr_chandra.doctor_id}),
    Row("GET", "schedules.index",           "303 403 403 200 200 200 200 200 403"),
    Row("GET", "schedules.index",           "303 403 403 200 404 200 404 200 403",
        url=of_chandra, case="of Dr Chandra"),
    Row("GET", "deaths.index",              "303 403 403 403 403 200 200 200 403"),
    Row("POST", "deaths.confirm",           "401 403 403 403 403 409 404 409 403", url=asha),
    Row("POST", "deaths.dismiss",           "401 403 403 403 403 409 404 409 403", url=asha),
    Row("GET", "board.index",               "303 403 403 200 200 200 200 200 403"),
    # Dr Dev sees his own board, whatever he asks for.
    Row("GET", "board.index",               "303 403 403 200 200 200 404 200 403",
        url=of_chandra, case="of Dr Chandra"),
    Row("GET", "appointments.index",        "303 200 200 403 403 403 403 403 403"),
    Row("GET", "appointments.new",          "200 200 200 403 403 200 200 200 403",
        url=slot_of("dr_chandra")),
    Row("GET", "appointments.new",          "200 200 200 403 403 200 200 200 403",
        url=slot_of("dr_chandra", "asha"), case="for Asha"),
    Row("GET", "appointments.done",         "303 200 404 403 403 200 404 200 403", url=visit),
    Row("GET", "appointments.code",         "303 303 303 403 403 403 403 403 403"),
    Row("POST", "appointments.enter_code",  "401 422 422 403 403 403 403 403 403"),
    Row("POST", "appointments.send_code",   "401 303 303 403 403 403 403 403 403", url=email),
    Row("GET", "appointments.calendar_file", "303 200 404 200 404 200 404 200 403", url=visit),
    Row("GET", "appointments.ask_cancel",   "303 200 404 200 404 200 404 403 403", url=visit),
    # Without a slot in the form: there are no times to choose from any more.
    Row("POST", "appointments.book",        "401 409 409 403 403 409 409 409 403", case="nothing"),
    Row("POST", "appointments.choose",      "401 409 409 403 403 409 409 409 403"),
    # Bela books for herself, whoever she names.
    Row("POST", "appointments.book",        "401 303 303 403 403 303 404 303 403",
        form=slot_of("dr_chandra", "asha"), case="for Asha"),
    # The hospital elsewhere does not know Asha, and the clinic's desk does not book there.
    Row("POST", "appointments.book",        "401 303 303 403 403 404 404 404 403",
        form=slot_of("dr_hana", "asha"), case="elsewhere"),
    Row("POST", "appointments.accept",      "401 403 403 303 404 303 404 403 403",
        url=visit, steps=()),
    Row("POST", "appointments.confirm",     "401 303 404 303 404 303 404 403 403", url=visit),
    Row("POST", "appointments.cancel",      "401 303 404 303 404 303 404 403 403", url=visit),
    Row("POST", "appointments.check_in",    "401 403 403 303 404 303 404 403 403", url=visit),
    Row("POST", "appointments.start",       "401 403 403 303 404 303 404 403 403",
        url=visit, steps=("accept", "check_in")),
    Row("POST", "appointments.complete",    "401 403 403 303 404 403 403 403 403",
        url=visit, steps=("accept", "check_in", "start")),
    Row("POST", "appointments.no_show",     "401 403 403 303 404 303 404 403 403",
        url=visit, at="11:45"),
    Row("POST", "appointments.undo",        "401 403 403 303 404 303 404 403 403",
        url=visit, steps=("accept", "check_in"), case="a check-in"),
    Row("POST", "appointments.undo",        "401 403 403 303 404 303 404 403 403",
        url=visit, steps=("accept", "no_show"), at="11:45", case="a no-show"),
    # Whoever holds the link: it says who they are.
    Row("GET", "visit.show",                "200 200 200 200 200 200 200 200 200",
        url=link, readable=LINK_HOLDER),
    Row("GET", "visit.ask_cancel",          "200 200 200 200 200 200 200 200 200",
        url=link, readable=LINK_HOLDER),
    Row("GET", "visit.calendar_file",       "200 200 200 200 200 200 200 200 200",
        url=link, readable=LINK_HOLDER),
    Row("POST", "visit.confirm",            "303 303 303 303 303 303 303 303 303", url=link),
    Row("POST", "visit.cancel",             "303 303 303 303 303 303 303 303 303", url=link),
    Row("GET", "visit.ask_reschedule",      "200 200 200 200 200 200 200 200 200",
        url=link, readable=LINK_HOLDER),
    Row("POST", "visit.reschedule",         "303 303 303 303 303 303 303 303 303",
        url=link, form=new_time),
    Row("GET", "appointments.ask_reschedule", "303 200 404 200 404 200 404 403 403", url=visit),
    Row("POST", "appointments.reschedule",  "401 303 404 303 404 303 404 403 403",
        url=visit, form=new_time),
    Row("GET", "messaging.index",           "303 403 403 403 403 200 200 200 403"),
    Row("GET", "messaging.show",            "303 403 403 403 403 200 404 200 403", url=message),
    Row("POST", "messaging.resend",         "401 403 403 403 403 409 404 409 403",
        url=message, case="of one still queued"),
    Row("POST", "messaging.seen",           "401 403 403 403 403 303 404 303 403", url=message),
    Row("GET", "admin.health",              "303 403 403 403 403 403 403 200 200"),
    # Not even there, outside development.
    Row("GET", "dev.inbox",                 "404 404 404 404 404 404 404 404 404"),
    Row("GET", "dev.ring",                  "404 404 404 404 404 404 404 404 404"),
    Row("POST", "dev.reply",                "404 404 404 404 404 404 404 404 404"),
    # Without Twilio's signature.
    Row("POST", "twilio.webhook",           "403 403 403 403 403 403 403 403 403"),
    Row("POST", "twilio.status",            "403 403 403 403 403 403 403 403 403"),
    # The people and the house: administrators at home, superadmins everywhere.
    Row("GET", "users.index",               "303 403 403 403 403 403 403 200 200", readable=KNOWN),
    Row("GET", "users.new",                 "303 403 403 403 403 403 403 200 200"),
    Row("POST", "users.new",                "401 403 403 403 403 403 403 422 422"),
    Row("GET", "users.show",                "303 403 403 403 403 403 403 200 200", url=esha),
    Row("GET", "users.show",                "303 403 403 403 403 403 403 404 200",
        url=user("asha"), case="of Asha", readable=KNOWN),
    Row("GET", "users.show",                "303 403 403 403 403 403 403 404 200",
        url=user("farid"), case="of a stranger"),
    Row("POST", "users.show",               "401 403 403 403 403 403 403 303 303", url=esha),
    Row("POST", "users.deactivate",         "401 403 403 403 403 403 403 303 303", url=esha),
    Row("POST", "users.deactivate",         "401 403 403 403 403 403 403 404 303",
        url=user("farid"), case="a stranger"),
    Row("POST", "users.reactivate",         "401 403 403 403 403 403 403 303 303", url=esha),
    Row("POST", "users.invite",             "401 403 403 403 403 403 403 409 409",
        url=esha, case="who has a password"),
    Row("POST", "users.end_sessions",       "401 403 403 403 403 403 403 303 303", url=esha),
    Row("GET", "organisations.settings",    "303 403 403 403 403 403 403 200 403"),
    Row("GET", "organisations.index",       "303 403 403 403 403 403 403 403 200"),
    Row("GET", "organisations.new",         "303 403 403 403 403 403 403 403 200"),
    Row("POST", "organisations.new",        "401 403 403 403 403 403 403 403 422"),
    Row("GET", "organisations.show",        "303 403 403 403 403 403 403 403 200", url=harbour),
    Row("POST", "organisations.save_details", "401 403 403 403 403 403 403 422 422", url=harbour),
    Row("POST", "organisations.save_details", "401 403 403 403 403 403 403 404 422",
        url=elsewhere, case="elsewhere"),
    Row("POST", "organisations.save_rules", "401 403 403 403 403 403 403 422 422", url=harbour),
    Row("POST", "organisations.save_rules", "401 403 403 403 403 403 403 404 422",
        url=elsewhere, case="elsewhere"),
    Row("POST", "organisations.add_location", "401 403 403 403 403 403 403 422 422", url=harbour),
    Row("POST", "organisations.add_location", "401 403 403 403 403 403 403 404 422",
        url=elsewhere, case="elsewhere"),
    Row("POST", "organisations.deactivate", "401 403 403 403 403 403 403 403 303", url=harbour),
    Row("POST", "organisations.reactivate", "401 403 403 403 403 403 403 403 303", url=harbour),
    Row("GET", "signup.clinic",             "200 303 303 303 303 303 303 303 303"),
    Row("POST", "signup.clinic",            "422 303 303 303 303 303 303 303 303"),
    Row("GET", "signup.welcome",            "303 403 403 403 403 403 403 200 403"),
    # Back in, and one's own account: whoever asks gets their own.
    Row("GET", "accounts.login_code",       "303 303 303 303 303 303 303 303 303"),
    Row("POST", "accounts.login_code",      "303 303 303 303 303 303 303 303 303"),
    Row("GET", "recovery.forgot",           "200 200 200 200 200 200 200 200 200"),
    Row("POST", "recovery.forgot",          "422 422 422 422 422 422 422 422 422"),
    Row("GET", "recovery.sent",             "200 200 200 200 200 200 200 200 200"),
    Row("GET", "recovery.reset",            "200 200 200 200 200 200 200 200 200",
        url=key_of_asha("reset"), readable=frozenset({"email"})),
    Row("POST", "recovery.set_password",    "303 303 303 303 303 303 303 303 303",
        url=key_of_asha("reset"), form=lambda _: {"password": "another three words"}),
    Row("GET", "recovery.invitation",       "200 200 200 200 200 200 200 200 200",
        url=key_of_asha("invitation"), readable=frozenset({"email", "name"})),
    Row("POST", "recovery.accept",          "422 422 422 422 422 422 422 422 422",
        url=key_of_asha("invitation"), readable=frozenset({"email", "name"})),
    Row("GET", "recovery.contact",          "200 200 200 200 200 200 200 200 200",
        url=key_of_asha("contact"), readable=frozenset({"email"})),
    Row("POST", "recovery.answer",          "303 303 303 303 303 303 303 303 303",
        url=key_of_asha("contact"), form=lambda _: {"answer": "yes"}),
    Row("POST", "lock.unlock",              "303 422 422 422 422 422 422 422 422"),
    Row("GET", "account.index",             "303 200 200 200 200 200 200 200 200"),
    Row("POST", "account.save",             "401 422 422 422 422 422 422 422 422"),
    Row("GET", "account.photo",             "404 404 404 404 404 404 404 404 404",
        url=user("asha"), case="of none"),
    Row("POST", "account.save_photo",       "401 422 422 422 422 422 422 422 422"),
    Row("POST", "account.remove_photo",     "401 303 303 303 303 303 303 303 303"),
    Row("GET", "account.change_contact",    "303 200 200 200 200 200 200 200 200", url=email),
    Row("POST", "account.send_code",        "401 422 422 422 422 422 422 422 422", url=email),
    Row("POST", "account.verify",           "401 303 303 303 303 303 303 303 303", url=email),
    Row("GET", "account.code",              "303 303 303 303 303 303 303 303 303", url=email),
    Row("POST", "account.prove",            "401 422 422 422 422 422 422 422 422",
        url=email, form=lambda _: {"code": "000000"}),
    Row("GET", "security.index",            "303 200 200 200 200 200 200 200 200"),
    Row("POST", "security.change_password", "401 422 422 422 422 422 422 422 422"),
    Row("POST", "security.end",             "401 404 404 404 404 404 404 404 404",
        url=lambda scene: {"key": scene.cast.harbour}),
    Row("POST", "security.end_others",      "401 303 303 303 303 303 303 303 303"),
    Row("GET", "security.two_factor_page",  "303 200 200 200 200 200 200 200 200"),
    Row("POST", "security.begin",           "401 303 303 303 303 303 303 303 303"),
    Row("POST", "security.switch_on",       "401 422 422 422 422 422 422 422 422"),
    Row("POST", "security.renew_codes",     "401 422 422 422 422 422 422 422 422"),
    Row("POST", "security.switch_off",      "401 422 422 422 422 422 422 422 422"),
]
# fmt: on
