"""Transactions that must not count beside one another: one at a time for each name."""

import hashlib

import sqlalchemy as sa

from clinic.core.data.db import db, is_sqlite, must_be_writing


def one_at_a_time(*names: str) -> None:
    """Until this transaction ends no other one passes here with any of these names.

    What is read before may be old by then: ask first, and read afterwards. On SQLite whoever
    writes is alone anyway.
    """
    must_be_writing()
    if is_sqlite():
        return
    for number in sorted(map(_number, names)):  # in one order: nobody waits in a ring
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
