"""Looking after accounts: who may, and that somebody always can."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from clinic.access.roles import Role
from clinic.accounts.errors import (
    AlreadyInUse,
    LastOne,
    LinkSpent,
    OwnAccount,
)
from clinic.accounts.models import User
from clinic.accounts.people import newcomers, queries, users
from clinic.accounts.people.queries import Filter
from clinic.accounts.proof import keys
from clinic.accounts.proof.keys import Purpose
from clinic.accounts.sessions import browsers
from clinic.core.data.db import db, transactional
from clinic.core.data.paging import Paging
from clinic.core.errors import Forbidden, Invalid, NotFound
from clinic.events.models import EventRow
from tests.accounts.people.accounts_given import NOOR, facts, letters, row, token_in
from tests.cast import PASSWORD
from tests.crowd import at_once, faults


@transactional
def another_admin(cast):
    return users.newcomers.create_user(
        Role.ADMIN, "Abel Admin", "abel@cast.example", cast.gita.actor, "x", None, cast.harbour
    ).id


@pytest.mark.usefixtures("in_app")
class TestChanges:
    def test_a_name_and_a_zone(self, cast):
        users.update(
            cast.esha.user_id, {"full_name": "Esha Hill", "timezone": "Asia/Kolkata"},
            cast.amir.actor,
        )  # fmt: skip
        user = row(cast.esha.user_id)
        assert (user.full_name, user.timezone) == ("Esha Hill", "Asia/Kolkata")
        assert len(facts("user.updated", user.id)) == 1

    def test_nothing_new_leaves_no_trace(self, cast):
        same = {"full_name": "Esha Gill", "email": "Esha@cast.example", "role": "staff"}
        before = db.session.scalar(sa.select(sa.func.count()).select_from(EventRow))
        users.update(cast.esha.user_id, same, cast.amir.actor)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(EventRow)) == before

    def test_a_new_address_is_not_proven_and_ends_no_session(self, cast):
        token = browsers.open_session(cast.esha.user_id, None)
        users.update(cast.esha.user_id, {"email": "Gill@cast.example"}, cast.amir.actor)
        user = row(cast.esha.user_id)
        assert (user.email, user.email_verified_at) == ("gill@cast.example", None)
        assert facts("user.contact_changed", user.id)[0]["kind"] == "email"
        assert browsers.load(token) is not None

    def test_the_address_of_somebody_else_stays_theirs(self, cast):
        with pytest.raises(AlreadyInUse) as refused:
            users.update(cast.esha.user_id, {"email": "DR.DEV@cast.example"}, cast.amir.actor)
        assert refused.value.errors[0].field == "email"

    def test_an_invitation_follows_a_corrected_address(self, cast):
        user_id = newcomers.create_managed(NOOR, cast.amir.actor)
        users.update(user_id, {"email": "noor.aziz@cast.example"}, cast.amir.actor)
        wrong, right = letters()
        assert right.address == "noor.aziz@cast.example"
        with pytest.raises(LinkSpent):
            keys.opened_by(token_in(wrong), Purpose.INVITATION)

    def test_a_new_role_signs_out(self, cast):
        token = browsers.open_session(cast.esha.user_id, None)
        users.update(cast.esha.user_id, {"role": "admin"}, cast.amir.actor)
        assert row(cast.esha.user_id).role == "admin"
        assert browsers.load(token) is None
        (fact,) = facts("user.role_changed", cast.esha.user_id)
        assert (fact["was"], fact["role"]) == ("staff", "admin")

    def test_patients_stay_patients(self, cast):
        for user_id, role in ((cast.asha.user_id, "staff"), (cast.esha.user_id, "patient")):
            with pytest.raises(Invalid):
                users.update(user_id, {"role": role}, cast.gita.actor)

    def test_an_administrator_makes_no_superadmin(self, cast):
        with pytest.raises(Forbidden):
            users.update(cast.esha.user_id, {"role": "superadmin"}, cast.amir.actor)

    def test_a_superadmin_moves_between_all_and_one_house(self, cast):
        users.update(cast.esha.user_id, {"role": "superadmin"}, cast.gita.actor)
        assert row(cast.esha.user_id).organisation_id is None
        with pytest.raises(Invalid):  # there are two to choose from
            users.update(cast.esha.user_id, {"role": "admin"}, cast.gita.actor)
        changes = {"role": "admin", "organisation_id": cast.elsewhere}
        users.update(cast.esha.user_id, changes, cast.gita.actor)
        assert row(cast.esha.user_id).organisation_id == cast.elsewhere

    def test_an_account_stays_in_its_house(self, cast):
        with pytest.raises(Invalid):
            users.update(
                cast.esha.user_id, {"organisation_id": cast.elsewhere}, cast.gita.actor
            )  # fmt: skip

    def test_deactivated_is_out_at_once_and_back_by_hand(self, cast):
        token = browsers.open_session(cast.esha.user_id, None)
        users.deactivate(cast.esha.user_id, cast.amir.actor)
        users.deactivate(cast.esha.user_id, cast.amir.actor)
        assert browsers.load(token) is None
        assert len(facts("user.deactivated", cast.esha.user_id)) == 1
        users.reactivate(cast.esha.user_id, cast.amir.actor)
        assert row(cast.esha.user_id).is_active
        assert browsers.load(token) is None

    def test_a_link_on_its_way_dies_with_the_account(self, cast):
        user_id = newcomers.create_managed(NOOR, cast.amir.actor)
        users.deactivate(user_id, cast.amir.actor)
        users.update(user_id, {"is_active": True}, cast.amir.actor)
        first, second = letters()
        with pytest.raises(LinkSpent):
            keys.opened_by(token_in(first), Purpose.INVITATION)
        assert keys.opened_by(token_in(second), Purpose.INVITATION)

    @pytest.mark.parametrize(
        "changes", [{"is_active": False}, {"role": "staff"}, {"email": "amir2@cast.example"}]
    )
    def test_nobody_does_it_to_themselves(self, cast, changes):
        another_admin(cast)
        with pytest.raises(OwnAccount):
            users.update(cast.amir.user_id, changes, cast.amir.actor)

    @pytest.mark.parametrize("changes", [{"is_active": False}, {"role": "staff"}])
    def test_the_last_administrator_stays(self, cast, changes):
        with pytest.raises(LastOne):
            users.update(cast.amir.user_id, changes, cast.gita.actor)
        another_admin(cast)
        users.update(cast.amir.user_id, changes, cast.gita.actor)

    def test_the_last_superadmin_stays(self, cast):
        other = newcomers.create_managed(
            replace(NOOR, role="superadmin", password=PASSWORD), cast.gita.actor
        )
        users.deactivate(other, cast.gita.actor)
        with pytest.raises(OwnAccount):
            users.deactivate(cast.gita.user_id, cast.gita.actor)
        absent = replace(cast.gita.actor, user_id=other)
        with pytest.raises(LastOne):
            users.deactivate(cast.gita.user_id, absent)

    @pytest.mark.parametrize("whom", ["asha", "farid", "dr_hana", "gita"])
    def test_strangers_are_out_of_reach(self, cast, whom):
        stranger = cast.people[whom].user_id
        for act in (users.deactivate, users.reactivate, users.end_sessions,
                    users.resend_invitation):  # fmt: skip
            with pytest.raises(NotFound):
                act(stranger, cast.amir.actor)
        with pytest.raises(NotFound):
            users.update(stranger, {"full_name": "Mine"}, cast.amir.actor)
        with pytest.raises(NotFound):
            queries.account(cast.amir.actor, stranger)

    @pytest.mark.parametrize("who", ["asha", "dr_chandra", "esha"])
    def test_others_look_after_nobody(self, cast, who):
        with pytest.raises(NotFound):
            users.deactivate(cast.dr_dev.user_id, cast.people[who].actor)
        assert queries.accounts(cast.people[who].actor, Filter(), Paging()).items == []

    def test_ending_sessions_leaves_the_account(self, cast):
        token = browsers.open_session(cast.esha.user_id, None)
        users.end_sessions(cast.esha.user_id, cast.amir.actor)
        assert browsers.load(token) is None
        assert row(cast.esha.user_id).is_active


@pytest.mark.usefixtures("in_app")
class TestLists:
    def names(self, actor, limit=25, cursor=None, **asked):
        page = queries.accounts(actor, Filter(**asked), Paging(limit, cursor))
        return [one.full_name for one in page.items], page.next_cursor

    def test_an_administrator_sees_the_own_house(self, cast):
        found, more = self.names(cast.amir.actor)
        assert set(found) == {"Chandra Iyer", "Dev Patel", "Esha Gill", "Amir Admin"}
        assert more is None

    def test_a_superadmin_sees_all(self, cast):
        assert len(self.names(cast.gita.actor)[0]) == len(cast.people)

    def test_pages_neither_skip_nor_repeat(self, cast):
        seen, cursor = [], None
        while True:
            found, cursor = self.names(cast.gita.actor, 2, cursor)
            seen += found
            if cursor is None:
                break
        assert sorted(seen) == sorted(self.names(cast.gita.actor)[0])

    @pytest.mark.parametrize(
        ("asked", "names"),
        [
            ({"q": "eSHa"}, {"Esha Gill"}),
            ({"q": "esha@cast"}, {"Esha Gill"}),
            ({"q": "%"}, {"Chandra Iyer", "Dev Patel", "Esha Gill", "Amir Admin"}),
            ({"q": "_%"}, set()),
            ({"role": "doctor"}, {"Chandra Iyer", "Dev Patel"}),
            ({"q": "Patel", "role": "staff"}, set()),
            ({"is_active": False}, {"Dev Patel"}),
            ({"q": "asha"}, set()),
        ],
    )
    def test_filters(self, cast, asked, names):
        users.deactivate(cast.dr_dev.user_id, cast.amir.actor)
        assert set(self.names(cast.amir.actor, **asked)[0]) == names


def test_two_administrators_cannot_send_each_other_away(both):
    cast = both.cast
    with both.app.app_context():
        other = another_admin(cast)
    abel = replace(cast.amir.actor, user_id=other)
    answers = at_once(
        both.app,
        [
            lambda: users.deactivate(other, cast.amir.actor),
            lambda: users.deactivate(cast.amir.user_id, abel),
        ],
    )
    assert faults(answers, LastOne, NotFound) == []
    with both.app.app_context():
        left = db.session.scalars(
            sa.select(User.full_name).filter_by(
                role="admin", organisation_id=cast.harbour, is_active=True
            )
        ).all()
    assert len(left) == 1
