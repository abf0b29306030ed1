"""One person who taps twice, or two who claim the same details."""

import pytest
import sqlalchemy as sa

from clinic.accounts.addresses.claims import MOST_CLAIMANTS
from clinic.accounts.errors import AlreadyInUse
from clinic.accounts.models import User, UserSession
from clinic.core.data.db import db
from clinic.core.errors import TooMany
from clinic.patients.models import Patient
from clinic.patients.signup import service as signup_service
from clinic.patients.signup.service import NewPatient
from tests.conftest import Stage
from tests.crowd import at_once, faults


def sign_up(number: int, same: str) -> str:
    email = "noor@cast.example" if "email" in same else f"noor{number}@cast.example"
    phone = "+447400123456" if "phone" in same else f"+4474001234{number:02}"
    new = NewPatient("Noor Aziz", email, phone, "three small words")
    return signup_service.sign_up(new, f"192.0.2.{number}", "tests")


@pytest.mark.parametrize(
    ("same", "accounts"),
    [("email and phone", 1), ("email", MOST_CLAIMANTS), ("phone", 8)],
    ids=["one person", "who claim an address", "a family"],
)
def test_the_same_details_make_one_account(both: Stage, same: str, accounts: int):
    answers = at_once(both.app, [lambda n=number: sign_up(n, same) for number in range(8)])
    assert faults(answers, AlreadyInUse, TooMany) == []
    assert len([one for one in answers if isinstance(one, str)]) == accounts
    with both.app.app_context():
        counts = [
            db.session.scalar(sa.select(sa.func.count()).select_from(table).where(where))
            for table, where in (
                (User, User.full_name == "Noor Aziz"),
                (Patient, Patient.full_name == "Noor Aziz"),
                (UserSession, sa.true()),
            )
        ]
        assert counts == [accounts, accounts, accounts]
