"""Points at which a test may kill the process; in production there are none."""

import os
import signal

from flask import current_app


def point(name: str) -> None:
    """Die here as by `kill -9`, if a test said so in CRASH_AT (never in production)."""
    if os.environ.get("CRASH_AT") != name or current_app.config["SETTINGS"].production:
        return
    os.kill(os.getpid(), signal.SIGKILL)
