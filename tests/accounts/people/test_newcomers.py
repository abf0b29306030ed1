"""Giving accounts: who may, to whom, and who is invited."""

from dataclasses import replace
from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.accounts.errors import (
    AlreadyInUse,
    LinkSpent,
    NotWaiting,
    WeakPassword,
)
from clinic.accounts.people import newcomers, users
from clinic.accounts.proof import keys, passwords
from clinic.accounts.proof.keys import Purpose
from clinic.core.data.db import db, transactional
from clinic.core.errors import Forbidden, Invalid, NotFound
from clinic.events.models import EventRow
from clinic.organisations.models import Organisation
from clinic.patients.models import Patient
from tests.accounts.people.accounts_given import NOOR, facts, letters, row, token_in
from tests.cast import PASSWORD
from tests.crowd import at_once, faults


@pytest.mark.usefixtures("in_app")
class TestNewcomers:
    def test_an_administrator_invites_a_colleague(self, cast):
        user_id = newcomers.create_managed(NOOR, cast.amir.actor)
        user = row(user_id)
        assert (user.role, user.email, user.organisation_id, user.password_hash) == (
            "staff", "noor@cast.example", cast.harbour, "",
        )  # fmt: skip
        (letter,) = letters()
        assert (letter.address, letter.audience, letter.organisation_id) == (
            "noor@cast.example", "staff", cast.harbour,
        )  # fmt: skip
        assert "Harbour Clinic" in letter.subject
        opened = keys.opened_by(token_in(letter), Purpose.INVITATION)
        assert opened.user_id == user_id
        assert len(facts("user.invited", user_id)) == len(facts("user.created", user_id)) == 1

    def test_no_row_holds_the_link(self, cast):
        newcomers.create_managed(NOOR, cast.amir.actor)
        (letter,) = letters()
        token = token_in(letter)
        assert f"{{link:invitation:{letter.about_id}}}" in letter.body
        kept = [*letters(), *db.session.scalars(sa.select(EventRow))]
        assert token not in str([vars(one) for one in kept])

    def test_with_a_password_nobody_is_invited(self, cast):
        user_id = newcomers.create_managed(replace(NOOR, password=PASSWORD), cast.amir.actor)
        assert passwords.matches(PASSWORD, row(user_id).password_hash)
        assert letters() == []

    @pytest.mark.parametrize("password", ["password1", "noor aziz", "1234567"])
    def test_an_easy_password_is_refused(self, cast, password):
        with pytest.raises(WeakPassword):
            newcomers.create_managed(replace(NOOR, password=password), cast.amir.actor)

    def test_who_begins_inactive_is_invited_when_they_may_come(self, cast):
        user_id = newcomers.create_managed(replace(NOOR, is_active=False), cast.amir.actor)
        assert letters() == []
        users.reactivate(user_id, cast.amir.actor)
        assert len(letters()) == 1

    @pytest.mark.parametrize("role", ["superadmin", "patient", "caretaker"])
    def test_an_administrator_gives_roles_of_the_house_alone(self, cast, role):
        with pytest.raises(Forbidden):
            newcomers.create_managed(replace(NOOR, role=role), cast.amir.actor)

    @pytest.mark.parametrize("who", ["asha", "dr_chandra", "esha"])
    def test_others_give_no_accounts(self, cast, who):
        with pytest.raises(Forbidden):
            newcomers.create_managed(NOOR, cast.people[who].actor)

    def test_no_account_is_given_in_another_house(self, cast):
        with pytest.raises(NotFound):
            newcomers.create_managed(
                replace(NOOR, organisation_id=cast.elsewhere), cast.amir.actor
            )  # fmt: skip
        own = replace(NOOR, organisation_id=cast.harbour)
        assert row(newcomers.create_managed(own, cast.amir.actor)).organisation_id == cast.harbour

    def test_a_superadmin_says_where_unless_there_is_one_place(self, cast):
        with pytest.raises(Invalid) as refused:
            newcomers.create_managed(NOOR, cast.gita.actor)
        assert refused.value.errors[0].field == "organisation_id"
        with pytest.raises(Invalid):
            newcomers.create_managed(replace(NOOR, organisation_id=uuid4()), cast.gita.actor)

        @transactional
        def close_the_far_one():
            db.session.get(Organisation, cast.elsewhere).is_active = False

        close_the_far_one()
        assert row(newcomers.create_managed(NOOR, cast.gita.actor)).organisation_id == cast.harbour

    def test_a_superadmin_makes_superadmins_and_patients_of_no_house(self, cast):
        for number, role in enumerate(("superadmin", "patient")):
            new = replace(NOOR, role=role, email=f"n{number}@cast.example", phone=None)
            user_id = newcomers.create_managed(new, cast.gita.actor)
            assert row(user_id).organisation_id is None
            person = db.session.scalar(sa.select(Patient).filter_by(user_id=user_id))
            assert (person is not None) is (role == "patient")
            with pytest.raises(Invalid):
                newcomers.create_managed(
                    replace(new, email="x@cast.example", organisation_id=cast.harbour),
                    cast.gita.actor,
                )

    @pytest.mark.parametrize(
        ("field", "value"), [("email", "DR.DEV@cast.example"), ("phone", "+447700900011")]
    )
    def test_what_somebody_else_has_is_named(self, cast, field, value):
        with pytest.raises(AlreadyInUse) as refused:
            newcomers.create_managed(replace(NOOR, **{field: value}), cast.amir.actor)
        assert [one.field for one in refused.value.errors] == [field]
        assert letters() == []

    def test_a_zone_that_does_not_exist_is_named(self, cast):
        with pytest.raises(Invalid) as refused:
            newcomers.create_managed(replace(NOOR, timezone="Mars/Base"), cast.amir.actor)
        assert refused.value.errors[0].field == "timezone"

    def test_a_second_invitation_ends_the_first(self, cast):
        user_id = newcomers.create_managed(NOOR, cast.amir.actor)
        users.resend_invitation(user_id, cast.amir.actor)
        first, second = letters()
        with pytest.raises(LinkSpent):
            keys.opened_by(token_in(first), Purpose.INVITATION)
        assert keys.opened_by(token_in(second), Purpose.INVITATION).user_id == user_id

    def test_who_has_a_password_is_not_invited_again(self, cast):
        with pytest.raises(NotWaiting):
            users.resend_invitation(cast.esha.user_id, cast.amir.actor)


def test_one_address_makes_one_account(both):
    cast = both.cast
    answers = at_once(
        both.app, [lambda: newcomers.create_managed(NOOR, cast.amir.actor) for _ in range(4)]
    )
    assert faults(answers, AlreadyInUse) == []
    assert sum(not isinstance(one, Exception) for one in answers) == 1
