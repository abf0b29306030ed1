"""What an account has proven, in Python and in SQL."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.accounts.models import User
from clinic.accounts.proof import standing
from clinic.accounts.proof.standing import NOTHING_PROVEN, Standing
from clinic.core.data.db import db, transactional
from tests.cast import NOW, Cast, Person


@pytest.mark.parametrize(
    ("email", "phone"), [(None, None), (NOW, None), (None, NOW), (NOW, NOW)]
)  # fmt: skip
def test_each_address_is_proven_by_itself(
    in_app: Flask, cast: Cast, email: object, phone: object
) -> None:
    _prove(cast.asha, email, phone)
    found = standing.standing_of(cast.asha.user_id)
    assert found == Standing(email is not None, phone is not None)
    assert found.has_proven is (email is not None or phone is not None)
    assert _in_sql(cast.asha) == (found.email, found.phone, found.has_proven)


def test_nobody_has_proven_nothing(in_app: Flask) -> None:
    assert standing.standing_of(uuid4()) == NOTHING_PROVEN


@transactional
def _prove(person: Person, email: object, phone: object) -> None:
    user = db.session.get_one(User, person.user_id)
    user.email_verified_at, user.phone_verified_at = email, phone


def _in_sql(person: Person) -> tuple[bool, ...]:
    users = sa.orm.aliased(User)
    asked = sa.select(
        standing.is_proven("email", users),
        standing.is_proven("phone", users),
        standing.has_proven(users),
    )
    return tuple(db.session.execute(asked.where(users.id == person.user_id)).one())
