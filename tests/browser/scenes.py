"""Every page there is, and every state of one that looks different, by name."""

from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from playwright.sync_api import Page, expect

from clinic.accounts.proof.keys import Purpose
from clinic.factory import create_app
from tests.browser.clinic import Clinic
from tests.browser.scene import Scene
from tests.browser.scenes_of_reminders import OF_REMINDERS
from tests.cast import PASSWORD, Person
from tests.conftest import settings_for

RECOVERY_CODES: list[str] = []  # of the careful one: each works once, and new ones end them


class Town:
    """A clinic with a full day behind and before it."""

    def __init__(self, clinic: Clinic, folder: Path) -> None:
        self.clinic = clinic
        self.people = {
            "doctor": clinic.doctor("Ines Okafor-Lindqvist", "orthopaedics", "physiotherapy"),
            "idle doctor": clinic.doctor("Tom Idle", "ophthalmology", is_open=False),
            "desk": clinic.desk("Frances Desk"),
            "admin": clinic.admin("Amir Admin"),
            "superadmin": clinic.superadmin("Gita Root"),
            "patient": clinic.patient("Maximiliane Oberhauser"),
            "new patient": clinic.patient("Wu Li"),
            "stranger": clinic.stranger("Sigrun Strangeways"),
            "careful": clinic.desk("Carla Careful"),
            "sleeper": clinic.desk("Sita Sleeper"),
        }
        doctor, patient = self.people["doctor"], self.people["patient"]
        self._fill_the_day(doctor)
        RECOVERY_CODES[:] = clinic.give_two_factor(self.people["careful"])
        invited = clinic.desk("Ina Invited")
        coming = [clinic.visit(patient, doctor, clinic.at("10:00", days=n)) for n in (2, 3, 9)]
        cancelled = clinic.visit(patient, doctor, clinic.at("11:00", days=4), "cancel")
        clinic.take(coming[1], "confirm", doctor)
        silent = clinic.without_texts(clinic.patient("Sten Stille"))
        clinic.visit(silent, doctor, clinic.at("16:00", days=5))
        held = clinic.visit(self.people["stranger"], doctor, clinic.at("16:30", days=5))
        failed = clinic.waiting_message(coming[2])
        clinic.report_unreachable(failed)
        gone = clinic.doctor("Gwen Gone", "nephrology")
        left = clinic.visit(patient, gone, clinic.at("09:00", days=11))
        clinic.leaves(gone, "keep")
        reminder = clinic.reminds(self.people["desk"], choice={"everyone": True})
        own = clinic.reminds(patient)
        self.words = {
            "reminder": reminder,
            "own reminder": own,
            "place": clinic.place_id,
            "left": left.id,
            "left link": f"/visit/{clinic.token_of(left)}",
            "doctor": doctor.doctor_id,
            "staff": self.people["desk"].user_id,
            "administrator": self.people["admin"].user_id,
            "organisation": clinic.organisation_id,
            "idle": self.people["idle doctor"].doctor_id,
            "visit": coming[0].id,
            "person": patient.patient_id,
            "silent": silent.patient_id,
            "held": held.id,
            "held link": f"/visit/{clinic.token_of(held)}",
            "free": _iso(clinic.at("15:30", days=1)),
            "taken": _iso(coming[0].starts_at),
            "quiet": f"{clinic.at('12:00', days=20):%Y-%m-%d}",
            "phone": quote(clinic.phone_of(patient)),
            "story": failed,
            "conversation": clinic.text_from(
                clinic.patient("Wren Writes"), "Can somebody call me?"
            ),
            "link": f"/visit/{clinic.token_of(coming[0])}",
            "confirmed link": f"/visit/{clinic.token_of(coming[1])}",
            "cancelled link": f"/visit/{clinic.token_of(cancelled)}",
            "careful": self.people["careful"].email,
            "reset": clinic.link_of(invited, Purpose.RESET),
            "invitation": clinic.link_of(invited, Purpose.INVITATION),
            "contact": clinic.link_of(invited, Purpose.CONTACT),
        }
        self.without_database = _page_without_database(folder)

    def _fill_the_day(self, doctor: Person) -> None:
        day = {
            "09:00": ("check_in", "start", "complete"),
            "09:30": ("no_show",),
            "10:00": ("cancel",),
            "10:30": ("check_in", "start"),
            "11:00": ("check_in",),
            "11:30": (),
            "14:00": ("confirm",),
            "14:30": (),
        }
        for number, (wall, names) in enumerate(day.items()):
            person = self.clinic.patient(f"Bartholomew Ashworth-Featherstone {number}")
            self.clinic.visit(person, doctor, self.clinic.at(wall), *names)

    def person(self, who: str) -> Person | None:
        return self.people[who] if who else None

    def path(self, scene: Scene) -> str:
        return scene.path.format(**self.words)


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%MZ}"


