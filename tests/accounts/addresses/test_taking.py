"""A number or an address belongs to who proves it, whoever came first."""

from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.access.actor import Actor
from clinic.accounts.addresses import contact
from clinic.accounts.errors import AlreadyInUse, LinkSpent, WrongCode
from clinic.accounts.models import User, UserSession
from clinic.accounts.proof import keys
from clinic.accounts.proof.keys import Purpose
from clinic.core.data.db import db, transactional
from clinic.events.models import EventRow
from clinic.patients.signup import service as signup
from clinic.patients.signup.service import NewPatient
from tests.accounts.account_words import code_sent
from tests.api.conftest import Caller
from tests.cast import PASSWORD
from tests.conftest import Stage
from tests.crowd import at_once, faults
from tests.pages import text_of

MAIL, PHONE = "noor@cast.example", "+447400123456"


def sign_up(app: Flask, number: int, email: str = "", phone: str = "") -> UUID:
    new = NewPatient(
        f"Noor {number}",
        email or f"noor{number}@cast.example",
        phone or f"+4474001234{number:02}",
        PASSWORD,
    )
    with app.app_context():
        signup.sign_up(new, f"192.0.2.{number}", "tests")
        query = sa.select(User.id).where(User.full_name == new.full_name)
        return db.session.scalars(query).one()


def ask(app: Flask, user_id: UUID, kind: str, target: str) -> str:
    with app.app_context():
        contact.send_code(user_id, kind, target, "192.0.2.1")
    return code_sent(app, Purpose(kind))


def prove(app: Flask, user_id: UUID, kind: str, target: str) -> None:
    code = ask(app, user_id, kind, target)
    with app.app_context():
        contact.prove(user_id, kind, code, Actor(role="patient", user_id=user_id))


def user(app: Flask, user_id: UUID) -> User:
    with app.app_context():
        return db.session.get_one(User, user_id)


def names(app: Flask, user_id: UUID) -> list[str]:
    with app.app_context():
        rows = db.session.scalars(sa.select(EventRow).order_by(EventRow.at)).all()
        return [one.name for one in rows if one.payload.get("user_id") == str(user_id)]


def test_the_one_who_proves_a_number_has_it(app: Flask) -> None:
    squatter, owner = sign_up(app, 1, phone=PHONE), sign_up(app, 2)
    prove(app, owner, "phone", PHONE)
    assert user(app, owner).phone == PHONE
    lost = user(app, squatter)
    assert (lost.phone, lost.is_active) == (None, True)
    assert lost.phone_lost_at is not None
    assert "user.address_lost" in names(app, squatter)


def test_a_family_shares_a_number_and_each_proves_it(app: Flask) -> None:
    first, second = sign_up(app, 1, phone=PHONE), sign_up(app, 2, phone=PHONE)
    prove(app, first, "phone", PHONE)
    assert user(app, second).phone is None
    prove(app, second, "phone", PHONE)
    for one in (first, second):
        assert user(app, one).phone == PHONE
        assert user(app, one).phone_verified_at is not None
    stranger = sign_up(app, 3, phone=PHONE)  # claims it once more, and takes nothing by that
    assert user(app, stranger).phone_verified_at is None
    assert user(app, first).phone_verified_at is not None


def test_an_address_that_is_proven_is_not_proven_again(app: Flask) -> None:
    first, second = sign_up(app, 1, email=MAIL), sign_up(app, 2)
    prove(app, first, "email", MAIL)
    with pytest.raises(AlreadyInUse) as refused:
        prove(app, second, "email", MAIL)
    assert [one.field for one in refused.value.errors] == ["email"]
    assert user(app, second).email == "noor2@cast.example"


def test_a_shared_number_logs_each_in_by_their_own_password(app: Flask) -> None:
    for number, password in ((1, PASSWORD), (2, "another three words")):
        new = NewPatient(f"Noor {number}", f"noor{number}@cast.example", PHONE, password)
        with app.app_context():
            signup.sign_up(new, f"192.0.2.{number}", "tests")
            made = db.session.scalars(sa.select(User.id).where(User.full_name == new.full_name))
            user_id = made.one()
        prove(app, user_id, "phone", PHONE)
    for password, mail in ((PASSWORD, "noor1"), ("another three words", "noor2")):
        told = Caller(app, None).post("/auth/login", {"username": PHONE, "password": password})
        assert told.get_json()["user"]["email"] == f"{mail}@cast.example"


def test_who_lost_a_number_is_told_on_their_page(app: Flask) -> None:
    client = app.test_client()
    form = {"full_name": "Noor 1", "email": MAIL, "phone": PHONE, "password": PASSWORD}
    client.post("/signup", data=form)
    prove(app, sign_up(app, 2), "phone", PHONE)
    page = text_of(client.get("/account/"))
    assert "Somebody else confirmed this number. Enter your own; if you share this one" in page


