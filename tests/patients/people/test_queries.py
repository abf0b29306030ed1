"""Who finds which patient."""

import pytest

from clinic.core.data.db import transactional
from clinic.core.data.paging import Paging
from clinic.core.errors import NotFound
from clinic.patients.people import queries, service
from clinic.patients.people.service import Contact
from clinic.patients.records import service as records
from tests.factories import book, known_to


@transactional
def crowd(cast, count=7):
    """Two of each name, so that the id decides between them."""
    for number in range(count):
        service.register(
            cast.harbour, f"Name {number // 2}", Contact(phone=f"+4477009001{number:02}"),
            cast.esha.actor,
        )  # fmt: skip


def pages(cast, limit, who="esha", **asked):
    names, cursor = [], None
    while True:
        actor = cast.people[who].actor
        page = queries.page(cast.harbour, actor, Paging(limit, cursor), **asked)
        assert len(page.items) <= limit
        names += [one.full_name for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return names


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_show_everybody_once_by_name(both, limit):
    with both.app.app_context():
        crowd(both.cast)
        found = pages(both.cast, limit)
    assert found == [f"Name {number // 2}" for number in range(7)]


@pytest.mark.usefixtures("in_app")
class TestTheList:
    def test_a_search_narrows_it(self, cast):
        crowd(cast)
        assert pages(cast, 1, text="name 1") == ["Name 1", "Name 1"]
        assert pages(cast, 5, text="90 01 04") == ["Name 2"]
        assert pages(cast, 5, text="%") == pages(cast, 5, text="n") == []
        assert pages(cast, 5, text="na\x00") == []

    def test_the_inactive_can_be_left_out(self, cast):
        crowd(cast, 3)
        (first, *_) = queries.search(cast.harbour, "Name 1")
        records.deactivate(cast.harbour, first.id, cast.esha.actor)
        assert pages(cast, 5, is_active=True) == ["Name 0", "Name 0"]
        assert pages(cast, 5, is_active=False) == ["Name 1"]
        assert len(pages(cast, 5)) == 3

    def test_a_doctor_finds_those_they_have_visits_with(self, cast):
        crowd(cast, 2)
        book(cast.asha, cast.dr_chandra, "09:00")
        assert pages(cast, 5, "dr_chandra") == ["Asha Rao"]
        assert pages(cast, 5, "dr_dev") == []
        assert pages(cast, 5, "amir") == ["Asha Rao", "Name 0", "Name 0"]

    @pytest.mark.parametrize("who", ["farid", "dr_hana", "asha"])
    def test_others_see_nobody(self, cast, who):
        crowd(cast, 2)
        assert pages(cast, 5, who) == []

    def test_a_person_with_a_login_is_found_by_their_own_number(self, cast):
        known_to(cast.harbour, cast.asha)
        assert pages(cast, 5, text="+447700900000") == ["Asha Rao"]


@pytest.mark.usefixtures("in_app")
class TestOnePatient:
    @pytest.mark.parametrize(
        ("who", "found"),
        [
            ("asha", True), ("bela", False), ("dr_chandra", True), ("dr_dev", False),
            ("dr_hana", False), ("esha", True), ("amir", True), ("farid", False), ("gita", True),
        ],
    )  # fmt: skip
    def test_is_found_by_whom_it_concerns(self, cast, who, found):
        book(cast.asha, cast.dr_chandra, "09:00")
        actor = cast.people[who].actor
        if not found:
            with pytest.raises(NotFound):
                queries.one(actor, cast.asha.patient_id)
            return
        assert queries.one(actor, cast.asha.patient_id).phone == "+447700900000"

    def test_may_be_known_to_no_organisation_yet(self, cast):
        assert queries.one(cast.asha.actor, cast.asha.patient_id).record_number is None
        assert queries.one(cast.gita.actor, cast.asha.patient_id).organisation_id is None

    def test_shows_each_organisation_its_own_notes(self, cast):
        known_to(cast.elsewhere, cast.asha)
        known_to(cast.harbour, cast.asha)
        for who in (cast.esha, cast.farid):
            found = queries.one(who.actor, cast.asha.patient_id)
            assert found.organisation_id == who.organisation_id
