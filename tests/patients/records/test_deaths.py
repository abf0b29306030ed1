"""M7: a death counts at the clinic that noted it; at others it is a note, until they decide."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from clinic.accounts.signin import service as signin
from clinic.core.data.db import db
from clinic.core.errors import Forbidden, NotFound
from clinic.events import jobs as events
from clinic.events.models import EventRow
from clinic.patients.errors import NoNote, PatientInactive
from clinic.patients.people import queries
from clinic.patients.records import service as records
from clinic.reminders.models import Reminder
from tests.cast import PASSWORD, TODAY, at
from tests.factories import book, known_to

DAY = date(2026, 11, 14)
HERE, THERE = "esha", "farid"  # the desks of Harbour Clinic and of Far Hospital
FAR = at("09:00", TODAY + timedelta(days=1)).replace(hour=4, minute=0)  # 09:30 in Kolkata


@pytest.fixture
def visits(in_app, cast):
    """Asha has one at each clinic, with its reminder."""
    found = {THERE: book(cast.asha, cast.dr_hana, FAR), HERE: book(cast.asha, cast.dr_chandra)}
    found[HERE] = book(cast.asha, cast.dr_chandra, "11:00")
    events.deliver_due()
    events.run_tasks()
    events.deliver_due()
    return found


def place(cast, desk):
    return cast.people[desk].organisation_id


def note(cast, desk, day=DAY):
    records.update(
        place(cast, desk), cast.asha.patient_id, {"died_on": day}, cast.people[desk].actor, "keep"
    )


def read(cast, desk):
    db.session.rollback()
    return queries.one(cast.people[desk].actor, cast.asha.patient_id)


def decide(cast, desk, what):
    what(place(cast, desk), cast.asha.patient_id, cast.people[desk].actor)


def planned(visit):
    db.session.rollback()
    rows = sa.select(Reminder.rule).where(
        Reminder.appointment_id == visit.id, Reminder.status == "planned"
    )
    return [rule for rule in db.session.scalars(rows) if rule == "before_3h"]


@pytest.mark.parametrize(("desk", "other"), [(HERE, THERE), (THERE, HERE)])
def test_one_clinic_takes_nothing_from_a_patient_of_another(cast, visits, desk, other):
    note(cast, desk)
    assert (planned(visits[desk]), planned(visits[other])) == ([], ["before_3h"])
    assert (read(cast, desk).died_on, read(cast, desk).death_noted_elsewhere) == (DAY, None)
    assert (read(cast, other).died_on, read(cast, other).death_noted_elsewhere) == (None, DAY)
    doctor = {HERE: cast.dr_hana, THERE: cast.dr_chandra}[desk]
    when = {HERE: FAR + timedelta(minutes=60), THERE: at("10:30")}[desk]
    assert book(cast.asha, doctor, when).patient_id == cast.asha.patient_id


@pytest.mark.parametrize(("desk", "other"), [(HERE, THERE), (THERE, HERE)])
def test_who_noted_it_takes_it_back(cast, visits, desk, other):
    note(cast, desk)
    note(cast, desk, None)
    assert (planned(visits[desk]), planned(visits[other])) == (["before_3h"], ["before_3h"])
    assert read(cast, other).death_noted_elsewhere is None


def test_the_other_desk_confirms_and_takes_back_for_itself(cast, visits):
    note(cast, HERE)
    decide(cast, THERE, lambda *who: records.confirm_death(*who, visits="keep"))
    assert (read(cast, THERE).died_on, planned(visits[THERE])) == (DAY, [])
    note(cast, THERE, None)
    assert (read(cast, THERE).died_on, planned(visits[THERE])) == (None, ["before_3h"])
    assert read(cast, THERE).death_noted_elsewhere is None  # they have just said so
    assert (read(cast, HERE).died_on, planned(visits[HERE])) == (DAY, [])


def test_the_other_desk_dismisses_it(cast, visits):
    note(cast, HERE)
    decide(cast, THERE, records.dismiss_death)
    assert read(cast, THERE).death_noted_elsewhere is None
    assert planned(visits[THERE]) == ["before_3h"]
    with pytest.raises(NoNote):
        decide(cast, THERE, records.dismiss_death)
    names = set(db.session.scalars(sa.select(EventRow.name)))
    assert "patient.death_note_dismissed" in names
    note(cast, HERE, DAY - timedelta(days=1))  # said anew: asked anew
    assert read(cast, THERE).death_noted_elsewhere == DAY - timedelta(days=1)


def test_who_logs_in_is_alive(cast, visits):
    note(cast, HERE)
    known = signin.recognise(cast.asha.email, PASSWORD, "192.0.2.1")
    signin.open_browser(known, "tests")
    assert read(cast, THERE).death_noted_elsewhere is None
    assert (read(cast, HERE).died_on, read(cast, HERE).seen_since_death) == (DAY, True)
    with pytest.raises(PatientInactive):  # the desk decides: somebody else may have the password
        book(cast.asha, cast.dr_chandra, at("10:30"))
    note(cast, HERE)
    assert (read(cast, HERE).seen_since_death, read(cast, THERE).death_noted_elsewhere) == (
        False, DAY,
    )  # fmt: skip


def test_a_log_in_of_before_says_nothing(cast, visits):
    signin.open_browser(signin.recognise(cast.asha.email, PASSWORD, "192.0.2.1"), "tests")
    note(cast, HERE)
    assert read(cast, THERE).death_noted_elsewhere == DAY
    assert read(cast, HERE).seen_since_death is False


def test_who_does_not_know_the_patient_reads_no_note(in_app, cast):
    known_to(cast.harbour, cast.bela)
    records.update(cast.harbour, cast.bela.patient_id, {"died_on": DAY}, cast.esha.actor)
    for what in (records.confirm_death, records.dismiss_death):
        with pytest.raises(NotFound):
            what(cast.elsewhere, cast.bela.patient_id, cast.farid.actor)
        with pytest.raises(Forbidden):
            what(cast.harbour, cast.bela.patient_id, cast.dr_chandra.actor)


def test_what_is_to_be_decided_is_a_list(cast, visits):
    assert queries.deaths_to_decide(cast.elsewhere, cast.farid.actor) == []
    note(cast, HERE)
    (one,) = queries.deaths_to_decide(cast.elsewhere, cast.farid.actor)
    assert (one.id, one.death_noted_elsewhere) == (cast.asha.patient_id, DAY)
    assert queries.deaths_to_decide(cast.harbour, cast.esha.actor) == []
    assert [queries.count_deaths(cast.people[desk].actor) for desk in (HERE, THERE)] == [0, 1]


def test_the_desk_says_of_its_own_note_that_it_was_wrong(cast, visits):
    note(cast, HERE)
    signin.open_browser(signin.recognise(cast.asha.email, PASSWORD, "192.0.2.1"), "tests")
    assert queries.count_deaths(cast.esha.actor) == 1
    decide(cast, HERE, records.dismiss_death)
    assert (read(cast, HERE).died_on, planned(visits[HERE])) == (None, ["before_3h"])
    assert queries.count_deaths(cast.esha.actor) == 0