def test_an_account_that_had_proven_nothing_ends_with_its_address(app: Flask) -> None:
    stranger, owner = sign_up(app, 1, email=MAIL), sign_up(app, 2, email=MAIL)
    prove(app, owner, "email", MAIL)
    ended = user(app, stranger)
    assert (ended.email, ended.phone, ended.is_active) == (None, None, False)
    assert names(app, stranger)[-1] == "user.ended"
    with app.app_context():
        open_ones = sa.select(UserSession).filter_by(user_id=stranger, ended_at=None)
        assert db.session.scalars(open_ones).all() == []
    assert user(app, owner).email_verified_at is not None


def test_an_account_that_had_proven_its_number_lives_on_and_says_so(app: Flask) -> None:
    client = app.test_client()
    form = {"full_name": "Noor 1", "email": MAIL, "phone": PHONE, "password": PASSWORD}
    client.post("/signup", data=form)
    with app.app_context():
        living = db.session.scalars(sa.select(User.id).filter_by(phone=PHONE)).one()
    prove(app, living, "phone", PHONE)
    prove(app, sign_up(app, 2, email=MAIL), "email", MAIL)
    still = user(app, living)
    assert (still.email, still.phone, still.is_active) == (None, PHONE, True)
    assert "Enter your email address" in text_of(client.get("/appointments/"))
    page = text_of(client.get("/account/"))
    assert "Somebody else confirmed this address as theirs. Enter your own." in page
    prove(app, living, "email", "noor1@cast.example")
    assert "Enter your email address" not in text_of(client.get("/appointments/"))
    assert user(app, living).email_lost_at is None


def test_without_an_address_the_number_that_was_proven_logs_in(app: Flask) -> None:
    living = sign_up(app, 1, email=MAIL, phone=PHONE)
    prove(app, living, "phone", PHONE)
    prove(app, sign_up(app, 2, email=MAIL), "email", MAIL)
    for typed in (PHONE, "+44 7400 123456"):
        answer = app.test_client().post("/login", data={"email": typed, "password": PASSWORD})
        assert answer.status_code == 303
    program = Caller(app, None).post("/auth/login", {"username": PHONE, "password": PASSWORD})
    assert program.get_json()["user"]["email"] is None
    unproven = sign_up(app, 3, phone="+447400123499")
    wrong = {"email": "+447400123499", "password": PASSWORD}
    assert app.test_client().post("/login", data=wrong).status_code == 422
    assert user(app, unproven).is_active


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_of_three_who_prove_at_once_one_wins_an_address_and_all_share_a_number(
    both: Stage, kind: str
) -> None:
    target = MAIL if kind == "email" else PHONE
    people = [sign_up(both.app, number, **{kind: target}) for number in (1, 2, 3)]
    codes = [(one, ask(both.app, one, kind, target)) for one in people]

    def enter(one: UUID, code: str) -> str:
        return contact.prove(one, kind, code, Actor(role="patient", user_id=one))

    answers = at_once(both.app, [lambda c=code: enter(*c) for code in codes])
    assert faults(answers, AlreadyInUse, WrongCode) == []
    won = [one for one, answer in zip(people, answers, strict=True) if answer == target]
    assert len(won) == (1 if kind == "email" else 3)
    with both.app.app_context():
        proven = getattr(User, f"{kind}_verified_at").is_not(None)
        winners = sa.select(User.id).where(getattr(User, kind) == target, proven)
        assert set(db.session.scalars(winners)) == set(won)


def test_a_link_and_a_code_at_once_have_one_winner(both: Stage) -> None:
    from clinic.accounts.recovery import service as recovery
    from tests.accounts.account_words import issue

    one, two = (sign_up(both.app, number, email=MAIL) for number in (1, 2))
    code = ask(both.app, one, "email", MAIL)
    with both.app.app_context():
        link = keys.reset_link(issue(two, Purpose.RESET)).rpartition("/")[2]
    answers = at_once(
        both.app,
        [
            lambda: contact.prove(one, "email", code, Actor(role="patient", user_id=one)),
            lambda: recovery.set_password(link, Purpose.RESET, "another three words"),
        ],
    )
    assert faults(answers, AlreadyInUse, WrongCode, LinkSpent) == []
    with both.app.app_context():
        proven = sa.select(User).where(User.email == MAIL, User.email_verified_at.is_not(None))
        assert len(db.session.scalars(proven).all()) == 1


def test_a_code_goes_with_the_work_of_who_asks_or_not_at_all(app: Flask) -> None:
    owner = sign_up(app, 1, email=MAIL)

    @transactional
    def work(fails: bool) -> None:
        assert contact.send_code_along(owner, "email", MAIL)
        if fails:
            raise WrongCode

    with app.app_context():
        with pytest.raises(WrongCode):
            work(True)
        assert keys.awaited(owner, Purpose.EMAIL) is None
        work(False)
        assert keys.awaited(owner, Purpose.EMAIL) == MAIL
