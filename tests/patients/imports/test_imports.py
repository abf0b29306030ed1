"""A list of patients becomes records: every row once, with a report of what was refused."""

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.core.errors import NotFound
from clinic.events import jobs as events
from clinic.events import queries as event_queries
from clinic.events import tasks
from clinic.events.models import EventRow
from clinic.patients.imports import lists
from clinic.patients.imports import service as imports
from clinic.patients.models import PatientImport, PatientOrganisation
from clinic.patients.people import queries, service
from clinic.patients.records import service as records
from tests.conftest import Stage
from tests.crowd import at_once, faults
from tests.factories import known_to

HEADER = "name,phone,email,birth_date,language,channel"


def start(cast, *lines, header=HEADER):
    return imports.start_import(cast.harbour, "\n".join([header, *lines]), cast.esha.actor)


def brought_in(cast, *lines, header=HEADER):
    """The report on a list that was worked off."""
    import_id = start(cast, *lines, header=header)
    while imports.continue_import(import_id):
        pass
    return imports.progress(cast.harbour, import_id)


def refusals(report):
    return [(one["row"], one["field"], one["code"]) for one in report.refused]


def patients_of(organisation_id):
    db.session.rollback()
    here = PatientOrganisation.organisation_id == organisation_id
    return db.session.scalar(
        sa.select(sa.func.count()).select_from(PatientOrganisation).where(here)
    )


def thousand():
    """Every tenth row is bad, and the last hundred repeat the first."""
    numbers = [*range(900), *range(100)]
    return [
        "No Phone,12" if number % 10 == 9 else f"Patient {number},+4477010{number:05}"
        for number in numbers
    ]


# --- the good rows


@pytest.mark.usefixtures("in_app")
def test_good_rows_become_patients(cast):
    report = brought_in(
        cast,
        "Inês Gomes,07700 900055,Ines@Cast.Example,02/01/1970,pt-br,WhatsApp",
        "Noor Aziz,,noor@cast.example,1980-12-31,,",
    )
    assert (report.status, report.total, report.done, report.created) == ("done", 2, 2, 2)
    assert report.refused == []
    found = {one.name: queries.one(cast.esha.actor, one.id) for one in search(cast, "no", "in")}
    ines, noor = found["Inês Gomes"], found["Noor Aziz"]
    assert (ines.phone, ines.email) == ("+447700900055", "ines@cast.example")
    assert (str(ines.date_of_birth), ines.language, ines.channel) == (
        "1970-01-02",
        "pt-BR",
        "whatsapp",
    )
    assert (str(noor.date_of_birth), noor.language, noor.channel) == ("1980-12-31", "en", "email")


def search(cast, *texts):
    return [one for text in texts for one in queries.search(cast.harbour, text)]


@pytest.mark.usefixtures("in_app")
def test_a_formula_is_only_text(cast):
    brought_in(cast, "=HYPERLINK(1)", "@Noor", header="name")
    assert [one.name for one in search(cast, "=h", "@no")] == ["=HYPERLINK(1)", "@Noor"]


@pytest.mark.usefixtures("in_app")
def test_when_it_is_done_only_the_report_is_kept(cast):
    import_id = start(cast, "Ines,,,,,", ",12,,,,")
    assert imports.continue_import(import_id) is False
    row = db.session.get_one(PatientImport, import_id)
    assert (row.rows, row.status, row.finished_at is not None) == (None, "done", True)
    told = sa.select(EventRow).where(EventRow.name == "patient.imported")
    event = db.session.scalars(told).one()
    assert event.payload == {"import_id": str(import_id)}
    assert (event.actor_id, event.organisation_id) == (cast.esha.user_id, cast.harbour)
    assert imports.continue_import(import_id) is False
    assert len(db.session.scalars(told).all()) == 1


@pytest.mark.usefixtures("in_app")
def test_an_unreadable_file_starts_nothing(cast):
    with pytest.raises(lists.UnreadableList):
        start(cast, header=HEADER)
    db.session.rollback()
    assert db.session.scalars(sa.select(PatientImport.id)).all() == []


