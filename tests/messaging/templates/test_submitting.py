"""Our texts are handed in once, and what WhatsApp says of them is read."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.admin import queries as admin
from clinic.core.data.db import db, transactional
from clinic.core.errors import Unavailable
from clinic.messaging import jobs
from clinic.messaging.channels import contents
from clinic.messaging.templates import queries, service
from clinic.messaging.templates.definitions import DEFINITIONS
from clinic.messaging.templates.models import WhatsAppTemplate
from tests.fakes.twilio import TOKEN

ALL = len(DEFINITIONS)


def statuses():
    return {one.status for one in queries.standing()}


def posts(twilio):
    return [one for one in twilio.account.requests if one["method"] == "POST"]


def light(cast):
    lights = admin.health(cast.gita.actor)
    return [one for one in lights if one.name is admin.Name.WHATSAPP_TEMPLATES]


def test_each_is_created_and_handed_in_once(chats):
    assert statuses() == {"not_submitted"}
    assert service.submit() == ALL
    assert (statuses(), len(posts(chats))) == ({"received"}, 2 * ALL)
    assert service.submit() == 0
    assert len(posts(chats)) == 2 * ALL
    known = chats.account.contents.known.values()
    assert {one.category for one in known} == {"UTILITY", "AUTHENTICATION"}


def test_a_death_in_the_middle_doubles_nothing(chats, monkeypatch):
    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(service, "_keep", die)
        with pytest.raises(KeyboardInterrupt):
            service.submit()
    assert len(chats.account.contents.known) == 1
    assert service.submit() == ALL
    assert (len(chats.account.contents.known), statuses()) == (ALL, {"received"})


def test_one_that_is_refused_stops_no_other_and_may_be_tried_again(chats, monkeypatch):
    create = contents.create

    def refuse_one(settings, name, *rest):
        if name.startswith("visit_missed"):
            raise contents.NotTaken("20001: too long")
        return create(settings, name, *rest)

    with monkeypatch.context() as refusing:
        refusing.setattr(contents, "create", refuse_one)
        assert service.submit() == ALL
    (bad,) = [one for one in queries.standing() if one.status == "rejected"]
    assert (bad.template, bad.reason) == ("visit_missed", "20001: too long")
    assert (service.submit(), statuses()) == (1, {"received"})


def test_the_tick_reads_what_whatsapp_says_and_the_light_goes_out(chats, cast, monday_morning):
    assert [(one.level, one.number) for one in light(cast)] == [("warning", ALL)]
    service.submit()
    assert jobs.check_templates() == 0
    chats.account.contents.decide("approved")
    chats.account.contents.decide("rejected", "visit_missed", "INVALID_FORMAT")
    assert jobs.check_templates() == ALL
    (bad,) = [one for one in queries.standing() if not one.is_approved]
    assert (bad.template, bad.status, bad.reason) == ("visit_missed", "rejected", "INVALID_FORMAT")
    assert [(one.level, one.number) for one in light(cast)] == [("warning", 1)]
    chats.account.contents.decide("approved", "visit_missed")
    asked = len(chats.account.requests)
    assert (jobs.check_templates(), len(chats.account.requests)) == (0, asked)  # once a day
    monday_morning.shift(timedelta(days=1, minutes=1))
    assert jobs.check_templates() == 1
    assert [(one.level, one.number) for one in light(cast)] == [("ok", 0)]


def test_where_nothing_goes_by_whatsapp_there_is_no_light(twilio, cast):
    assert light(cast) == []


def test_a_provider_that_is_away_changes_nothing(approved, monday_morning):
    monday_morning.shift(timedelta(days=2))
    approved.change_token("another token")
    assert (jobs.check_templates(), statuses()) == (0, {"approved"})
    with pytest.raises(Unavailable):
        service.check()
    approved.change_token(TOKEN)
    assert jobs.check_templates() == 0


def test_without_a_provider_nothing_is_handed_in(in_app):
    with pytest.raises(Unavailable):
        service.submit()
    assert service.check() == 0


def test_by_the_command_line(in_app, chats):
    run = in_app.test_cli_runner().invoke
    handed_in = run(args=["whatsapp-templates", "submit"])
    assert (handed_in.exit_code, handed_in.output) == (0, f"{ALL} handed in\n")
    waiting = run(args=["whatsapp-templates", "status"])
    assert waiting.exit_code == 1
    assert "received       visit_reminder, asks, en\n" in waiting.output
    chats.account.contents.decide("approved")
    assert run(args=["whatsapp-templates", "status"]).exit_code == 0


def test_an_older_wording_goes_until_the_new_one_is_approved(approved, in_app, monkeypatch):
    monkeypatch.setitem(in_app.config, "PUBLIC_BASE_URL", "https://moved.example")
    with_link = sum("token" in one.variables for one in DEFINITIONS)
    assert service.submit() == with_link
    rows = db.session.scalars(sa.select(WhatsAppTemplate)).all()
    assert len(rows) == ALL + with_link
    assert queries.missing() == with_link
    transactional(db.session.execute)(sa.delete(WhatsAppTemplate))
