"""Which messages a visit gets and when: pure."""

from datetime import timedelta

import pytest

from clinic.reminders.visits import planning
from clinic.reminders.visits.planning import Rule, expires, plan, template_of
from tests.cast import NOW, at

HOUR = timedelta(hours=1)
DAY_BEFORE = Rule(24 * 60, "email")


def planned(starts_in, channel="sms", rules=(), news=planning.BOOKED):
    """`[(rule, channel, hours from now)]`"""
    dues = plan(NOW, NOW + starts_in, channel, rules, news)
    return [(due.rule, due.channel, (due.at - NOW) / HOUR) for due in dues]


BOOKED = ("booked", "sms", 0)


@pytest.mark.parametrize(
    ("starts_in", "rules", "expected"),
    [
        (4 * HOUR, (), [BOOKED, ("before_3h", "sms", 1)]),
        (3 * HOUR, (), [BOOKED, ("before_3h", "sms", 0)]),
        (3 * HOUR - timedelta(seconds=1), (), [BOOKED]),
        (HOUR, (), [BOOKED]),
        (
            48 * HOUR,
            (DAY_BEFORE,),
            [BOOKED, ("before_3h", "sms", 45), ("before_1440m", "email", 24)],
        ),
        (12 * HOUR, (DAY_BEFORE,), [BOOKED, ("before_3h", "sms", 9)]),
        (2 * HOUR, (Rule(60, "sms"),), [BOOKED, ("before_60m", "sms", 1)]),
        (
            5 * HOUR,
            (Rule(180, "sms"), Rule(180, "email")),
            [BOOKED, ("before_3h", "sms", 2), ("before_180m", "email", 2)],
        ),
    ],
)
def test_a_booking_is_confirmed_at_once_and_reminded_while_there_is_time(
    starts_in, rules, expected
):
    assert planned(starts_in, rules=rules) == expected


@pytest.mark.parametrize("news", [planning.REQUESTED, planning.RESCHEDULED])
def test_a_request_or_a_move_says_that_it_is_one(news):
    assert planned(4 * HOUR, news=news) == [(news, "sms", 0), ("before_3h", "sms", 1)]


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "email"])
def test_the_patients_channel_is_used_for_what_everybody_gets(channel):
    assert {used for _, used, _ in planned(4 * HOUR, channel)} == {channel}


@pytest.mark.parametrize(
    ("rule", "template"),
    [
        ("booked", "visit_booked"),
        ("requested", "visit_requested"),
        ("before_3h", "visit_reminder"),
        ("before_1440m", "visit_reminder"),
        ("cancelled", "visit_cancelled"),
        ("not_accepted", "visit_not_accepted"),
        ("missed", "visit_missed"),
        ("doctor_cancelled", "doctor_cancelled"),
        ("doctor_missed", "doctor_missed"),
    ],
)
def test_each_rule_has_its_words(rule, template):
    assert template_of(rule) == template


@pytest.mark.parametrize("rule", ["booked", "requested", "before_3h", "before_1440m"])
def test_what_invites_is_useless_once_the_visit_begins(rule):
    assert expires(rule, at("09:00"), NOW) == at("09:00")


@pytest.mark.parametrize("rule", sorted(planning.STILL_TRUE_AFTER_START))
def test_what_tells_of_an_end_stays_true_for_a_day(rule):
    assert expires(rule, at("09:00"), at("09:20")) == at("09:20") + timedelta(days=1)
