"""An organisation's data, its rules, and who may change them."""

import pytest
import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.appointments.steps import take as steps
from clinic.core.data.db import db
from clinic.core.data.paging import Paging
from clinic.core.errors import Forbidden, Invalid, NotFound
from clinic.events.models import EventRow
from clinic.organisations import queries, service
from clinic.organisations.errors import NameTaken, VisitsToCome
from tests.crowd import at_once, faults
from tests.factories import book

pytestmark = pytest.mark.usefixtures("in_app")

HILL = ("Hill Clinic", "clinic", "Europe/London", "GB", "999")


def facts(name):
    db.session.rollback()
    return db.session.scalars(sa.select(EventRow.payload).filter_by(name=name)).all()


def test_opening_is_an_event_and_comes_with_rules(cast):
    opened = service.open_organisation(*HILL, actor=cast.gita.actor, approval_required=True)
    assert {"organisation_id": str(opened.id)} in facts("organisation.created")
    assert queries.rules(opened.id, THE_SYSTEM).approval_required
    assert queries.details(opened.id, THE_SYSTEM).name == "Hill Clinic"


@pytest.mark.parametrize("who", ["asha", "dr_chandra", "esha", "amir"])
def test_who_opens_none(cast, who):
    with pytest.raises(Forbidden):
        service.open_organisation(*HILL, actor=cast.people[who].actor)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", ""),
        ("name", "  "),
        ("name", "x" * 121),
        ("kind", "bakery"),
        ("timezone", "Mars/Base"),
        ("timezone", ""),
        ("timezone", "../etc/passwd"),
        ("country", "gb"),
        ("country", "XX"),
        ("emergency_number", "call us"),
        ("emergency_number", ""),
        ("phone", ""),
        ("email", "x" * 255),
        ("id", "1"),
        ("created_at", None),
    ],
)
def test_wrong_data_is_named(cast, key, value):
    with pytest.raises(Invalid) as refused:
        service.update(cast.harbour, {key: value}, cast.amir.actor)
    assert refused.value.errors[0].field == key
    assert facts("organisation.updated") == [{"organisation_id": str(place)} for place in
                                             (cast.harbour, cast.elsewhere)]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "least", "most"),
    [
        ("minimum_notice_minutes", 0, 10080),
        ("booking_horizon_days", 1, 365),
        ("cancel_notice_minutes", 0, 10080),
        ("no_show_grace_minutes", 0, 240),
    ],
)
def test_rules_have_their_ranges(cast, key, least, most):
    for value in (least, most):
        service.update_settings(cast.harbour, {key: value}, cast.amir.actor)
        assert getattr(queries.rules(cast.harbour, THE_SYSTEM), key) == value
    for value in (least - 1, most + 1, True, "5", None, 1.5):
        with pytest.raises(Invalid) as refused:
            service.update_settings(cast.harbour, {key: value}, cast.amir.actor)
        assert refused.value.errors[0].field == key


@pytest.mark.parametrize("key", ["approval_required", "auto_no_show", "two_factor_required"])
def test_switches(cast, key):
    before = getattr(queries.rules(cast.harbour, THE_SYSTEM), key)
    service.update_settings(cast.harbour, {key: not before}, cast.amir.actor)
    service.update_settings(cast.harbour, {key: not before}, cast.amir.actor)
    assert getattr(queries.rules(cast.harbour, THE_SYSTEM), key) is not before
    assert facts("settings.updated") == [{"organisation_id": str(cast.harbour)}]
    for value in (1, "on", None):
        with pytest.raises(Invalid):
            service.update_settings(cast.harbour, {key: value}, cast.amir.actor)


def test_what_is_no_setting_is_refused(cast):
    with pytest.raises(Invalid):
        service.update_settings(cast.harbour, {"organisation_id": cast.elsewhere}, cast.amir.actor)


