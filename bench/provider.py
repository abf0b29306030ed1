"""The stand-in Twilio in a process of its own, and how fast it is through the SDK alone."""

import contextlib
import json
import multiprocessing
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from urllib.request import Request, urlopen
from uuid import uuid4

from bench.stage import Process, free_port
from tests.fakes.twilio import ACCOUNT, TOKEN

OURS = "+447700900999"
START_SECONDS = 30


class Provider:
    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"

    def settings(self) -> dict[str, str]:
        """What sends a worker's texts here."""
        return {
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_API_BASE": self.address,
            "TWILIO_FROM": OURS,
        }

    def counts(self) -> dict[str, int]:
        """How often each message was taken."""
        with urlopen(f"{self.address}/_counts", timeout=30) as answer:  # noqa: S310 - our own process
            return json.load(answer)

    def begin_anew(self, latency_s: float = 0) -> None:
        """Forget what was taken; from now on each answer takes so long."""
        order = json.dumps({"forget": True, "latency": latency_s}).encode()
        asked = Request(f"{self.address}/_control", order)  # noqa: S310 - as above
        urlopen(asked, timeout=30).close()  # noqa: S310 - as above

    def wait(self) -> None:
        began = time.monotonic()
        while time.monotonic() - began < START_SECONDS:
            with contextlib.suppress(OSError):
                self.counts()
                return
            time.sleep(0.05)
        raise RuntimeError("the stand-in Twilio does not start")


@contextlib.contextmanager
def provider(log: Path) -> Iterator[Provider]:
    port = free_port()
    command = (sys.executable, "-m", "tests.fakes.twilio", "--port", str(port))
    with Process(command, port, log):
        found = Provider(port)
        found.wait()
        yield found


def limit(at: Provider, processes: int, calls: int) -> float:
    """Calls a second that so many processes make through the SDK and do nothing else."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawn) as pool:
        list(pool.map(_call, [at.address] * processes, [20] * processes))  # imports, connections
        each = [calls // processes] * processes
        spans = list(pool.map(_call, [at.address] * processes, each))
    return sum(each) / (max(end for _, end in spans) - min(start for start, _ in spans))


def _call(address: str, calls: int) -> tuple[float, float]:
    """When the calls began and ended, by a clock that all processes share."""
    from clinic.config import Settings
    from clinic.messaging.channels import twilio
    from clinic.messaging.channels.call import Claim, Content

    settings = Settings(  # type: ignore[call-arg]
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        twilio_api_base=address,
        public_base_url="https://clinic.test",
    )
    claims = [
        Claim(
            *(uuid4(), uuid4(), None, "sms", "patient", f"+4477{number:08}"),
            *(None, None, "", None, None, 1),
        )
        for number in range(calls)
    ]
    content = Content("Harbour: see you Tue 24 Nov, 09:30, Dr Asha Rao. Reply C to confirm.")
    began = time.monotonic()
    for claim in claims:
        outcome = twilio.send(settings, claim, content, OURS)
        assert outcome.kind == "sent", outcome
    return began, time.monotonic()
