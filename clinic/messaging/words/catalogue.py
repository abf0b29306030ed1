"""Every message that goes out, by the name of its folder in templates/messages."""

from dataclasses import dataclass

from clinic.core.errors import N_


@dataclass(frozen=True, slots=True)
class Template:
    """What is known of a message before anybody fills it."""

    title: str  # a msgid: what the desk calls it
    audience: str = "patient"
    invites: bool = False  # it asks its reader to come: untrue once the visit is cancelled
    gives_way: bool = False  # to codes, reminders and cancellations, where few more may go
    is_text: bool = True  # it can go by SMS and WhatsApp, not only as a letter
    answers: bool = False  # who has just written, so that WhatsApp asks for no template of it
    as_written: bool = False  # by a person: in as many parts as it takes
    may_be_refused: bool = False  # about no visit and no account: its reader may want no more
    may_shorten: tuple[str, ...] = ("organisation", "doctor", "place")  # never a time or a link


TEST = "channel_test"  # by it somebody proves that messages go and answers come
DESK_REPLY = "desk_reply"
TEMPLATES: dict[str, Template] = {
    "visit_booked": Template(N_("Booking confirmed"), invites=True, gives_way=True),
    "visit_requested": Template(N_("Request received"), invites=True, gives_way=True),
    "visit_reminder": Template(N_("Reminder"), invites=True),
    "visit_rescheduled": Template(N_("Visit moved"), invites=True, gives_way=True),
    "visit_cancelled": Template(N_("Visit cancelled")),
    "visit_not_accepted": Template(N_("Request not accepted")),
    "visit_missed": Template(N_("We missed you"), gives_way=True),
    "doctor_cancelled": Template(N_("To the doctor: cancelled"), audience="doctor"),
    "doctor_missed": Template(N_("To the doctor: no-show"), audience="doctor"),
    "doctor_rescheduled": Template(N_("To the doctor: moved"), audience="doctor"),
    "doctor_reminder": Template(N_("To the doctor: reminder"), audience="doctor"),
    "own_reminder": Template(
        N_("Reminder somebody wrote"), gives_way=True, as_written=True, may_be_refused=True
    ),
    DESK_REPLY: Template(N_("Reply from the desk"), answers=True, as_written=True, may_shorten=()),
    "invitation": Template(N_("Invitation to a colleague"), audience="staff", is_text=False),
    "webhook_paused": Template(N_("Webhook paused"), audience="staff", is_text=False),
    TEST: Template(N_("Test message"), answers=True),
    "code": Template(N_("Code to confirm an address")),
    "contact_changed": Template(N_("Address or number changed")),
    "two_factor_on": Template(N_("Two-factor switched on"), is_text=False),
    "two_factor_off": Template(N_("Two-factor switched off"), is_text=False),
    "recovery_codes_renewed": Template(N_("New recovery codes"), is_text=False),
    "recovery_code_used": Template(N_("Recovery code used"), is_text=False),
    "new_device": Template(N_("Log-in on a new device"), is_text=False),
    "password_changed": Template(N_("Password changed"), is_text=False),
    "reset": Template(N_("Link to a new password"), is_text=False),
}
# What a text can be as a template of WhatsApp: with buttons to answer, a link, or words alone.
ASKS, LINK, PLAIN = "asks", "link", "plain"
INBOUND = "inbound"  # stands where a template would, in the row of a text that came in
REFUSABLE = frozenset(name for name, template in TEMPLATES.items() if template.may_be_refused)
INVITING = frozenset(name for name, template in TEMPLATES.items() if template.invites)
_TITLES = {name: template.title for name, template in TEMPLATES.items()} | {INBOUND: N_("Answer")}


def title_of(name: str) -> str:
    """A msgid; the bare name for a template that an older or a newer version knew."""
    return _TITLES.get(name, name)
