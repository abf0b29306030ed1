"""Who may be one person, and who is answered for: a table of facts."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from clinic.patients.joining.alike import Side, agreement, in_order, is_answered_for

BORN, OTHER = date(1988, 5, 17), date(1960, 1, 2)
PHONE, MAIL = "+447400123456", "maya@cast.example"
RECORD = Side(
    uuid4(), "Maya Ellison", BORN, datetime(2026, 1, 1, tzinfo=UTC), has_login=False,
    record_number="P1", noted_phone=PHONE, noted_email=MAIL,
)  # fmt: skip
ACCOUNT = Side(
    uuid4(), "Maya Ellison", BORN, datetime(2026, 2, 1, tzinfo=UTC), has_login=True,
    own_phone=PHONE, own_email=MAIL,
)  # fmt: skip
ALL = {"full_name", "date_of_birth", "phone", "email"}
ELSE = {"own_phone": "+447400999999", "own_email": "else@cast.example"}


@pytest.mark.parametrize(
    ("changes", "agrees"),
    [
        ({}, ALL),
        ({"full_name": "ellison,  MAYA"}, ALL),
        ({"full_name": "Máya Ellison"}, ALL),
        ({"full_name": "Maya Johnson"}, ALL - {"full_name"}),
        ({"birth_date": None}, ALL - {"date_of_birth"}),
        ({"birth_date": OTHER}, set()),  # a parent of the same name, on the same telephone
        ({"full_name": "Tom Ellison", "birth_date": None}, set()),  # a couple shares a number
        ({"full_name": "Tom Ellison", "birth_date": OTHER}, set()),
        (ELSE, {"full_name", "date_of_birth"}),
        (ELSE | {"birth_date": None}, set()),  # a name alone
        (ELSE | {"full_name": "Ann Other"}, set()),  # a day alone
        ({"own_email": None}, ALL - {"email"}),
        ({"own_phone": None}, ALL - {"phone"}),
    ],
)
def test_what_agrees(changes, agrees):
    account = replace(ACCOUNT, **changes)
    assert agreement(account, RECORD) == agreement(RECORD, account) == agrees


def test_two_accounts_are_two():
    assert agreement(ACCOUNT, replace(RECORD, has_login=True)) == set()


@pytest.mark.parametrize(
    ("changes", "answered"),
    [
        ({}, False),
        ({"phone_is_proven": True}, True),
        ({"email_is_proven": True}, True),
        ({"phone_is_proven": True, "own_phone": "+447400999999"}, False),  # another one
        ({"email_is_proven": True, "own_email": "else@cast.example"}, False),
        ({"phone_is_proven": True, "own_phone": None}, False),
    ],
)
def test_an_account_answers_by_what_it_has_proven(changes, answered):
    account = replace(ACCOUNT, **changes)
    assert is_answered_for(account, RECORD) is is_answered_for(RECORD, account) is answered


def test_nothing_noted_is_nothing_proven():
    bare = replace(RECORD, noted_phone=None, noted_email=None)
    nothing = replace(ACCOUNT, own_phone=None, own_email=None, phone_is_proven=True)
    assert not is_answered_for(nothing, bare)


def test_two_records_of_the_desk_need_no_proof_and_the_older_stays():
    newer = replace(RECORD, id=uuid4(), created_at=datetime(2026, 3, 1, tzinfo=UTC))
    assert is_answered_for(RECORD, newer)
    assert in_order(newer, RECORD) == (RECORD, newer)
    assert in_order(RECORD, ACCOUNT) == (ACCOUNT, RECORD)  # an account, whatever its age