@pytest.mark.usefixtures("in_app")
def test_strangers_do_not_see_the_report(cast):
    import_id = start(cast, "Ines,,,,,")
    with pytest.raises(NotFound):
        imports.progress(cast.elsewhere, import_id)
    with pytest.raises(NotFound):
        imports.continue_import(cast.harbour)


# --- the bad rows

KNOWN = "Known Person,+447700900090,known@cast.example,1970-01-01,,"
BAD = [
    (",07700 900055,,,,", "full_name", "required"),
    ("  ,07700 900055,,,,", "full_name", "required"),
    ('"\u2003",07700 900055,,,,', "full_name", "required"),
    ("x" * 121 + ",,,,,", "full_name", "too_long"),
    ("In\x07es,,,,,", "full_name", "unstorable"),
    ("In\ue000es,,,,,", "full_name", "unstorable"),
    ("Ines,12,,,,", "phone", "not_a_phone"),
    ("Ines,call me,,,,", "phone", "not_a_phone"),
    ("Ines,+44 7700 9000551234,,,,", "phone", "not_a_phone"),
    ("Ines,=1+1,,,,", "phone", "not_a_phone"),
    ("Ines," + "4" * 41 + ",,,,", "phone", "too_long"),
    ("Ines,,ines,,,", "email", "not_an_email"),
    ("Ines,,ines@,,,", "email", "not_an_email"),
    ("Ines,,a@b@cast.example,,,", "email", "not_an_email"),
    ("Ines,," + "n" * 250 + "@cast.example,,,", "email", "too_long"),
    ("Ines,,,31/02/1970,,", "date_of_birth", "not_a_date"),
    ("Ines,,,1970-02-31,,", "date_of_birth", "not_a_date"),
    ("Ines,,,12/31/1970,,", "date_of_birth", "not_a_date"),
    ("Ines,,,1.2.19700,,", "date_of_birth", "not_a_date"),
    ("Ines,,,01/02/70,,", "date_of_birth", "not_a_date"),
    ("Ines,,,May 1970,,", "date_of_birth", "not_a_date"),
    ("Ines,,,2027-01-01,,", "date_of_birth", "in_the_future"),
    ("Ines,,,1870-01-01,,", "date_of_birth", "too_long_ago"),
    ("Ines,,,,portuguese,", "language", "not_a_language"),
    ("Ines,,,,p,", "language", "not_a_language"),
    ("Ines,,,,,pigeon", "channel", "unknown_choice"),
    ("Ines,,,,,sms,and more", "", "too_many_cells"),
    ("Known Person,07700 900090,,,,", "full_name", "duplicate"),
    ("KNOWN PERSON,,Known@cast.example,,,", "full_name", "duplicate"),
    ("known  person,,,01/01/1970,,", "full_name", "duplicate"),
]


@pytest.mark.usefixtures("in_app")
def test_bad_rows_are_named_and_the_good_ones_kept(cast):
    assert len(BAD) == 30
    lines = [line for line, _, _ in BAD]
    report = brought_in(cast, KNOWN, *lines, "Bo,,,,,")
    assert refusals(report) == [(1, "", "no_contact")] + [
        (number, field, code) for number, (_, field, code) in enumerate(BAD, start=3)
    ]
    assert (report.done, report.created) == (32, 2)
    for word in ("Ines", "Known", "cast.example", "9000", "1970", "pigeon", "HYPER"):
        assert word not in str(report.refused).replace("name@example.org", "").replace(
            "07400 123456", ""
        )


@pytest.mark.usefixtures("in_app")
def test_a_row_may_be_wrong_in_several_ways(cast):
    report = brought_in(cast, "Ines,12,ines@,,,", "Bo,,,,,")
    assert refusals(report) == [(2, "phone", "not_a_phone"), (2, "email", "not_an_email")]
    assert (report.done, report.created) == (2, 1)


