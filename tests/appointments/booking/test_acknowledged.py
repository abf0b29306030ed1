"""P2: what the clinic said yes to is there, whatever happened to the database meanwhile."""

import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.core.data.db import db
from tests.conftest import Stage, client_of
from tests.crowd import SIZE, broken_invariants
from tests.factories import many_patients, next_week
from tests.servers import Postgres

pytestmark = pytest.mark.trust

CLIENTS = 8
SLOTS_A_DAY = 6


class Booker(threading.Thread):
    """A patient who books slot after slot of their own, and remembers each yes."""

    def __init__(self, stage: Stage, person, doctor, first_day: int, stop: threading.Event):
        super().__init__(daemon=True)
        self.client = client_of(stage.app, person)
        self.doctor, self.first_day, self.stop = doctor, first_day, stop
        self.promised: list[str] = []
        self.statuses: Counter[int] = Counter()

    def run(self):
        for number in range(10):  # as many as one patient may have
            while not self.stop.is_set():
                answer = self.ask(number)
                self.statuses[answer.status_code] += 1
                if answer.status_code == 303:
                    self.promised.append(answer.location.split("/")[2])
                    break
                time.sleep(0.05)
            time.sleep(0.05)

    def ask(self, number: int):
        day = timedelta(days=self.first_day + number // SLOTS_A_DAY)
        form = {
            "doctor": str(self.doctor.doctor_id),
            "start": (next_week("09:00") + day + timedelta(minutes=30 * (number % SLOTS_A_DAY)))
            .isoformat(),
            "reason": "Cough",
            "channel": "sms",
        }  # fmt: skip
        return self.client.post(
            "/appointments/", data=form, headers={"Idempotency-Key": f"try-{number}"}
        )


def test_bookings_survive_the_death_of_the_database(
    postgres_stage: Stage, postgres_server: Postgres
):
    """Each retries until it is told yes; a yes whose answer was lost is not booked again."""
    stage, stop = postgres_stage, threading.Event()
    stage.put_back()
    stage.app.config["WTF_CSRF_ENABLED"] = False
    with stage.app.app_context():
        crowd = many_patients(CLIENTS)
        db.session.remove()
    bookers = [
        Booker(stage, who, stage.cast.dr_dev, 7 * (number // 3) + 2 * (number % 3 == 2), stop)
        for number, who in enumerate(crowd)
    ]
    for booker in bookers:
        booker.start()
    for _ in range(2 * SIZE):
        time.sleep(0.3)
        postgres_server.kill()
        time.sleep(0.2)
        postgres_server.start()
    for booker in bookers:
        booker.join(60)
    stop.set()
    stage.app.config["WTF_CSRF_ENABLED"] = True
    answered = sum((booker.statuses for booker in bookers), Counter())
    assert answered.keys() <= {303, 503}
    assert answered[503] > 0
    promised = [one for booker in bookers for one in booker.promised]
    assert len(promised) == len(set(promised)) == 10 * CLIENTS
    with stage.app.app_context():
        found = {str(one) for one in db.session.scalars(sa.select(Appointment.id))}
        assert found == set(promised)
        assert broken_invariants() == []
        db.session.remove()
        db.engine.dispose()
