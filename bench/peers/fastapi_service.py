"""A bare service on the product's tables: FastAPI, asyncpg, two endpoints, and nothing else.

What somebody writes who needs a day's slots and a booking: the token and its user are checked,
the same slots come out, a booking holds the doctor's row and writes visit, event and delivery.
There are no pages, limits, audit, idempotency keys, metrics, logs or live pages.
"""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID, uuid4

import asyncpg
import diary
import jwt
import queries
from diary import Slot
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CONNECTIONS = 10  # a process


class SlotOut(BaseModel):
    start: datetime
    end: datetime
    schedule_id: UUID
    capacity: int
    booked: int
    available: int


class SlotsOut(BaseModel):
    doctor_id: UUID
    timezone: str
    slots: list[SlotOut]


class BookIn(BaseModel):
    doctor_id: UUID
    start: datetime
    reason: str = Field(min_length=1, max_length=500)


class VisitOut(BaseModel):
    id: UUID
    code: str
    status: str
    doctor_id: UUID
    patient_id: UUID
    start: datetime
    end: datetime
    reason: str


class Person(BaseModel):
    user_id: UUID
    role: str
    patient_id: UUID | None


@asynccontextmanager
async def lifespan(service: FastAPI) -> AsyncIterator[None]:
    database = os.environ["BENCH_DATABASE"]
    async with asyncpg.create_pool(database, min_size=2, max_size=CONNECTIONS) as pool:
        service.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
bearer = HTTPBearer()


async def connection_of(request: Request) -> AsyncIterator[asyncpg.Connection]:
    """One for the whole request: what asyncpg does when it is given back costs a trip."""
    async with request.app.state.pool.acquire() as connection:
        yield connection


Connection = Annotated[asyncpg.Connection, Depends(connection_of)]


async def who_asks(
    connection: Connection, given: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]
) -> Person:
    try:
        claims = jwt.decode(
            given.credentials,
            os.environ["BENCH_JWT_KEY"],
            algorithms=["HS256"],
            audience="clinic:access",
            issuer="clinic",
        )
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None
    row = await connection.fetchrow(queries.PERSON, UUID(claims["sub"]))
    if row is None:
        raise HTTPException(401)
    return Person(user_id=row["id"], role=row["role"], patient_id=row["patient_id"])


Who = Annotated[Person, Depends(who_asks)]


@app.get("/")
async def ready() -> str:
    return "ready"


@app.get("/doctors/{doctor_id}/slots")
async def slots(doctor_id: UUID, date: date, connection: Connection, who: Who) -> SlotsOut:
    doctor = await connection.fetchrow(queries.DOCTOR, doctor_id)
    if doctor is None:
        raise HTTPException(404)
    found = await _slots(connection, doctor, date)
    now = datetime.now(UTC)
    shown = [SlotOut(**slot._asdict()) for slot in found if slot.booked or slot.start >= now]
    return SlotsOut(doctor_id=doctor_id, timezone=doctor["timezone"], slots=shown)


async def _slots(connection: asyncpg.Connection, doctor: asyncpg.Record, day: date) -> list[Slot]:
    since, until = diary.bounds(day, doctor["timezone"])
    windows = await connection.fetch(queries.WINDOWS, doctor["id"], day, day.weekday())
    off = await connection.fetch(queries.TIME_OFF, doctor["id"], since, until)
    visits = await connection.fetch(queries.VISITS, doctor["id"], since, until)
    found = diary.slots(windows, off, visits, day, doctor["timezone"])
    earliest, latest = diary.bookable(doctor)
    return [diary.within(slot, earliest, latest) for slot in found]


@app.post("/appointments", status_code=201)
async def book(wanted: BookIn, connection: Connection, who: Who) -> VisitOut:
    if who.patient_id is None:
        raise HTTPException(403)
    async with connection.transaction():
        doctor = await connection.fetchrow(queries.LOCKED_DOCTOR, wanted.doctor_id)
        if doctor is None:
            raise HTTPException(404)
        slot = await _wanted_slot(connection, doctor, wanted.start)
        if await connection.fetchval(queries.IS_BUSY, who.patient_id, slot.start, slot.end):
            raise HTTPException(409, "patient_busy")
        return await _insert(connection, doctor, slot, wanted, who)


async def _wanted_slot(
    connection: asyncpg.Connection, doctor: asyncpg.Record, start: datetime
) -> Slot:
    day = diary.local_day(start, doctor["timezone"])
    offered = {slot.start: slot for slot in await _slots(connection, doctor, day)}
    slot = offered.get(start)
    earliest, latest = diary.bookable(doctor)
    if slot is None or not earliest <= start <= latest:
        raise HTTPException(400, "slot_not_offered")
    if slot.free_seat is None:
        raise HTTPException(409, "slot_taken")
    return slot


async def _insert(
    connection: asyncpg.Connection,
    doctor: asyncpg.Record,
    slot: Slot,
    wanted: BookIn,
    who: Person,
) -> VisitOut:
    visit_id, event_id, now = uuid4(), uuid4(), datetime.now(UTC)
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(6))
    await connection.execute(
        queries.INSERT_VISIT,
        *(visit_id, doctor["organisation_id"], doctor["id"], who.patient_id, slot.schedule_id),
        *(slot.location_id, slot.start, slot.end, slot.free_seat, wanted.reason, code),
        *(who.user_id, now),
    )
    payload = {
        "appointment_id": str(visit_id),
        "doctor_id": str(doctor["id"]),
        "patient_id": str(who.patient_id),
        "status": "pending",
    }
    await connection.execute(
        queries.INSERT_EVENT,
        *(event_id, now, doctor["organisation_id"], who.user_id, who.role),
        diary.as_json(payload),
    )
    await connection.execute(queries.INSERT_DELIVERY, uuid4(), event_id, now)
    return VisitOut(
        id=visit_id,
        code=code,
        status="pending",
        doctor_id=doctor["id"],
        patient_id=who.patient_id,
        start=slot.start,
        end=slot.end,
        reason=wanted.reason,
    )
