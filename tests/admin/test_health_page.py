"""The lights of the system, for administrators and superadmins."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.appointments.holding import hold as holding
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.work import heartbeat
from clinic.events import jobs
from clinic.messaging.models import HeldSender
from clinic.messaging.senders import held
from clinic.messaging.senders.held import Met
from tests.conftest import client_of
from tests.events.rows import about, wait
from tests.factories import book, unproven
from tests.messaging.ledger_helpers import queued
from tests.pages import HTMX, is_whole_page, root_id, soup, text_of

PAGE = "/admin/health"


def lights(answer):
    return {
        row.span.get_text(): row.select_one(".badge")["data-status"]
        for row in soup(answer).select("#health li.spread")
    }


@pytest.mark.parametrize("who", ["amir", "gita"])
def test_administrators_see_the_lights(signed_in, cast, who):
    client = signed_in(cast.people[who])
    page, part = client.get(PAGE), client.get(PAGE, headers=HTMX)
    assert (page.status_code, is_whole_page(page), root_id(part)) == (200, True, "health")
    assert "HX-Request" in part.vary
    seen = lights(page)
    assert (seen["Scheduler"], seen["Redis"]) == ("danger", "danger")  # neither runs here
    assert (seen["Events set aside"], seen["SMS provider"]) == ("ok", "warning")
    assert soup(page).find("a", href=PAGE, attrs={"aria-current": "page"})
    assert soup(page).find("form", action="/logout")


def shown(answer):
    """The words of each light."""
    rows = soup(answer).select("#health li.spread")
    return {row.span.get_text(): row.select_one(".num").get_text() for row in rows}


def test_dead_workers_are_a_light_of_their_own(app, signed_in, cast):
    """K4: beside the scheduler's, and though nothing of Redis is asked."""
    client = signed_in(cast.amir)
    assert lights(client.get(PAGE))["Workers"] == "danger"
    assert shown(client.get(PAGE))["Workers"] == "never seen"
    lives = [heartbeat.Life(app, kind) for kind in (heartbeat.WORKER, *2 * [heartbeat.WEB])]
    for life in lives:
        life.beat()
    page = client.get(PAGE)
    assert (lights(page)["Workers"], shown(page)["Workers"]) == ("ok", "1 running")
    assert shown(page)["Web processes"] == "2 running"
    with app.app_context():
        age(heartbeat.GONE_AFTER)
    assert lights(client.get(PAGE))["Workers"] == "warning"
    with app.app_context():
        age(heartbeat.NOBODY_FOR)
    assert lights(client.get(PAGE))["Workers"] == "danger"


@transactional
def age(by):
    for process in db.session.scalars(sa.select(heartbeat.Process)).all():
        process.beat_at -= by


@pytest.mark.parametrize("who", ["asha", "dr_chandra", "esha"])
def test_others_do_not(signed_in, cast, who):
    client = signed_in(cast.people[who])
    assert client.get(PAGE).status_code == 403
    assert soup(client.get("/")).find("a", href=PAGE) is None


def test_a_failed_message_is_a_light(app, signed_in, cast):
    client = signed_in(cast.amir)
    assert lights(client.get(PAGE))["Messages that failed, unseen"] == "ok"
    with app.app_context():
        queued(status="failed", needs_attention=True)
    assert lights(client.get(PAGE))["Messages that failed, unseen"] == "warning"
    assert "Warning" in text_of(client.get(PAGE))


def test_a_mail_server_that_proves_nothing_is_red_until_it_takes_letters(
    app, signed_in, cast, monkeypatch
):
    with_mail = app.config["SETTINGS"].model_copy(update={"smtp_host": "mail.harbour.example"})
    monkeypatch.setitem(app.config, "SETTINGS", with_mail)
    client = signed_in(cast.amir)
    assert "All emails are held" not in lights(client.get(PAGE))
    with app.app_context():
        (one,) = queued(channel="email", address="asha@cast.example")
        hold(Met(one, "email", "clinic@localhost", "untrusted_certificate"))
        (since,) = db.session.scalars(sa.select(HeldSender.since))
    page = client.get(PAGE)
    assert lights(page)["All emails are held"] == "danger"
    assert shown(page)["All emails are held"] == "1 wait"
    assert "certificate proves nothing" in text_of(page)
    with app.app_context():
        assert held.free("smtp", since)
    assert "All emails are held" not in lights(client.get(PAGE))


hold = transactional(held.hold)


def test_what_was_set_aside_is_named_with_its_reason(app, signed_in, cast):
    with app.app_context():
        visit = book(cast.asha, cast.dr_chandra)
        jobs.deliver_due()
        wait("appointment.created", about(visit, "pending"), "attic.on_created")
        jobs.deliver_due()
    client = signed_in(cast.amir)
    seen = lights(client.get(PAGE))
    assert seen["Events set aside"] == "danger"
    assert seen["attic.on_created: unknown handler"] == "danger"
    assert "event_deliveries_set_aside 1.0" in client.get("/metrics").text


def test_the_budget_of_strangers_is_a_red_light_once_it_is_spent(app, signed_in, cast, monkeypatch):
    name = "Messages to unconfirmed addresses, last hour"
    settings = app.config["SETTINGS"].model_copy(update={"unproven_messages_per_hour": 3})
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    client = signed_in(cast.amir)
    with app.app_context():
        queued(2, status="sent", is_known=False)
    assert lights(client.get(PAGE))[name] == "ok"
    with app.app_context():
        queued(1, is_known=False)
        queued(1, status="skipped", error_code="too_many", is_known=False)
    seen = lights(client.get(PAGE))
    assert seen[name] == "danger"
    assert seen["Messages held back by a limit, last hour"] == "warning"
    assert "messages_unproven_last_hour 3.0" in client.get("/metrics").text


def test_a_stranger_to_whom_no_code_could_be_sent_is_a_light(app, signed_in, cast):
    client = signed_in(cast.gita)
    name = "Visits whose code could not be sent"
    with app.app_context():
        unproven(cast.asha)
        book(cast.asha, cast.dr_chandra)
        assert holding.gauges() == {"visits_held": 1, "visits_not_proven": 0}
    assert lights(client.get(PAGE))[name] == "ok"
    with clock.travelled(clock.now() + timedelta(minutes=16)):
        assert lights(client_of(app, cast.gita).get(PAGE))[name] == "warning"
