"""The ways to book: by page, by program, and by the bare service."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import uuid4

from bench.by_hand import Wish
from bench.load import api_request, request
from bench.people import Program, Visitor

P = TypeVar("P", Visitor, Program)


@dataclass(frozen=True, slots=True)
class Door(Generic[P]):
    """`first_doctor` of the eight whose diaries it fills: each door has its own."""

    raw: Callable[[Wish, P], bytes]
    won: int  # the status of a booking that was made
    first_doctor: int


def form_of(wish: Wish, visitor: Visitor) -> dict[str, str]:
    return {
        "csrf_token": visitor.csrf_token,
        "idempotency_key": uuid4().hex,
        "doctor": str(wish.doctor_id),
        "start": wish.start.isoformat(),
        "reason": "A check of something",
        "channel": "sms",
    }


def body_of(wish: Wish) -> dict[str, Any]:
    return {
        "doctor_id": str(wish.doctor_id),
        "start": wish.start.isoformat(),
        "reason": "A check of something",
    }


def by_page(wish: Wish, visitor: Visitor) -> bytes:
    return request("/appointments/", visitor.cookie, form_of(wish, visitor))


def by_api(wish: Wish, who: Program) -> bytes:
    return api_request("/api/v1/appointments", who.bearer, body_of(wish), uuid4().hex)


def by_peer(wish: Wish, who: Program) -> bytes:
    return api_request("/appointments", who.bearer, body_of(wish))


PAGE = Door(by_page, 303, first_doctor=1)
API = Door(by_api, 201, first_doctor=11)
PEER = Door(by_peer, 201, first_doctor=21)
TRIPS_OF_PAGE = Door(by_page, 303, first_doctor=31)
TRIPS_OF_API = Door(by_api, 201, first_doctor=41)
TRIPS_OF_PEER = Door(by_peer, 201, first_doctor=51)
WITH_WORKER = Door(by_api, 201, first_doctor=61)
MEMORY = Door(by_api, 201, first_doctor=70)
BY_HAND, WHOLE_VISITS = 80, 90  # first doctors, too
