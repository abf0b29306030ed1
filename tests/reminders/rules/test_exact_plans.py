"""Whatever happens to visits, their people and the rules: what is planned is what a plain reading
of the tables says, on both databases."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from clinic.appointments.booking import move
from clinic.appointments.models import Appointment
from clinic.appointments.steps import take as steps
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import ClinicError
from clinic.patients.models import PatientOrganisation
from clinic.patients.records import service as records
from clinic.reminders.keeping import steps as keeping
from clinic.reminders.models import Reminder, ReminderRule, ReminderSettings, Replanning
from clinic.reminders.rules import service
from tests.cast import NOW, TODAY, at
from tests.crowd import SIZE
from tests.factories import book, known_to
from tests.reminders.plan_helpers import work

LONDON = ZoneInfo("Europe/London")
TOMORROW = TODAY + timedelta(days=1)
STARTS = [at("11:00"), at("15:00"), at("09:00", TOMORROW), at("16:00", TOMORROW)]
MINUTES, CHANNELS = (60, 120, 180, 600, 1440), ("own", "sms", "email")
FEW = settings(
    max_examples=25 * SIZE,
    phases=[Phase.generate],  # a story takes a second: nobody waits until a failing one is short
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
WHICH = st.integers(0, 5)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("book"), st.sampled_from(STARTS)),
        st.tuples(st.just("move"), WHICH, st.sampled_from(STARTS)),
        st.tuples(
            st.just("take"),
            WHICH,
            st.sampled_from(["confirm", "cancel", "check_in", "undo_check_in"]),
        ),
        st.tuples(st.just("by_hand"), WHICH),
        st.tuples(
            st.just("add"),
            st.sampled_from(MINUTES),
            st.sampled_from(CHANNELS),
            st.sampled_from(["patient", "doctor"]),
        ),
        st.tuples(st.just("switch"), WHICH),
        st.tuples(st.just("change"), WHICH, st.sampled_from(MINUTES), st.sampled_from(CHANNELS)),
        st.tuples(st.just("remove"), WHICH),
        st.tuples(st.just("quiet"), st.sampled_from([0, 480, 840, 1260, 1380])),
        st.tuples(st.just("left"), st.booleans()),
        st.tuples(st.just("wait"), st.integers(1, 300)),
    ),
    min_size=4,
    max_size=14,
)


def test_what_is_planned_is_what_the_tables_say(both):
    with both.app.app_context():
        known_to(both.cast.harbour, both.cast.asha)

    @FEW
    @given(STEPS)
    def check(told):
        with both.app.app_context():
            empty(both.cast)
            moment, world = NOW, World(both.cast)
            for name, *values in told:
                if name == "wait":
                    moment += timedelta(minutes=values[0])
                with clock.travelled(moment):
                    world.take(name, values)
                    work()
                    work()
                    wanted, settled = expected(moment, world.by_hand)
                    found = {one for one in planned(moment) if one[:3] not in settled}
                    assert found == wanted, told
            db.session.remove()

    check()


class World:
    """What people do, one after the other; what is refused happens to nobody."""

    def __init__(self, cast):
        self.cast, self.by_hand = cast, set()

    def take(self, name, values):
        try:
            getattr(self, f"do_{name}")(*values)
        except ClinicError:
            db.session.rollback()

    def do_wait(self, minutes):
        pass

    def do_book(self, start):
        book(self.cast.asha, self.cast.dr_chandra, start, by=self.cast.esha)

    def do_move(self, which, start):
        if visit := pick(Appointment.id, which):
            move.reschedule(visit, start, self.cast.esha.actor)

    def do_take(self, which, step):
        if visit := pick(Appointment.id, which):
            steps.take(visit, step, self.cast.esha.actor)

    def do_by_hand(self, which):
        if key := pick(Reminder.id, which):
            keeping.cancel(key, self.cast.esha.actor)
            row = db.session.get(Reminder, key)
            self.by_hand.add((row.appointment_id, row.rule, row.channel))

    def do_add(self, minutes, channel, audience):
        values = {"minutes_before": minutes, "channel": channel, "audience": audience}
        service.add(self.cast.harbour, values, self.cast.amir.actor)

    def do_switch(self, which):
        if rule := pick(ReminderRule.id, which):
            turned = not db.session.get(ReminderRule, rule).is_active
            changes = {"is_active": turned}
            service.change(self.cast.harbour, rule, changes, self.cast.amir.actor)

    def do_change(self, which, minutes, channel):
        if rule := pick(ReminderRule.id, which):
            changes = {"minutes_before": minutes, "channel": channel}
            service.change(self.cast.harbour, rule, changes, self.cast.amir.actor)

    def do_remove(self, which):
        if rule := pick(ReminderRule.id, which):
            service.remove(self.cast.harbour, rule, self.cast.amir.actor)

    def do_quiet(self, begin):
        service.set_quiet_hours(self.cast.harbour, {"quiet_from": begin}, self.cast.amir.actor)

    def do_left(self, is_gone):
        changes = {"is_active": not is_gone}
        who, actor = self.cast.asha.patient_id, self.cast.esha.actor
        records.update(self.cast.harbour, who, changes, actor, "keep")


def pick(column, which):
    """Of the visits that are not over, of the rules, of the plans."""
    db.session.rollback()
    query = sa.select(column).order_by(column)
    if column is Appointment.id:
        query = query.where(Appointment.status != "cancelled")
    known = db.session.scalars(query).all()
    return known[which % len(known)] if known else None


def planned(moment):
    db.session.rollback()
    rows = db.session.scalars(
        sa.select(Reminder).where(
            Reminder.status == "planned",
            Reminder.due_at > moment,
            Reminder.rule.contains("before_", autoescape=True),
        )
    )
    return {(row.appointment_id, row.rule, row.channel, row.due_at) for row in rows}


def expected(moment, by_hand):
    """Read plainly: for each visit to come the three hours and the rules, quiet hours aside. And
    what is settled: sent already, or of a time that has passed since it was planned."""
    hours = db.session.scalar(sa.select(ReminderSettings))
    begin, end = (hours.quiet_from, hours.quiet_to) if hours else (1260, 480)
    rules = db.session.scalars(sa.select(ReminderRule).where(ReminderRule.is_active)).all()
    is_cared_for = db.session.scalar(sa.select(PatientOrganisation.is_active))
    found = set()
    for visit in db.session.scalars(sa.select(Appointment)):
        if visit.status not in ("pending", "scheduled", "confirmed"):
            continue
        three = visit.starts_at - timedelta(hours=3)
        plans = {("before_3h", visit.channel, three)} if is_cared_for else set()
        for rule in rules:
            due = aside(visit.starts_at, rule.minutes_before, begin, end)
            if rule.audience == "doctor":
                channel = "sms" if rule.channel == "own" else rule.channel
                plans.add((f"doctor_before_{rule.minutes_before}m", channel, due))
            elif is_cared_for:
                channel = visit.channel if rule.channel == "own" else rule.channel
                if (channel, due) != (visit.channel, three):
                    plans.add((f"before_{rule.minutes_before}m", channel, due))
        found |= {(visit.id, *one) for one in plans}
    told = db.session.scalars(sa.select(Reminder).where(Reminder.status.in_(("queued", "skipped"))))
    settled = {one[:3] for one in found if one[3] <= moment}
    settled |= {(row.appointment_id, row.rule, row.channel) for row in told}
    return {one for one in found if one[:3] not in by_hand | settled}, settled


def aside(start, minutes, begin, end):
    """Minute by minute to where it is not quiet."""
    due = at_first = start - timedelta(minutes=minutes)
    while is_quiet(due, begin, end):
        due += timedelta(minutes=1)
    if due < start:
        return due
    while is_quiet(at_first, begin, end):
        at_first -= timedelta(minutes=1)
    return at_first


def is_quiet(moment: datetime, begin: int, end: int) -> bool:
    local = moment.astimezone(LONDON)
    minute = local.hour * 60 + local.minute
    return begin < minute < end if begin <= end else minute > begin or minute < end


@transactional
def empty(cast):
    """As it was before anybody booked."""
    for model in (Reminder, ReminderRule, ReminderSettings, Replanning):
        db.session.execute(sa.delete(model))
    db.session.execute(sa.update(Appointment).values(status="cancelled"))
    link = sa.update(PatientOrganisation).where(
        PatientOrganisation.patient_id == cast.asha.patient_id
    )
    db.session.execute(link.values(is_active=True))
