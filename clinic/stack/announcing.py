"""What a person at the terminal is told."""

import json
import os
import select
import sys
from pathlib import Path

from clinic.config import ROOT, Settings


def shows_demo(settings: Settings) -> bool:
    return settings.demo and not settings.production


def address(settings: Settings) -> str:
    """Where this machine reaches the page."""
    anywhere = settings.server_host in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
    return "127.0.0.1" if anywhere else settings.server_host


def announce(settings: Settings) -> None:
    host = address(settings)
    host = f"[{host}]" if ":" in host else host
    say(f"\n  The clinic is open: http://{host}:{settings.port}/")
    if shows_demo(settings):
        for line in demo_logins(ROOT / "seed" / "credentials.json"):
            say(f"  {line}")
    if settings.development:
        say(f"  {_who_may_come(settings)}")
    again = " Enter shows this again." if is_read() else ""
    say(f"  Ctrl-C stops everything.{again}\n")


def _who_may_come(settings: Settings) -> str:
    if settings.allow_dev_exposed:
        return (
            "ALLOW_DEV_EXPOSED: whoever reaches this port reads the inbox and signs in as anybody."
        )
    return "For this machine only; ENVIRONMENT=production is for others."


def demo_logins(path: Path) -> list[str]:
    """One line a demo person, aligned; nothing if the clinic was not seeded here."""
    if not path.exists():
        return []
    people = json.loads(path.read_text(encoding="utf-8"))["logins"]
    rows = [(person["role"], person["email"], person["password"]) for person in people]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def is_read() -> bool:
    """Somebody sits at the keyboard; in the background the terminal is another program's."""
    try:
        return sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (AttributeError, OSError, ValueError):
        return False


def enter_was_pressed() -> bool:
    if not is_read() or not select.select([sys.stdin], [], [], 0)[0]:
        return False
    return bool(sys.stdin.readline())


def say(line: str) -> None:
    print(line, flush=True)