@pytest.mark.parametrize("who", ["asha", "dr_chandra", "esha", "farid", "amir"])
def test_strangers_change_nothing(cast, who):
    actor = cast.people[who].actor
    for act in (service.update, service.update_settings):
        with pytest.raises(NotFound):
            act(cast.elsewhere, {}, actor)
    with pytest.raises(NotFound):
        service.add_location(cast.elsewhere, "Back door", "", actor)


def test_a_name_is_taken_once(cast):
    with pytest.raises(NameTaken) as refused:
        service.open_organisation("Harbour Clinic", *HILL[1:])
    assert refused.value.errors[0].field == "name"
    with pytest.raises(NameTaken):
        service.update(cast.harbour, {"name": "Far Hospital"}, cast.amir.actor)
    with pytest.raises(NameTaken):
        service.add_location(cast.harbour, "Quay Street", "15 Quay Street", cast.amir.actor)
    service.add_location(cast.elsewhere, "Quay Street", "", cast.gita.actor)


def test_the_zone_stays_while_visits_are_to_come(cast):
    visit = book(cast.asha, cast.dr_chandra, "11:30")
    with pytest.raises(VisitsToCome):
        service.update(cast.harbour, {"timezone": "Europe/Paris"}, cast.amir.actor)
    service.update(cast.harbour, {"timezone": "Europe/London", "country": "IE"}, cast.amir.actor)
    steps.take(visit.id, "cancel", cast.asha.actor)
    service.update(cast.harbour, {"timezone": "Europe/Paris"}, cast.amir.actor)
    assert queries.timezone_of(cast.harbour) == "Europe/Paris"


def test_only_a_superadmin_closes_and_opens_again(cast):
    for changes in (service.deactivate, service.reactivate):
        with pytest.raises(Forbidden):
            changes(cast.harbour, cast.amir.actor)
    with pytest.raises(Forbidden):
        service.update(cast.harbour, {"is_active": False}, cast.amir.actor)
    service.deactivate(cast.harbour, cast.gita.actor)
    assert [place.id for place in queries.active()] == [cast.elsewhere]
    assert queries.only_active() == cast.elsewhere
    service.update(cast.harbour, {"is_active": True}, cast.gita.actor)
    assert queries.only_active() is None


def test_lists(cast):
    first = queries.organisations(cast.gita.actor, Paging(limit=1))
    second = queries.organisations(cast.gita.actor, Paging(1, first.next_cursor))
    names = [page.items[0].name for page in (first, second)]
    assert (names, second.next_cursor) == (["Far Hospital", "Harbour Clinic"], None)
    theirs = queries.organisations(cast.amir.actor, Paging()).items
    assert [one.name for one in theirs] == ["Harbour Clinic"]
    assert [place.name for place in queries.places_of(cast.harbour)] == ["Quay Street"]


def test_two_of_one_name_are_one(both):
    answers = at_once(both.app, [lambda: service.open_organisation(*HILL) for _ in range(4)])
    assert faults(answers, NameTaken) == []
    assert sum(not isinstance(one, Exception) for one in answers) == 1


def test_names_are_one_line(cast):
    changes = {"name": "Harbour\n\nClinic \u202e", "email": "Hello@B\u00fccher.Example"}
    service.update(cast.harbour, changes, cast.amir.actor)
    found = queries.details(cast.harbour, THE_SYSTEM)
    assert (found.name, found.email) == ("Harbour Clinic", "hello@xn--bcher-kva.example")
    place = service.add_location(cast.harbour, "Low\nLane", "14\tQuay", cast.amir.actor)
    assert (place.name, place.address) == ("Low Lane", "14 Quay")
    with pytest.raises(Invalid):
        service.update(cast.harbour, {"name": "\u202e"}, cast.amir.actor)


def test_others_do_not_read_it(cast):
    for read in (queries.details, queries.rules):
        assert read(cast.harbour, cast.amir.actor)
        assert read(cast.elsewhere, cast.gita.actor)
        with pytest.raises(NotFound):
            read(cast.elsewhere, cast.amir.actor)