@pytest.mark.usefixtures("in_app")
@pytest.mark.parametrize(
    ("line", "created"),
    [
        ("Ines Gomes,07700 900055,,,,", 0),
        ("Ines Gomes,,INES@cast.example,,,", 0),
        ("Ines Gomes,07700 900056,other@cast.example,,,", 1),
        ("Rui Gomes,07700 900055,ines@cast.example,,,", 1),  # a family shares a telephone
        ("Ines Gomes,,,,,", 1),
        ("Ines Gomes,,,1970-01-02,,", 0),
    ],
)
def test_duplicates_are_those_whom_the_organisation_knows(cast, line, created):
    known = {"full_name": "Ines Gomes", "phone": "+447700900055", "email": "ines@cast.example"}
    records.register(cast.harbour, {**known, "date_of_birth": "1970-01-02"}, cast.esha.actor)
    assert brought_in(cast, line).created == created
    assert brought_in(cast, line).created == 0  # the same list again


@pytest.mark.usefixtures("in_app")
def test_an_account_is_known_by_its_own_number(cast):
    known_to(cast.harbour, cast.asha)
    assert brought_in(cast, "asha rao,+44 7700 900000,,,,").created == 0
    assert brought_in(cast, "bela novak,+44 7700 900001,,,,").created == 1


# --- the list sent again


@pytest.mark.usefixtures("in_app")
def test_a_list_sent_again_with_a_heading_mended_doubles_nobody(cast):
    lines = [f"Person {number},07700 9000{number},{number}.12.1985" for number in range(10, 30)]
    first = brought_in(cast, *lines, header="name,fone,geboren")
    assert (first.created, first.updated) == (20, 0)
    again = brought_in(cast, *lines, header="name,tel,geboren")
    assert (again.created, again.updated, patients_of(cast.harbour)) == (0, 20, 20)
    once_more = brought_in(cast, *lines, header="name,tel,dob")
    assert (once_more.created, once_more.updated, patients_of(cast.harbour)) == (0, 20, 20)
    last = brought_in(cast, *lines, header="name,tel,dob")
    assert (last.created, last.updated, len(last.refused)) == (0, 0, 20)
    (found,) = search(cast, "Person 10")
    person = queries.one(cast.esha.actor, found.id)
    assert (person.phone, str(person.date_of_birth)) == ("+447700900010", "1985-12-10")


@pytest.mark.usefixtures("in_app")
def test_who_was_only_mailed_is_texted_by_nobody_until_something_is_known(cast):
    brought_in(cast, "Noor Aziz", header="name")
    brought_in(cast, "Noor Aziz,noor@cast.example", header="name,email")
    (found,) = search(cast, "Noor")
    noor = queries.one(cast.esha.actor, found.id)
    assert (noor.email, noor.channel) == ("noor@cast.example", "email")


@pytest.mark.usefixtures("in_app")
def test_father_and_son_of_one_name_and_number_are_two(cast):
    report = brought_in(
        cast,
        "John Gomes,07700 900055,1950-01-02",
        "John Gomes,07700 900055,1985-12-31",
        "John Gomes,07700 900056,1985-12-31",
        header="name,mobile,born",
    )
    assert (report.created, refusals(report)) == (2, [(4, "full_name", "duplicate")])


@pytest.mark.usefixtures("in_app")
def test_an_account_keeps_its_details_itself(cast):
    known_to(cast.harbour, cast.asha)
    report = brought_in(cast, "asha rao,+44 7700 900000,1984-05-17", header="name,phone,dob")
    assert (report.created, report.updated, len(report.refused)) == (0, 0, 1)


