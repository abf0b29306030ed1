"""What the demo clinic holds, in words, and the files about it."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from clinic.config import ROOT
from clinic.demo.build import Login

FOLDER = ROOT / "seed"


@dataclass(frozen=True, slots=True)
class Counts:
    doctors: int
    patients: int
    appointments: int


@dataclass(frozen=True, slots=True)
class Report:
    generated_at: datetime
    counts: Counts
    per_doctor: dict[str, int]  # min and max
    by_status: dict[str, int]
    problems: list[str]

    def as_json(self) -> dict[str, Any]:
        return {
            "generated_at": self.generated_at.isoformat(timespec="seconds"),
            "summary": asdict(self.counts),
            "per_doctor": self.per_doctor,
            "by_status": self.by_status,
            "validation": {"ok": not self.problems, "problems": self.problems},
        }

    def summary(self) -> str:
        counts, each = self.counts, self.per_doctor
        statuses = ", ".join(
            f"{many} {status.replace('_', ' ')}" for status, many in self.by_status.items()
        )
        lines = [
            f"{counts.doctors} doctors, {counts.patients} patients, {counts.appointments} "
            f"appointments ({each['min']} to {each['max']} a doctor)",
            statuses,
            *(f"Problem: {problem}" for problem in self.problems),
        ]
        return "\n".join(lines)


def write(report: Report, logins: list[Login]) -> None:
    """Put report.json and credentials.json into `seed/`; a folder that is read-only is no error."""
    _write("report.json", report.as_json())
    _write("credentials.json", {"logins": [asdict(login) for login in logins]})


def _write(name: str, content: dict[str, Any]) -> None:
    path: Path = FOLDER / name
    try:
        FOLDER.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        click.echo(f"{path} could not be written: {error.strerror}", err=True)
