"""Whose an address is, while nobody or somebody has proven it: at sign-up, log-in and /forgot."""

import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.access.actor import THE_SYSTEM
from clinic.access.roles import Role
from clinic.accounts.addresses import claims
from clinic.accounts.errors import AlreadyInUse, WrongPassword
from clinic.accounts.models import FailedTry, User
from clinic.accounts.people import create
from clinic.accounts.proof import passwords
from clinic.accounts.signin import service as accounts
from clinic.core.data.db import db, transactional
from tests.cast import NOW, Cast

MAIL, PHONE = "noor@cast.example", "+447400123456"

pytestmark = pytest.mark.usefixtures("in_app")


@transactional
def account(number: int = 0, **more) -> User:
    """One that claims Noor's address; its password is `password <number>`."""
    hashed = "" if more.pop("is_invited", False) else passwords.hash_password(f"password {number}")
    place = more.pop("place", None)
    role = Role.STAFF if place else Role.PATIENT
    phone = more.pop("phone", f"+4474001234{number:02}")
    user = create.create_user(role, "Noor Aziz", MAIL, THE_SYSTEM, hashed, phone, place)
    for name, value in more.items():
        setattr(user, name, value)
    db.session.flush()
    return user


@transactional
def is_refused(phone: str = PHONE) -> bool:
    try:
        claims.refuse_claimed(MAIL, phone)
    except AlreadyInUse as error:
        assert [one.field for one in error.errors] == ["email"]
        return True
    return False


@pytest.mark.parametrize(
    ("before", "refused"),
    [
        ([], False),
        ([{}], False),
        ([{"phone": PHONE}], True),  # the same person's second try
        ([{"phone": PHONE, "is_active": False}], False),
        ([{"phone": PHONE, "phone_verified_at": NOW}], True),
        ([{"email_verified_at": NOW}], True),
        ([{"email_verified_at": NOW, "is_active": False}], True),
        ([{"phone_verified_at": NOW}], False),
        ([{}, {}], False),
        ([{}, {}, {}], True),
        ([{}, {}, {"is_active": False}], False),
        ([{}, {}, {"is_invited": True, "place": True}], False),
        ([{"is_invited": True, "phone": PHONE, "place": True}], False),
    ],
)
def test_who_may_claim_an_address(cast: Cast, before: list[dict], refused: bool) -> None:
    for number, one in enumerate(before):
        place = {"place": cast.harbour} if one.pop("place", False) else {}
        account(number, **one, **place)
    assert is_refused() is refused


def test_a_number_that_somebody_has_proven_refuses_nobody(cast: Cast) -> None:
    assert not is_refused("+447700900000")  # Asha's


def logged_in(password: str) -> User | None:
    try:
        return accounts.recognise(" Noor@Cast.Example ", password, "192.0.2.1")
    except WrongPassword:
        return None


def test_while_nobody_has_proven_it_each_password_opens_its_own_account() -> None:
    users = [account(number) for number in range(3)]
    for number, user in enumerate(users):
        assert logged_in(f"password {number}").user_id == user.id
    assert logged_in("password 9") is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(FailedTry)) == 1


def test_once_somebody_has_proven_it_theirs_alone_counts() -> None:
    account(0)
    owner = account(1, email_verified_at=NOW)
    assert logged_in("password 1").user_id == owner.id
    assert logged_in("password 0") is None


def test_an_invitation_is_no_login() -> None:
    account(0, is_active=False)
    assert logged_in("password 0") is None


@transactional
def written_to():
    return claims.written_to_at(MAIL)


@pytest.mark.parametrize(
    ("before", "winner"),
    [
        ([{}, {}], 1),
        ([{"email_verified_at": NOW}, {}], 0),
        ([{"phone_verified_at": NOW}, {}], 0),
        ([{}, {"is_active": False}], 0),
        ([{}, {"is_invited": True}], 0),
        ([{"is_invited": True}], 0),
    ],
)
def test_a_link_goes_to_who_proved_it_else_to_the_newest(before: list[dict], winner: int) -> None:
    users = [account(number, **one) for number, one in enumerate(before)]
    assert written_to() == users[winner].id


def test_whoever_starts_the_product_takes_the_address(app: Flask) -> None:
    stranger = account(0)
    made = create.create_superadmin(MAIL, "three small words", "Root", THE_SYSTEM)
    assert made
    assert not db.session.get_one(User, stranger.id, populate_existing=True).is_active
    assert not create.create_superadmin(MAIL, "three small words", "Root", THE_SYSTEM)
