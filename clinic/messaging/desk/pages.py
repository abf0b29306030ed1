"""What the pages of the ledger share: what was asked for, and who stands behind a message."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request
from flask_login import current_user

from clinic.appointments.reading import people as visits_of
from clinic.appointments.reading import words as visit_words
from clinic.appointments.reading.people import Caller
from clinic.appointments.reading.visit import Visit
from clinic.core import clock
from clinic.messaging.desk.narrowing import Filter
from clinic.messaging.desk.queries import Line
from clinic.organisations import queries as organisation_queries
from clinic.patients.people import queries as patient_queries

ASKABLE = ("address", "status", "channel", "direction", "kind", "since", "until", "attention")
YEARS = range(2000, 2100)  # outside of it a day has no bounds in every zone


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter of a page, with the days as they were typed; `until` is included."""

    filter: Filter
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Person:
    """Who a message is from or to, with the visit it is about or the next one."""

    id: UUID
    name: str
    birth_date: date | None
    visit: visit_words.Shown | None


def zone_here() -> ZoneInfo:
    return clock.zone(organisation_queries.timezone_of(current_user.organisation_id))


def kept() -> dict[str, Any]:
    """The filters, for the address of another page of them."""
    return {name: request.args[name] for name in ASKABLE if request.args.get(name)}


def asked_for(zone: ZoneInfo) -> Asked:
    """What cannot be read narrows nothing."""
    since, until = _day("since"), _day("until")
    text = request.args.get("address", "")[:120].strip()
    addresses, patients = _named(text)
    return Asked(
        Filter(
            statuses=_one("status", 12),
            channels=_one("channel", 10),
            kinds=_one("kind", 40),
            direction=request.args.get("direction", "")[:3],
            address=text,
            addresses=addresses,
            patients=patients,
            since=clock.day_bounds(since, zone)[0] if since else None,
            until=clock.day_bounds(until, zone)[1] if until else None,
            attention=True if request.args.get("attention") == "1" else None,
        ),
        since,
        until,
    )


def _one(name: str, longest: int) -> list[str]:
    given = request.args.get(name, "")[:longest]
    return [given] if given else []


def _day(name: str) -> date | None:
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _named(text: str) -> tuple[set[str], set[UUID]]:
    """Nobody is called by digits."""
    if not any(letter.isalpha() for letter in text):
        return set(), set()
    return patient_queries.named(current_user.organisation_id, current_user.actor, text)


def people_of(lines: Iterable[Line]) -> dict[UUID, list[Person]]:
    """By message: of a visit its patient, of a text the people who have its number."""
    lines, actor = list(lines), current_user.actor
    theirs = [line for line in lines if line.audience == "patient"]
    visits = visits_of.of_visits({line.about_id for line in theirs}, actor)
    came = {line.address for line in theirs if line.direction == "in"}
    by_number = visits_of.of_numbers(came, actor)
    return {line.id: _at_the_other_end(line, visits, by_number) for line in lines}


def _at_the_other_end(
    line: Line, visits: dict[UUID, Visit], by_number: dict[str, list[Caller]]
) -> list[Person]:
    visit = visits.get(line.about_id) if line.about_id and line.audience == "patient" else None
    if visit:
        shown = visit_words.shown(visit)
        return [Person(visit.patient_id, visit.patient, visit.birth_date, shown)]
    if line.direction == "out":
        return []
    return [
        Person(
            one.patient_id,
            one.name,
            one.birth_date,
            visit_words.shown(one.visit) if one.visit else None,
        )
        for one in by_number.get(line.address, [])
    ]
