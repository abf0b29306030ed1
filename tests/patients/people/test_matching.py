"""Who is found by what, on both databases."""

from datetime import date

import pytest

from clinic.core.data.db import transactional
from clinic.core.data.paging import Paging
from clinic.patients.people import queries, service
from clinic.patients.people.service import Contact
from clinic.patients.records import service as records
from tests.factories import book, known_to

PEOPLE = (
    ("Maya Ellison", "+447700900960", "maya@example.org", date(1988, 5, 17)),
    ("\u0141ukasz O\u2019Brien-S\u00f8rensen", "+447400100001", None, date(1970, 6, 5)),
    ("Anne-Marie M\u00fcller", None, "a.mueller@example.org", date(1970, 5, 6)),
    ("\u738b\u5c0f\u660e", "+442079460142", None, None),
)
MAYA, LUKASZ, ANNE, WANG = (name for name, *_ in PEOPLE)


@transactional
def people(cast):
    for name, phone, email, born in PEOPLE:
        contact = Contact(phone=phone, email=email)
        service.register(cast.harbour, name, contact, cast.esha.actor, born)


def found(cast, text, who="esha"):
    person = cast.people[who]
    page = queries.page(person.organisation_id, person.actor, Paging(), text)
    assert queries.count(person.organisation_id, person.actor, text) == len(page.items)
    return [one.full_name for one in page.items]


CASES = [
    ("ellison maya", MAYA), ("MAYA", MAYA), ("Ellison, Maya", MAYA), ("lli", MAYA),
    ("07700 900960", MAYA), ("07700900960", MAYA), ("00447700900960", MAYA),
    ("(07700) 900960", MAYA),
    ("+44 7700 900 960", MAYA), ("900960", MAYA), ("Maya 07700", MAYA), ("maya@", MAYA),
    ("MAYA@example.org", MAYA), ("17 May 1988", MAYA), ("17/05/1988", MAYA), ("1988-05-17", MAYA),
    ("ellison 17.5.88", MAYA), ("lukasz obrien", LUKASZ), ("o'brien", LUKASZ), ("sorensen", LUKASZ),
    ("\u0141UKASZ", LUKASZ), ("05/06/1970", LUKASZ), ("annemarie", ANNE), ("anne marie", ANNE),
    ("muller", ANNE), ("mueller", ANNE), ("Mueller, Anne", ANNE),
    ("M\u00dcLLER", ANNE), ("\u5c0f\u660e", WANG), ("020 7946 0142", WANG),
]  # fmt: skip


def test_people_are_found_as_they_are_called(both):
    with both.app.app_context():
        people(both.cast)
        got = {text: found(both.cast, text) for text, _ in CASES}
    assert got == {text: [name] for text, name in CASES}


@pytest.mark.parametrize(
    "text", ["maya smith", "maya 18 May 1988", "07700 900961", "%%", "__", "m.", "@m"]
)
def test_every_part_must_be_right(in_app, cast, text):
    people(cast)
    assert found(cast, text) == []


def test_a_code_leads_to_its_person_where_the_visit_is(both):
    with both.app.app_context():
        visit = book(both.cast.asha, both.cast.dr_chandra, "09:00")
        for text in (visit.code, visit.code.lower(), f" {visit.code} "):
            assert found(both.cast, text) == ["Asha Rao"]
            assert found(both.cast, text, "farid") == []
            assert found(both.cast, text, "dr_dev") == []
            assert found(both.cast, text, "gita") == ["Asha Rao"]


def test_a_record_number_leads_to_its_person(in_app, cast):
    people(cast)
    (one,) = queries.search(cast.harbour, "maya")
    assert found(cast, one.record_number.lower()) == [MAYA]


def test_a_superadmin_finds_everybody_once(both):
    """By what any organisation knows of them."""
    cast = both.cast
    with both.app.app_context():
        people(cast)
        for place in (cast.harbour, cast.elsewhere):
            known_to(place, cast.asha)
        assert found(cast, "asha", "gita") == ["Asha Rao"]
        (maya,) = queries.search(cast.harbour, "maya")
        noted = Contact(phone="+919820012345")
        transactional(service.link)(maya.id, cast.elsewhere, noted)
        assert found(cast, "+919820012345", "gita") == [MAYA]
        (one,) = queries.page(None, cast.gita.actor, Paging(), "ellison").items
        assert one.organisation_id == cast.harbour


def test_who_gets_nothing_more_is_not_offered_for_booking(in_app, cast):
    people(cast)
    (maya,) = queries.search(cast.harbour, "maya")
    records.deactivate(cast.harbour, maya.id, cast.esha.actor)
    assert queries.search(cast.harbour, "maya") == []
    assert found(cast, "maya") == [MAYA]
    (anne,) = queries.search(cast.harbour, "anne")
    records.update(cast.harbour, anne.id, {"died_on": date(2026, 11, 1)}, cast.esha.actor)
    assert queries.search(cast.harbour, "anne") == []


def test_a_duplicate_is_noticed_however_the_name_is_written(in_app, cast):
    people(cast)
    alike = queries.possible_duplicates(
        cast.harbour, "Lukasz O'Brien Sorensen", birth_date=date(1970, 6, 5)
    )
    assert [one.name for one in alike] == [LUKASZ]