def _page_without_database(folder: Path) -> str:
    """What the product answers when nothing can be read: 503."""
    answer = create_app(settings_for(folder)).test_client().get("/")
    assert answer.status_code == 503
    return answer.text


def _book_what_was_taken(page: Page) -> None:
    """The form asks for a time that was sold while the reason was typed."""
    taken = parse_qs(urlsplit(page.url).query)["taken"][0]
    page.get_by_label("What is the appointment about?").fill("Knee")
    page.locator("#confirm [name=start]").evaluate("(field, taken) => field.value = taken", taken)
    page.get_by_role("button", name="Book appointment").click()
    expect(page.locator("#choices")).to_be_visible()


def _send_without_reason(page: Page) -> None:
    page.get_by_label("What is the appointment about?").fill(" ")
    page.get_by_role("button", name="Book appointment").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def _find_a_caller(page: Page) -> None:
    """On a phone the page's own field, on a desktop the one that is on every page."""
    on_top = page.locator("#top-q")
    on_top = on_top if on_top.is_visible() else page.locator("#q")
    on_top.press_sequentially("oberhauser")
    link = page.get_by_role("link", name="Maximiliane Oberhauser", exact=True)
    expect(link.first).to_be_visible()


def _register_nobody(page: Page) -> None:
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def _enter_a_wrong_code(page: Page) -> None:
    page.locator("main [name=code]").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def _book_a_second_one(page: Page) -> None:
    page.get_by_label("What is the appointment about?").fill("Knee")
    page.get_by_role("button", name="Book appointment").click()
    expect(page.get_by_role("link", name="Enter the code")).to_be_visible()


def _log_in_wrongly(page: Page) -> None:
    page.get_by_label("Email address").fill("nobody@visitors.example")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def _sign_up_wrongly(page: Page) -> None:
    page.get_by_label("Full name").fill("Wanda Wrong")
    page.get_by_label("Email address").fill("wanda@visitors.example")
    page.get_by_label("Mobile number").fill("12")
    page.get_by_label("Password").fill("long enough")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def _log_in_half(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()


def _choose_an_easy_password(page: Page) -> None:
    page.get_by_role("textbox", name="New password").fill("password")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def _save_without_name(page: Page) -> None:
    page.get_by_label("Full name").fill(" ")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def _ask_for_a_code(page: Page) -> None:
    page.get_by_role("button", name="Send a code").last.click()
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()


def _begin_two_factor(page: Page) -> None:
    begin = page.get_by_role("button", name="Set up two-factor")
    if begin.is_visible():
        begin.click()
    expect(page.locator("svg.qr")).to_be_visible()


def _make_codes(page: Page) -> None:
    page.locator("[name=renew-code]").fill(RECOVERY_CODES[0])
    page.locator("[name=renew-password]").fill(PASSWORD)
    page.get_by_role("button", name="Make new codes").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    RECOVERY_CODES[:] = page.locator("ol.codes code").all_inner_texts()


def _wait_too_long(page: Page) -> None:
    page.locator("#lock-dialog").evaluate("(dialog) => { dialog.dataset.idle = 0; }")
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()


def _ask_to_cancel(page: Page) -> None:
    page.get_by_role("main").get_by_role("link", name="Cancel").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _open_menu(page: Page) -> None:
    page.locator("main details.menu summary").first.click()
    expect(page.locator("main details[open] .menu-list")).to_be_visible()


def _open_account_menu(page: Page) -> None:
    page.locator("header details.menu summary").first.click()


def _search(page: Page) -> None:
    page.get_by_label("Name, specialty or problem").fill("zzzz")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#results .empty")).to_be_visible()


def _answer(page: Page) -> None:
    expect(page.locator("#thread .msg").first).to_be_visible()
    page.get_by_label("Your text").fill("Where is Quay Street?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#thread .msg").last).to_contain_text("your message is with the desk")


