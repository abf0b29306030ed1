"""What tests may do to a process: kill it at a point, shorten its waits. In production nothing."""

import os
import signal
from datetime import timedelta

from clinic.config import Settings


def point(name: str) -> None:
    """Die here as by `kill -9`, if a test said so in CRASH_AT (never in production)."""
    if os.environ.get("CRASH_AT") != name or _settings().production:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def hurried(wait: timedelta, settings: Settings | None = None) -> timedelta:
    """The wait, or a part of it (1 / HURRY), if a test said so (never in production).

    Without an app around it the `settings` are asked.
    """
    hurry = os.environ.get("HURRY")
    if not hurry or (settings or _settings()).production:
        return wait
    return wait / float(hurry)


def _settings() -> Settings:
    from clinic.core import running  # here: the scheduler has no app, and loads none

    return running.settings()
