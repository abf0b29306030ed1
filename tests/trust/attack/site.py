"""The running clinic that is attacked, and the strangers who do it, all on this machine."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Self
from urllib.request import urlopen

import httpx
import pytest
import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.core.data.db import db
from clinic.messaging.models import Message
from tests.ops.processes import Product
from tests.trust.attack.proxies import Proxy
from tests.trust.workshop import Clinic, until

API = "/api/v1"
PASSWORD = "harbour lamps at dusk"
NOBODYS = count(1)  # every stranger has an address of their own
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Site:
    clinic: Clinic
    web: Product | Proxy  # what visitors reach

    @property
    def address(self) -> str:
        return self.web.address

    @property
    def port(self) -> int:
        return self.web.port

    def seconds(self, path: str = "/health") -> float:
        """How long an honest visitor waits for a page; fails after ten seconds."""
        started = time.monotonic()
        urlopen(self.address + path, timeout=10).read()  # noqa: S310 - our own address
        return time.monotonic() - started

    def seats_of(self, doctor_id: Any) -> int:
        """Seats of the doctor that somebody holds."""
        held = Appointment.status.not_in(("cancelled", "no_show"))
        return _scalar(sa.select(sa.func.count()).where(Appointment.doctor_id == doctor_id, held))

    def told(self, number: str, *statuses: str) -> int:
        """Texts to a number in the ledger, by status."""
        return _scalar(
            sa.select(sa.func.count()).where(
                Message.address == number, Message.status.in_(statuses), Message.direction == "out"
            )
        )


def _scalar(query: sa.Select[tuple[int]]) -> int:
    db.session.rollback()
    found = db.session.scalar(query) or 0
    db.session.rollback()
    return found


@pytest.fixture
def site(clinic: Clinic) -> Iterator[Site]:
    """Web, worker and scheduler as production has them, with bcrypt at its real cost."""
    web = clinic.start_web(PASSWORD_ROUNDS="12")
    clinic.start("worker")
    clinic.start("scheduler")
    running = Site(clinic, web)

    def answers() -> bool:
        try:
            return running.seconds() < 10
        except OSError:
            return False

    until("the web answers", answers, 60)
    yield running


class Stranger:
    """A program or a browser at an address of its own: of 127.0.0.0/8 all is this machine."""

    def __init__(self, site: Site, address: str = "127.0.0.1") -> None:
        self.site = site
        transport = httpx.HTTPTransport(local_address=address)
        self.http = httpx.Client(base_url=site.address, transport=transport, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def sign_up(self, **given: str) -> httpx.Response:
        """By program, with an invented person. A bearer is kept, if there is one."""
        number = next(NOBODYS)
        body = {
            "full_name": "Ida Invented",
            "email": f"ida{number}@invented.example",
            "phone": f"+4477007{number:05}",
            "password": PASSWORD,
            **given,
        }
        answer = self.http.post(f"{API}/auth/patient/signup", json=body)
        if answer.status_code == 201:
            self.phone = body["phone"]
            self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return answer

    def book(self, doctor_id: Any, start: str) -> httpx.Response:
        wish = {"doctor_id": str(doctor_id), "start": start, "reason": "An invented reason"}
        return self.http.post(f"{API}/appointments", json=wish)

    def free_times(self, doctor_id: Any, days: range) -> list[str]:
        found = []
        for day in days:
            date = time.strftime("%Y-%m-%d", time.gmtime(time.time() + day * 86_400))
            answer = self.http.get(f"{API}/doctors/{doctor_id}/slots", params={"date": date})
            found += [one["start"] for one in answer.json()["slots"] if one["available"] > 0]
        return found

    def page_form(self, path: str, on: str | None = None, **values: str) -> httpx.Response:
        """Send a form as a browser does, with the token of the page it stands `on`."""
        page = self.http.get(on or path).text
        found = TOKEN.search(page)
        token = {"csrf_token": found[1]} if found else {}
        return self.http.post(path, data={**token, **values})

    def log_in(self, email: str, password: str) -> httpx.Response:
        return self.page_form("/login", email=email, password=password)
