"""Lines of the log as a person at a terminal reads them; files and pipes get the JSON."""

import json
from datetime import datetime
from typing import Any

ABOUT_THE_LINE = frozenset({"event", "level", "logger", "timestamp", "request_id", "exception"})


def readable(text: str) -> str:
    """Of one or more lines of JSON; what is something else stays as it is."""
    return "".join(_told(line) + "\n" for line in text.splitlines())


def _told(line: str) -> str:
    try:
        said = json.loads(line)
        moment = datetime.fromisoformat(said["timestamp"]).astimezone()
    except (ValueError, TypeError, KeyError):
        return line
    words = _request(said) if said.get("event") == "request" else _event(said)
    trace = f"\n{said['exception']}" if said.get("exception") else ""
    return f"{moment:%H:%M:%S}  {words}{trace}"


def _request(said: dict[str, Any]) -> str:
    return f"{said['method']:<5} {said['status']}  {said['route']}  {said['ms']:.0f} ms"


def _event(said: dict[str, Any]) -> str:
    about = "".join(
        f"  {name}={value}" for name, value in said.items() if name not in ABOUT_THE_LINE
    )
    level = "" if said.get("level") == "info" else f"{str(said.get('level')).upper()} "
    return f"{level}{str(said.get('event')).replace('_', ' ')}{about}"
