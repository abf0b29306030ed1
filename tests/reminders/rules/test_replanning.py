"""A rule that changes: what is planned for visits to come follows, and nothing else."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.core.errors import Invalid, NotFound
from clinic.events import jobs as events
from clinic.events import tasks
from clinic.messaging.models import Message
from clinic.reminders import jobs as reminders
from clinic.reminders.errors import RuleTaken, TooManyRules
from clinic.reminders.keeping import steps as keeping
from clinic.reminders.models import Reminder, Replanning
from clinic.reminders.rules import queries, replan, service
from tests.cast import TODAY, at
from tests.crowd import at_once, faults
from tests.factories import book, known_to, scheduled, take
from tests.reminders.plan_helpers import ASHA, DR_CHANDRA, messages, plans, work

TOMORROW = at("11:00", TODAY + timedelta(days=1))
DAY_BEFORE = {"minutes_before": 1440, "channel": "email", "audience": "patient"}


@pytest.fixture
def visit(in_app, cast):
    visit = scheduled(cast.asha, cast.dr_chandra, TOMORROW)
    work()
    return visit


@pytest.fixture
def add(cast):
    def run(minutes=1440, channel="email", audience="patient", **more):
        values = {"minutes_before": minutes, "channel": channel, "audience": audience}
        return service.add(cast.harbour, values | more, cast.amir.actor)

    return run


def planned(visit):
    return {key for key, status in plans(visit).items() if status == "planned"}


def due(visit, rule):
    db.session.rollback()
    rows = sa.select(Reminder.due_at).where(
        Reminder.appointment_id == visit.id, Reminder.rule == rule
    )
    return db.session.scalars(rows).one()


def last(cast):
    return queries.progress(cast.harbour, cast.amir.actor)


def test_a_new_rule_reaches_visits_that_are_booked(visit, cast, add):
    elsewhere = scheduled(cast.bela, cast.dr_hana, at("04:00", TODAY + timedelta(days=1)))
    work()
    add()
    assert not last(cast).is_done
    work()
    assert planned(visit) == {("before_3h", "sms"), ("before_1440m", "email")}
    assert ("before_1440m", "email") not in plans(elsewhere)
    assert (last(cast).is_done, last(cast).planned, last(cast).withdrawn) == (True, 1, 0)
    assert due(visit, "before_1440m") == TOMORROW - timedelta(days=1)


def test_what_is_changed_switched_off_or_deleted_follows(visit, cast, add):
    rule = add()
    work()
    service.change(cast.harbour, rule, {"minutes_before": 90, "channel": "own"}, cast.amir.actor)
    work()
    assert planned(visit) == {("before_3h", "sms"), ("before_90m", "sms")}
    assert (last(cast).planned, last(cast).withdrawn) == (1, 1)
    service.change(cast.harbour, rule, {"is_active": False}, cast.amir.actor)
    work()
    assert planned(visit) == {("before_3h", "sms")}
    service.change(cast.harbour, rule, {"is_active": True}, cast.amir.actor)
    work()
    assert planned(visit) == {("before_3h", "sms"), ("before_90m", "sms")}
    service.remove(cast.harbour, rule, cast.amir.actor)
    work()
    assert plans(visit) == {("booked", "sms"): "queued", ("before_3h", "sms"): "planned"}


def test_a_note_alone_plans_nothing(visit, cast, add):
    rule = add(label="The day before")
    work()
    count = sa.select(sa.func.count()).select_from(Replanning)
    before = db.session.scalar(count)
    service.change(cast.harbour, rule, {"label": "Email"}, cast.amir.actor)
    service.change(cast.harbour, rule, DAY_BEFORE, cast.amir.actor)
    db.session.rollback()
    assert db.session.scalar(count) == before


def test_the_three_hours_stand_whatever_the_rules(visit, cast, add):
    service.remove(cast.harbour, add(180, "sms"), cast.amir.actor)
    add(180, "own")
    work()
    assert planned(visit) == {("before_3h", "sms")}  # not the same words twice


def test_what_is_sent_or_past_is_left_alone(visit, cast, add, monday_morning):
    rule = add(120, "email")
    work()
    monday_morning.move_to(TOMORROW - timedelta(minutes=110))
    work()
    service.remove(cast.harbour, rule, cast.amir.actor)
    add(150, "email")  # its time has passed
    work()
    assert plans(visit)["before_120m", "email"] == "queued"
    assert ("before_150m", "email") not in plans(visit)


def test_of_a_visit_that_ended_nothing_is_planned(visit, cast, add):
    take(visit, "cancel", by=cast.esha)
    add()
    work()
    assert planned(visit) == set()


def test_an_undone_check_in_brings_back_what_the_rules_say_by_now(in_app, cast, add):
    visit = scheduled(cast.asha, cast.dr_chandra, "11:30")
    old = add(120, "email")
    work()
    take(visit, "check_in", by=cast.esha)
    service.remove(cast.harbour, old, cast.amir.actor)
    add(90, "email")
    work()
    assert planned(visit) == set()
    take(visit, "undo_check_in", by=cast.esha)
    assert planned(visit) == {("before_3h", "sms"), ("before_90m", "email")}


def test_what_a_person_took_back_stays_so(visit, cast, add):
    rule = add()
    work()
    key = db.session.scalars(sa.select(Reminder.id).where(Reminder.rule == "before_1440m")).one()
    keeping.cancel(key, cast.esha.actor)
    service.change(cast.harbour, rule, {"is_active": False}, cast.amir.actor)
    work()
    service.change(cast.harbour, rule, {"is_active": True}, cast.amir.actor)
    work()
    assert plans(visit)["before_1440m", "email"] == "cancelled"


def test_quiet_hours_move_the_added_ones_alone(in_app, cast, add):
    visit = scheduled(cast.asha, cast.dr_chandra, at("09:00", TODAY + timedelta(days=1)))
    add(600, "email")  # 23:00
    work()
    assert due(visit, "before_600m") == at("08:00", TODAY + timedelta(days=1))
    assert due(visit, "before_3h") == at("06:00", TODAY + timedelta(days=1))
    service.set_quiet_hours(cast.harbour, {"quiet_to": 10 * 60}, cast.amir.actor)
    work()
    assert due(visit, "before_600m") == at("21:00")
    assert (last(cast).moved, due(visit, "before_3h").hour) == (1, 6)
    service.set_quiet_hours(cast.harbour, {"quiet_from": 600}, cast.amir.actor)  # none
    work()
    assert due(visit, "before_600m") == at("23:00")


def test_a_doctor_is_reminded_in_words_of_their_own(in_app, cast, add, monday_morning):
    add(60, "own", "doctor")
    visit = scheduled(cast.asha, cast.dr_chandra, "11:00")
    work()
    assert planned(visit) == {("before_3h", "sms"), ("doctor_before_60m", "sms")}
    monday_morning.move_to(at("10:00"))
    reminders.send_due()
    assert messages(visit, DR_CHANDRA) == [("doctor_reminder", "queued")]
    body = db.session.scalars(sa.select(Message.body).where(Message.address == DR_CHANDRA)).one()
    assert "11:00" in body
    assert "Asha" not in body
    assert [name for name, _ in messages(visit, ASHA)] == ["visit_booked", "visit_reminder"]


def test_what_rules_may_be(in_app, cast, add):
    first = add()
    with pytest.raises(RuleTaken):
        add()
    add(audience="doctor")
    other = add(2880)
    with pytest.raises(RuleTaken):
        service.change(cast.harbour, other, {"minutes_before": 1440}, cast.amir.actor)
    for wrong in ({"minutes_before": 29}, {"channel": "pigeon"}, {"label": "x" * 61}):
        with pytest.raises(Invalid):
            service.change(cast.harbour, first, wrong, cast.amir.actor)
    with pytest.raises(NotFound):
        service.change(cast.elsewhere, first, {"is_active": False}, cast.gita.actor)
    for minutes in range(7):
        add(60 + minutes)
    with pytest.raises(TooManyRules):
        add(300)


def test_many_visits_in_several_shares_and_a_later_change_takes_over(
    in_app, cast, add, monkeypatch, monday_morning
):
    monkeypatch.setattr(replan, "BATCH", 2)
    found = [
        scheduled(cast.asha, cast.dr_chandra, at(time, TODAY + timedelta(days=1)))
        for time in ("09:00", "09:30", "10:00", "10:30", "11:00")
    ]
    work()
    add(600, "email")
    monday_morning.shift(timedelta(seconds=1))
    add(90, "email")
    for _ in range(6):
        events.run_tasks()
    assert all(("before_90m", "email") in planned(visit) for visit in found)
    assert all(("before_600m", "email") in planned(visit) for visit in found)
    assert (last(cast).is_done, last(cast).planned) == (True, 10)


def test_who_books_while_a_rule_changes_gets_what_it_says_then(both, monday_morning):
    """Whichever comes first: no plan of a rule that is gone, none missing of one that is new."""
    cast, app = both.cast, both.app
    with app.app_context():
        known_to(cast.harbour, cast.asha)
        values = DAY_BEFORE | {"minutes_before": 90}
        rule = service.add(cast.harbour, values, cast.amir.actor)
        finish()
        db.session.remove()
    times = ("09:00", "09:30", "10:00", "10:30", "11:00")
    for number, time in enumerate(times):
        wanted = 100 + number

        def plan(time=time):
            book(cast.asha, cast.dr_chandra, at(time, TODAY + timedelta(days=1)), by=cast.esha)
            events.deliver_due()

        def change(wanted=wanted):
            service.change(cast.harbour, rule, {"minutes_before": wanted}, cast.amir.actor)
            tasks.run_due()

        answers = at_once(app, [plan, change, events.deliver_due])
        assert not faults(answers), answers
        with app.app_context():
            finish()
            rows = sa.select(Reminder.appointment_id, Reminder.rule).where(
                Reminder.rule.like("before_%m"), Reminder.status == "planned"
            )
            found = db.session.execute(rows).all()
            assert {row.rule for row in found} == {f"before_{wanted}m"}
            assert len(found) == number + 1
            db.session.remove()


def finish():
    for _ in range(4):
        events.deliver_due()
        tasks.run_due()