@pytest.mark.usefixtures("in_app")
def test_a_list_as_a_practice_system_writes_it(cast):
    report = brought_in(
        cast,
        "Gomes;Ines;07700 900055;31.12.1985",
        'Az"iz;"No"or";;',
        "Novak;Bela;+44 7700 900056;5-6-1984 00:00:00",
        "Rao;Asha;;1984-05-17T00:00:00",
        header="\ufeffsep=;\r\nSurname;First name;Mobile No.;D.O.B.",
    )
    assert (report.created, refusals(report)) == (3, [(3, "", "bad_quotes")])
    (found,) = search(cast, "Bela Novak")
    bela = queries.one(cast.esha.actor, found.id)
    assert (bela.phone, str(bela.date_of_birth)) == ("+447700900056", "1984-06-05")


@pytest.mark.usefixtures("in_app")
def test_many_without_contact_are_warned_of_on_top(cast):
    report = brought_in(cast, *(f"Person {one},07700 900055" for one in range(6)), header="name,x")
    assert refusals(report) == [(1, "", "no_contact"), (1, "column_2", "unknown_column")]
    assert report.refused[0]["values"] == {"count": 6, "total": 6}


# --- a thousand rows


def test_a_crash_in_the_middle_costs_no_row_and_doubles_none(both: Stage, monkeypatch):
    cast = both.cast
    register, calls = service.register, 0

    def dies_once(*given):
        nonlocal calls
        calls += 1
        if calls == 437:
            raise RuntimeError("the worker died")
        return register(*given)

    monkeypatch.setattr(service, "register", dies_once)
    with both.app.app_context():
        import_id = start(cast, *thousand())
        more = True
        while more:
            try:
                more = imports.continue_import(import_id)
            except RuntimeError:
                before = imports.progress(cast.harbour, import_id)
                assert (before.done, before.created) == (400, 360)
                assert patients_of(cast.harbour) == 360
        report = imports.progress(cast.harbour, import_id)
        assert calls > 810
        assert (report.status, report.total, report.done) == ("done", 1000, 1000)
        assert report.created == patients_of(cast.harbour) == 810
        codes = [one["code"] for one in report.refused]
        assert (codes.count("not_a_phone"), codes.count("duplicate")) == (100, 90)
        assert [one["row"] for one in report.refused][:2] == [11, 21]


def test_the_background_task_finishes_alone_after_a_crash(both: Stage, monkeypatch, monday_morning):
    cast = both.cast
    take, calls = imports._take, 0

    def dies_once(*given):
        nonlocal calls
        calls += 1
        if calls == 3:
            raise RuntimeError("the worker died")
        return take(*given)

    monkeypatch.setattr(imports, "_take", dies_once)
    with both.app.app_context():
        import_id = start(cast, *thousand()[:450])
        events.run_tasks()
        (task,) = event_queries.tasks_about(import_id)
        assert (task.status, task.error_message) == ("queued", "RuntimeError")
        assert imports.progress(cast.harbour, import_id).done == 200
        monday_morning.shift(10)
        events.run_tasks()
        db.session.rollback()
        (task,) = event_queries.tasks_about(import_id)
        assert (task.status, task.error_message) == ("succeeded", None)
        assert imports.progress(cast.harbour, import_id).created == patients_of(cast.harbour) == 405


def test_a_request_and_the_worker_share_the_rows(both: Stage):
    cast = both.cast
    with both.app.app_context():
        import_id = start(cast, *thousand()[:600])

    def work():
        while imports.continue_import(import_id):
            pass

    answers = at_once(both.app, [work, work, tasks.run_due, work])
    assert faults(answers) == []
    with both.app.app_context():
        events.run_tasks()
        report = imports.progress(cast.harbour, import_id)
        assert (report.done, report.created) == (600, 540)
        assert patients_of(cast.harbour) == 540
        told = sa.select(sa.func.count()).select_from(EventRow)
        assert db.session.scalar(told.where(EventRow.name == "patient.imported")) == 1


@pytest.mark.usefixtures("in_app")
def test_a_task_about_no_import_fails_with_words(cast):
    with pytest.raises(tasks.TaskFailed, match="no longer exists"):
        imports.work_off(cast.harbour)