def _invite_wrongly(page: Page) -> None:
    page.get_by_label("Full name").fill("Wanda Wrong")
    page.get_by_label("Email address").fill("wanda@visitors.example")
    page.get_by_label("Mobile number").fill("12")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def _save_rules(page: Page) -> None:
    page.get_by_label("Bookable ahead (days)").fill("60")
    page.get_by_role("button", name="Save the booking rules").click()
    expect(page.locator("#toasts .toast")).to_contain_text("Saved.")


def _save_no_profile(page: Page) -> None:
    page.get_by_label("Licence number").fill(" ")
    page.get_by_role("button", name="Save the profile").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def _publish_nothing(page: Page) -> None:
    page.get_by_role("button", name="Publish the hours").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


NEW = "/appointments/new?doctor={doctor}&start={free}"
NEXT = "?next=/appointments/new%3Fdoctor%3D{doctor}%26start%3D{free}"

SCENES = [
    Scene("landing", "/"),
    Scene("results", "/?specialisation=orthopaedics&part=afternoon"),
    Scene("results of a patient", "/", "patient", _open_account_menu),
    Scene("results at the desk", "/?specialisation=orthopaedics", "desk", _open_account_menu),
    Scene("nothing found", "/", act=_search),
    Scene("week", "/doctors/{doctor}"),
    Scene("week at the desk", "/doctors/{doctor}", "desk"),
    Scene("empty week", "/doctors/{idle}"),
    Scene("who", NEW),
    Scene("login", "/login" + NEXT),
    Scene("login failed", "/login", act=_log_in_wrongly, expects=(422,)),
    Scene("login with a code", "/login?email={careful}", act=_log_in_half),
    Scene("forgot", "/forgot"),
    Scene("forgot and sent", "/forgot/sent"),
    Scene("reset", "{reset}"),
    Scene("reset failed", "{reset}", act=_choose_an_easy_password, expects=(422,)),
    Scene("reset spent", "/reset/AAAAAAAAAAAAAAAAAAAAAA", status=400),
    Scene("another address", "{contact}"),
    Scene("another address spent", "/contact/AAAAAAAAAAAAAAAAAAAAAA", status=400),
    Scene("invitation", "{invitation}"),
    Scene("invitation spent", "/invitation/AAAAAAAAAAAAAAAAAAAAAA", status=400),
    Scene("account", "/account/", "patient", _open_account_menu),
    Scene("account of a doctor", "/account/", "doctor"),
    Scene("account failed", "/account/", "patient", _save_without_name, expects=(422,)),
    Scene("new email", "/account/email", "patient"),
    Scene("new number", "/account/phone", "desk"),
    Scene("code of a number", "/account/", "stranger", _ask_for_a_code),
    Scene("devices", "/account/security", "desk"),
    Scene("no two-factor", "/account/two-factor", "patient"),
    Scene("two-factor begun", "/account/two-factor", "new patient", _begin_two_factor),
    Scene("two-factor", "/account/two-factor", "careful"),
    Scene("recovery codes", "/account/two-factor", "careful", _make_codes),
    Scene("locked", "/board/", "sleeper", status=401, asleep=True),
    Scene("locked in place", "/appointments/", "patient", _wait_too_long),
    Scene("locked at the desk", "/board/", "desk", _wait_too_long),
    Scene("signup", "/signup" + NEXT),
    Scene("privacy notice", "/privacy", "patient"),
    Scene("signup failed", "/signup", act=_sign_up_wrongly, expects=(422,)),
    Scene("confirm", NEW, "patient"),
    Scene("confirm failed", NEW, "patient", _send_without_reason, expects=(422,)),
    Scene("confirm at the desk", NEW + "&find=Oberhauser", "desk"),
    Scene("time gone", "/appointments/new?doctor={doctor}&start={taken}", status=409),
    Scene(
        "time taken meanwhile",
        NEW + "&taken={taken}",
        "new patient",
        _book_what_was_taken,
        expects=(409,),
    ),
    Scene("done", "/appointments/{visit}/done", "patient"),
    Scene("held", "/appointments/{held}/done", "stranger"),
    Scene("code", "/appointments/code", "stranger"),
    Scene("wrong code", "/appointments/code", "stranger", _enter_a_wrong_code, expects=(422,)),
    Scene("second one", NEW, "stranger", _book_a_second_one, expects=(409,)),
    Scene("held in the list", "/appointments/", "stranger"),
    Scene("held by link", "{held link}"),
    Scene("appointments", "/appointments/", "patient", _open_menu),
    Scene("no appointments", "/appointments/", "new patient"),
    Scene("cancel", "/appointments/{visit}/cancel", "patient"),
    Scene("move", "/appointments/{visit}/reschedule", "patient"),
    Scene("move at the desk", "/appointments/{visit}/reschedule?day={quiet}", "desk"),
    Scene("cancel in a dialog", "/appointments/", "patient", _ask_to_cancel),
    Scene("board", "/board/", "doctor", _open_menu),
    Scene("board of the desk", "/board/", "desk"),
    Scene("empty board", "/board/?day={quiet}", "doctor"),
    Scene("patients", "/patients/?q=ashworth", "desk"),
    Scene("no patients", "/patients/?q=nobody+here", "desk"),
    Scene("a caller", "/patients/", "desk", _find_a_caller),
    Scene("a patient", "/patients/{person}", "desk"),
    Scene("a patient without texts", "/patients/{silent}", "desk"),
    Scene("a patient of everybody", "/patients/{person}", "superadmin"),
    Scene("register", "/patients/new?find=Nobody", "desk"),
    Scene("register failed", "/patients/new", "desk", _register_nobody, expects=(422,)),
    Scene("doctors for a patient", "/?patient={person}", "desk"),
    Scene("deaths to confirm", "/patients/deaths", "desk"),
    Scene("profile", "/doctors/{doctor}/profile", "doctor"),
    Scene("profile failed", "/doctors/{idle}/profile", "admin", _save_no_profile, expects=(422,)),
    Scene("schedule", "/schedules/", "doctor"),
    Scene("no hours", "/schedules/?doctor={idle}", "admin"),
    Scene("hours failed", "/schedules/?doctor={idle}", "admin", _publish_nothing, expects=(422,)),
    Scene("left behind", "/board/left/", "desk"),
    Scene("move of who was left behind", "/appointments/{left}/reschedule", "desk"),
    Scene("left behind by link", "{left link}"),
    Scene("move to a colleague by link", "{left link}/reschedule"),
    Scene("schedule at the desk", "/schedules/", "desk"),
    *OF_REMINDERS,
    Scene("messages", "/messages/", "desk"),
    Scene("no messages found", "/messages/?address=zzzz", "desk"),
    Scene("story", "/messages/{story}", "desk"),
    Scene("conversations", "/inbox/?show=all", "desk"),
    Scene("conversation", "/inbox/{conversation}", "desk"),
    Scene("saved replies", "/inbox/replies/", "desk"),
    Scene("hours of the desk", "/inbox/hours/", "admin"),
    Scene("inbox", "/dev/inbox?phone={phone}", act=_answer),
    Scene("visit by its link", "{link}"),
    Scene("confirmed visit", "{confirmed link}"),
    Scene("cancelled visit", "{cancelled link}"),
    Scene("cancel by link", "{link}/cancel"),
    Scene("move by link", "{link}/reschedule"),
    Scene("old link", "/visit/AAAAAAAAAAAAAAAAAAAAAA", status=404),
    Scene("health", "/admin/health", "admin"),
    Scene("users", "/admin/users/", "admin"),
    Scene("all users", "/admin/users/?role=doctor", "superadmin"),
    Scene("a user", "/admin/users/{staff}", "admin"),
    Scene("own user", "/admin/users/{administrator}", "admin"),
    Scene("invite", "/admin/users/new", "superadmin"),
    Scene("invite failed", "/admin/users/new", "admin", _invite_wrongly, expects=(422,)),
    Scene("invite a doctor", "/admin/users/new?role=doctor", "admin"),
    Scene("settings", "/admin/settings", "admin", _save_rules),
    Scene("a place", "/admin/organisations/{organisation}/locations/{place}", "admin"),
    Scene("senders", "/admin/senders/", "admin"),
    Scene("wording", "/admin/templates/visit_reminder/sms", "admin"),
    Scene("messaging", "/admin/messaging/", "admin"),
    Scene("first steps", "/admin/welcome", "admin"),
    Scene("organisations", "/admin/organisations/", "superadmin"),
    Scene("an organisation", "/admin/organisations/{organisation}", "superadmin"),
    Scene("new organisation", "/admin/organisations/new", "superadmin"),
    Scene("clinic signup", "/signup/clinic"),
    Scene("no such page", "/no-such-page", status=404),
    Scene("not for patients", "/board/", "patient", status=403),
    Scene("unreadable", "/board/?day=someday", "desk", status=400),
    Scene("no database", "/", status=503),
]
