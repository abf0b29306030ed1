"""The pages of reminders, as the desk and a patient use them, without a script."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db
from clinic.messaging import jobs as messaging
from clinic.reminders.models import OwnReminder, Reminder
from tests.cast import TODAY, at
from tests.factories import known_to, scheduled
from tests.pages import fields, soup, text_of
from tests.reminders.own_helpers import made, sent, tick
from tests.reminders.plan_helpers import work

DESK = {
    "title": "Flu jab", "message": "Flu jabs are free this week.", "type": "notification",
    "day": "2026-11-17", "time": "09:00", "again": "once", "method": "", "step": "save",
}  # fmt: skip


@pytest.fixture
def desk(app, cast, signed_in):
    with app.app_context():
        known_to(cast.harbour, cast.asha)
    return signed_in(cast.esha)


@pytest.fixture
def asha(app, cast, signed_in):
    return signed_in(cast.asha)


def only_one(app):
    """The one that people made."""
    with app.app_context():
        row = db.session.execute(
            sa.select(Reminder, OwnReminder).join(
                OwnReminder, OwnReminder.reminder_id == Reminder.id
            )
        ).one()
        db.session.expunge_all()
        return row


def test_the_desk_writes_to_all_every_week_by_whatsapp(app, cast, desk):
    answer = desk.post(
        "/reminders/new",
        data=DESK | {"to": "all", "again": "week", "days": ["1", "3"], "until": "2026-12-24",
                     "method": "whatsapp"},
    )  # fmt: skip
    assert answer.status_code == 303
    reminder, own = only_one(app)
    assert (own.recurrence, own.choice) == (
        "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261224", {"everyone": True},
    )  # fmt: skip
    assert reminder.due_at == at("09:00", TODAY + timedelta(days=1))
    page = desk.get(answer.location)
    assert "All active patients" in text_of(page)
    assert "Every week on Tue, Thu until Thu 24 Dec" in text_of(page)
    with app.app_context(), clock.travelled(reminder.due_at):
        tick(reminder.due_at)
        messaging.deliver_due()
    page = text_of(desk.get(answer.location))
    assert "Asha Rao" in page
    assert "Delivered" in page
    assert "Tue 17 Nov, 09:00" in page
    assert "Flu jab" in text_of(desk.get("/reminders/"))


def test_a_patient_is_found_and_chosen(app, cast, desk):
    page = desk.post("/reminders/new", data=DESK | {"to": "one", "find": "asha", "step": "find"})
    assert page.status_code == 200
    sent = fields(page, "/reminders/new")
    assert (sent["patient"], sent["title"]) == (str(cast.asha.patient_id), "Flu jab")
    assert desk.post("/reminders/new", data=DESK | sent).status_code == 303
    assert only_one(app)[0].patient_id == cast.asha.patient_id


def test_from_the_page_of_a_patient(app, cast, desk):
    page = desk.get(f"/patients/{cast.asha.patient_id}")
    link = soup(page).find("a", string="Remind")["href"]
    form = desk.get(link)
    assert "One patient: Asha Rao" in text_of(form)
    assert (
        desk.post(
            "/reminders/new",
            data=DESK | {"to": "one", "patient": fields(form, "/reminders/new")["patient"]},
        ).status_code
        == 303
    )


def test_nobody_of_elsewhere_is_named(cast, desk):
    page = desk.get(f"/reminders/new?patient={cast.bela.patient_id}")
    assert "Bela" not in text_of(page)
    answer = desk.post(
        "/reminders/new", data=DESK | {"to": "one", "patient": str(cast.bela.patient_id)}
    )
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"title": ""}, "title", "Enter a title"),
        ({"message": ""}, "message", "Enter what it says"),
        ({"day": "x"}, "day", "Choose a day"),
        ({"time": "25:00"}, "time", "Choose a time such as 09:00"),
        ({"day": "2026-11-15"}, "day", "Choose a time that has not passed."),
        ({"to": "one"}, "find", "Find the patient, and choose them"),
        ({"to": "of_doctor"}, "doctor", "Choose a doctor"),
        ({"to": "visits"}, "visits_from", "Choose a first and a last day"),
        ({"to": "address"}, "address", "Enter a number or an address"),
        ({"to": "address", "address": "12"}, "address", "Enter a number such as"),
        ({"to": "nobody"}, "to", "Choose who gets it"),
        ({"again": "day", "until": "2026-11-01"}, "again", "no reminder would ever go out"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(app, desk, wrong, field, words):
    page = desk.post("/reminders/new", data=DESK | {"to": "me"} | wrong)
    assert page.status_code == 422
    assert words in soup(page).find(id=f"{field}-error").get_text()
    kept = fields(page, "/reminders/new")
    assert kept["title"] == (DESK | wrong)["title"]


def test_how_it_reads_before_it_is_saved(app, desk):
    data = DESK | {"to": "all", "step": "preview", "message": "m" * 200, "method": "sms"}
    page = text_of(desk.post("/reminders/new", data=data))
    assert "Harbour Clinic: Flu jab. mmm" in page
    assert "2 texts to each person (225 characters, GSM-7)" in page
    assert "Goes to 1 person now." in page
    with app.app_context():
        assert db.session.scalars(sa.select(Reminder.id)).all() == []


def test_a_change_of_words_keeps_the_time(app, cast, desk):
    with app.app_context():
        key = made(cast.esha, at("12:00") + timedelta(seconds=7), choice={"everyone": True},
                   recurrence="FREQ=DAILY;COUNT=3", details={"ref": "x"})  # fmt: skip
    path = f"/reminders/{key}/edit"
    form = fields(desk.get(path), path)
    assert (form["again"], form["to"]) == ("kept", "all")
    assert desk.post(path, data=form | {"title": "Other", "step": "save"}).status_code == 303
    reminder, own = only_one(app)
    assert (own.title, own.recurrence, own.details) == ("Other", "FREQ=DAILY;COUNT=3", {"ref": "x"})
    assert reminder.due_at == at("12:00") + timedelta(seconds=7)


def test_paused_resumed_sent_now_and_cancelled(app, cast, desk):
    with app.app_context():
        key = made(cast.esha, at("12:00"), choice={"everyone": True}, recurrence="FREQ=DAILY")
    page = f"/reminders/{key}"
    for act, words in (
        ("pause", "Paused. It waits"), ("resume", "It goes on."), ("send-now", "On its way."),
        ("cancel", "Cancelled. It is not sent any more."),
    ):  # fmt: skip
        answer = desk.post(f"{page}/{act}")
        assert answer.status_code == 303
        assert words in text_of(desk.get(answer.location))
    again = desk.post(f"{page}/send-now")
    assert again.status_code == 409
    assert "It is too late" in text_of(again)
    with app.app_context():
        assert [one.status for one in sent(key)] == ["cancelled"]
    assert "Flu jab" not in text_of(desk.get("/reminders/"))
    assert "Tablets" in text_of(desk.get("/reminders/?when=past"))


def test_a_patient_reminds_themselves(app, cast, asha):
    page = asha.get("/me/reminders")
    assert "No reminders to come" in text_of(page)
    form = fields(asha.get("/me/reminders/new"), "/me/reminders/new")
    assert "to" not in form
    answer = asha.post(
        "/me/reminders/new",
        data=form | {"title": "Tablets", "message": "Take one.", "type": "medication",
                     "day": "2026-11-16", "time": "20:00", "again": "day", "step": "save"},
    )  # fmt: skip
    assert answer.status_code == 303
    reminder, own = only_one(app)
    assert (reminder.patient_id, own.recurrence) == (cast.asha.patient_id, "FREQ=DAILY")
    assert "Every day" in text_of(asha.get(answer.location))
    with app.app_context():
        tick(at("20:00"))
        assert [one.address for one in sent(reminder.id)] == ["+447700900000"]


def test_the_list_goes_on(app, cast, desk):
    with app.app_context():
        for number in range(27):
            made(cast.esha, at("12:00") + timedelta(minutes=number), title=f"N{number:02}")
    page = desk.get("/reminders/")
    more = soup(page).find("a", string="More reminders")["href"]
    found = re.findall(r"N\d\d", text_of(page) + text_of(desk.get(more)))
    assert found == [f"N{number:02}" for number in range(27)]
    assert "Nothing matches" in text_of(desk.get("/reminders/?kind=deadline"))


def test_of_a_visit_the_list_says_which(app, cast, desk, asha):
    with app.app_context():
        scheduled(cast.asha, cast.dr_chandra, at("09:00", TODAY + timedelta(days=3)))
        work()
    for there in (desk.get("/reminders/?visits=1"), asha.get("/me/reminders/")):
        assert "Reminder: Dr Chandra Iyer, Thu 19 Nov, 09:00" in text_of(there)
