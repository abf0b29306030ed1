"""A birth date is not found by trying, however many accounts share the number of a record."""

from datetime import date

import pytest

from clinic.core.errors import TooMany
from clinic.patients.errors import NobodyNoted
from clinic.patients.joining import service
from clinic.patients.people import profile
from tests.conftest import Stage
from tests.crowd import at_once, faults
from tests.patients.joining.joining_words import (
    BORN,
    heard,
    is_there,
    joined,
    proves,
    registered,
    signs_up,
)

MANY = 4  # accounts; each may try five days


def family(app, count: int = MANY):
    """So many accounts in her name, which have all proven her number."""
    accounts = [signs_up(email=f"one{number}@cast.example") for number in range(count)]
    for one in accounts:
        proves(app, one)
    return accounts


def tries(one, year: int) -> None:
    with pytest.raises(NobodyNoted):
        service.claim(one.user_id, date(year, 1, 1), one.actor)


def test_twenty_days_are_tried_of_a_record_whoever_asks(app, cast) -> None:
    with app.app_context():
        record = registered(cast)
        *accounts, last = family(app, MANY + 1)
        for number, one in enumerate(accounts):
            for year in range(1940, 1945):
                tries(one, year + 5 * number)
        with pytest.raises(TooMany):
            service.claim(last.user_id, BORN, last.actor)
        profile.update_own_profile(last.actor, {"date_of_birth": BORN})
        heard()
        assert (is_there(record), joined()) == (True, [])


def test_days_that_accounts_keep_are_counted_of_the_record_as_well(app, cast) -> None:
    with app.app_context():
        record = registered(cast)
        *accounts, last = family(app, MANY + 1)
        for number, one in enumerate(accounts):
            for year in range(1940, 1945):
                kept = {"date_of_birth": date(year + 5 * number, 1, 1)}
                profile.update_own_profile(one.actor, kept)
                heard()
        profile.update_own_profile(last.actor, {"date_of_birth": BORN})
        heard()
        assert (is_there(record), joined()) == (True, [])


def test_who_was_tried_a_little_is_found_by_themselves(app, cast) -> None:
    with app.app_context():
        record = registered(cast)
        stranger, maya = family(app, 2)
        for year in range(1940, 1945):
            tries(stranger, year)
        assert service.claim(maya.user_id, BORN, maya.actor) == ["Harbour Clinic"]
        assert joined() == [(str(maya.patient_id), str(record))]


def test_two_records_of_one_clinic_name_it_once(app, cast) -> None:
    with app.app_context():
        records = registered(cast), registered(cast)
        (maya,) = family(app, 1)
        assert service.claim(maya.user_id, BORN, maya.actor) == ["Harbour Clinic"]
        assert not any(map(is_there, records))


def test_of_two_taps_none_is_told_to_call(both: Stage) -> None:
    """The second is told the same, or finds that nothing is asked any more."""
    app, cast = both.app, both.cast
    with app.app_context():
        record = registered(cast)
        (maya,) = family(app, 1)
    taps = [lambda: service.claim(maya.user_id, BORN, maya.actor)] * 3
    answers = at_once(app, taps)
    assert faults(answers, NobodyNoted) == []
    told = [one for one in answers if not isinstance(one, Exception)]
    assert told
    assert all(one == ["Harbour Clinic"] for one in told)
    with app.app_context():
        assert joined() == [(str(maya.patient_id), str(record))]
