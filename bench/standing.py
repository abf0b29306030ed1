"""What the product costs while nobody asks for anything: memory, and the time it takes to start."""

import sys
import time
from pathlib import Path

from bench.report import Row
from bench.stage import Process, free_port


def memory(hello: Process, web: Process, worker: Process, scheduler: Process) -> Row:
    base = hello.pss_mb()
    served = web.pss_mb()
    return Row(
        "MB (PSS)",
        {
            "Flask hello, 2 web workers": base,
            "web, 2 workers": served,
            "worker": worker.pss_mb(),
            "scheduler": scheduler.pss_mb(),
            "web / hello": served / base,
        },
    )


def starts(folder: Path) -> list[Row]:
    """`make run` after the installation, on SQLite: an empty folder first, then once more."""
    return [Row(name, _start(folder)) for name in ("first", "second")]


def _start(folder: Path) -> dict[str, float]:
    port = free_port()
    settings = {
        "PORT": str(port),
        "CLINIC_DATA_DIR": str(folder / "data"),
        "LOG_DIR": str(folder / "logs"),
        "DEMO": "0",  # the demo clinic's passwords are written beside the code
    }
    began = time.monotonic()
    command = (sys.executable, "-m", "flask", "--app", "wsgi", "up")
    with Process(command, port, folder / "up.log", **settings) as product:
        product.wait_for_page("/")
        return {"first page after s": time.monotonic() - began}
