"""Two workers at once, on both databases: each event is told once."""

from datetime import timedelta

from clinic.core.data.db import db
from clinic.hooks import jobs, service
from clinic.hooks.models import DELIVERED
from clinic.hooks.sending import calls, collect
from tests.crowd import at_once, faults
from tests.factories import book
from tests.fakes.receiver import Receiver
from tests.hooks.helpers import changed, deliveries, opened, row, told
from tests.stages import Stage


def test_two_workers_tell_each_event_once(both: Stage) -> None:
    app, cast = both.app, both.cast
    with Receiver() as there:
        with app.app_context():
            webhook = opened(cast, there)
            for hour in ("09:00", "09:30", "10:00", "10:30"):
                book(cast.asha, cast.dr_chandra, hour)
            db.session.remove()
        answers = at_once(app, [jobs.deliver_due] * 4)
        with app.app_context():
            assert faults(answers) == []
            jobs.deliver_due()
            assert {one.status for one in deliveries(webhook)} == {DELIVERED}
            assert len(deliveries(webhook)) == len(there.taken) == 4
            assert len({one["id"] for one in told(there)}) == 4


def test_a_worker_that_died_gives_it_back(both: Stage) -> None:
    app, cast = both.app, both.cast
    with Receiver() as there, app.app_context():
        webhook = opened(cast, there)
        book(cast.asha, cast.dr_chandra)
        collect.collect()
        assert calls._claim(webhook)  # and then nothing more of it
        assert jobs.deliver_due() == 0
        before = row(webhook).leased_until
        assert before is not None
        changed(webhook, leased_until=before - 2 * calls.LEASE)
        assert jobs.deliver_due() == 1
        assert row(webhook).leased_until is None


def test_the_log_is_forgotten_after_a_month(both: Stage, monday_morning) -> None:
    app, cast = both.app, both.cast
    with Receiver() as there, app.app_context():
        webhook = opened(cast, there)
        service.send_test(webhook, cast.amir.actor)
        jobs.deliver_due()
        monday_morning.shift(timedelta(days=29))
        service.send_test(webhook, cast.amir.actor)
        jobs.deliver_due()
        assert jobs.tidy() == 0
        monday_morning.shift(timedelta(days=2))
        assert jobs.tidy() == 1
        assert len(deliveries(webhook)) == 1
