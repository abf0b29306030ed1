"""Whatever happens, a kept page is what would be rendered now: for everybody, byte for byte."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import meta

from clinic.access.actor import THE_SYSTEM
from clinic.accounts.own import photo, profile
from clinic.accounts.people import users
from clinic.appointments.models import Appointment
from clinic.appointments.steps import sweep
from clinic.appointments.steps import take as steps
from clinic.appointments.vocabulary import UPCOMING
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.errors import ClinicError
from clinic.doctors import profiles
from clinic.organisations import service as organisations
from clinic.schedules import service as schedules
from clinic.schedules.queries import windows_of
from tests.cast import NOW, Cast
from tests.conftest import Stage, client_of
from tests.factories import book, set_rules
from tests.questions import asked

Act = Callable[[Cast, int], object]


def _books(cast: Cast, number: int) -> None:
    soon = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1 + number)
    book(cast.asha, cast.dr_chandra, soon)


def _moves_on(cast: Cast, number: int) -> None:
    found = db.session.scalars(
        sa.select(Appointment.id).where(Appointment.status.in_(sorted(UPCOMING)))
    ).all()
    if found:
        steps.take(found[number % len(found)], "cancel", cast.esha.actor)


def _changes_hours(cast: Cast, number: int) -> None:
    found = windows_of([cast.dr_chandra.doctor_id]).get(cast.dr_chandra.doctor_id, [])
    if found:
        key = found[number % len(found)].id
        schedules.update_window(key, {"end": time(10 + number % 3), "capacity": 2}, THE_SYSTEM)


def _opens_elsewhere(cast: Cast, number: int) -> None:
    new = schedules.NewWindow(
        None, time(13), time(15), weekday=number % 5, location=f"Room {number}"
    )
    schedules.publish_window(cast.dr_chandra.doctor_id, new, THE_SYSTEM)


def _is_away(cast: Cast, number: int) -> None:
    start = clock.now() + timedelta(hours=number)
    schedules.take_time_off(
        cast.dr_chandra.doctor_id, start, start + timedelta(hours=8), "", THE_SYSTEM
    )


def _has_another_photo(cast: Cast, number: int) -> None:
    photo._name_photo(cast.dr_chandra.user_id, f"{number}.webp", cast.dr_chandra.actor)


def _speaks_another_language(cast: Cast, number: int) -> None:
    spoken = {"languages": [("en", "fr", "bn")[number % 3]], "specialisations": ["neurology"]}
    profiles.upsert_profile(cast.dr_dev.user_id, spoken, THE_SYSTEM)


def _closes_hours(cast: Cast, number: int) -> None:
    for one in windows_of([cast.dr_dev.doctor_id]).get(cast.dr_dev.doctor_id, [])[number % 2 :]:
        schedules.withdraw_window(one.id, THE_SYSTEM)


def _names_a_place(cast: Cast, number: int) -> None:
    organisations.add_location(cast.harbour, f"Place {number}", "", THE_SYSTEM)


def _switches_clinic(cast: Cast, number: int) -> None:
    done = organisations.deactivate if number % 3 == 0 else organisations.reactivate
    done(cast.harbour, cast.gita.actor)


ACTS: dict[str, Act] = {
    "book": _books,
    "cancel": _moves_on,
    "hours": _changes_hours,
    "open": _opens_elsewhere,
    "away": _is_away,
    "photo": _has_another_photo,
    "clinic": _switches_clinic,
    "languages": _speaks_another_language,
    "closes": _closes_hours,
    "place": _names_a_place,
    "sweep": lambda cast, number: sweep.mark_no_shows(),
    "rules": lambda cast, number: set_rules(cast.harbour, minimum_notice_minutes=number * 60),
    "clinic's name": lambda cast, number: organisations.update(
        cast.harbour, {"name": f"Port {number}", "phone": None}, THE_SYSTEM
    ),
    "name": lambda cast, number: profile.update_own(
        cast.dr_chandra.user_id, {"full_name": f"Chandra {number}"}, cast.dr_chandra.actor
    ),
    "profile": lambda cast, number: profiles.upsert_profile(
        cast.dr_chandra.user_id, {"bio": f"Since {number}."}, THE_SYSTEM
    ),
    "leave": lambda cast, number: users.deactivate(cast.dr_chandra.user_id, cast.amir.actor),
    "return": lambda cast, number: users.reactivate(cast.dr_chandra.user_id, cast.amir.actor),
    "wait": lambda cast, number: None,
}
HAPPENS = st.tuples(
    st.sampled_from(sorted(ACTS)), st.integers(0, 9), st.sampled_from([0, 0, 30, 60, 1800, 86_400])
)
PART = {"HX-Request": "true"}


def questions(cast: Cast) -> list[tuple[str, dict[str, str]]]:
    week = f"/doctors/{cast.dr_chandra.doctor_id}"
    return [
        (week, {}), (week, PART), (f"{week}?week=2026-W48", {}), ("/", {}), ("/", PART),
        ("/?specialisation=cardiology&part=morning", {}), ("/?q=chan&date=2026-11-18", PART),
        (f"/?location={cast.quay_street}", {}), (f"{week}?location={cast.quay_street}&q=x", {}),
    ]  # fmt: skip


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=st.lists(HAPPENS, min_size=2, max_size=5), who=st.integers(0, 2))
def test_a_kept_page_is_the_page(both: Stage, monday_morning, story, who: int) -> None:
    both.put_back()
    monday_morning.move_to(NOW, tick=False)
    person = [None, both.cast.asha, both.cast.esha][who]
    for name, number, seconds in story:
        monday_morning.move_to(clock.now() + timedelta(seconds=seconds), tick=False)
        reader = client_of(both.app, person) if person else both.app.test_client()
        pages = [*questions(both.cast)[number % 3 :: 3], ("/?q=unicorn", {})]
        read(reader, pages)
        act(both, name, number)
        after, kept = read(reader, pages), read(reader, pages)
        both.app.extensions["kept"].clear()
        made = read(reader, pages)
        assert after == made
        assert kept == made
        assert {status for status, _ in made} <= {200, 404}  # 404: not while they are closed


def read(reader: FlaskClient, pages: list[tuple[str, dict[str, str]]]) -> list[tuple[int, str]]:
    """Status and text; a 404 names its request."""
    found = [reader.get(path, headers=headers) for path, headers in pages]
    return [(one.status_code, one.text if one.status_code == 200 else "") for one in found]


def act(on: Stage, name: str, number: int) -> None:
    with on.app.app_context():
        try:
            ACTS[name](on.cast, number)
        except ClinicError:
            pass  # taken, not offered, there already: then nothing has happened
        finally:
            db.session.remove()


def test_a_page_that_is_kept_asks_for_nothing_but_versions(both: Stage) -> None:
    visitor = both.app.test_client()
    for path, headers in questions(both.cast):
        both.app.extensions["kept"].clear()
        with both.app.app_context(), asked() as first:
            visitor.get(path, headers=headers)
        with both.app.app_context(), asked() as again:
            visitor.get(path, headers=headers)
        assert len(first) > 2, path
        assert len([one for one in again if one != "BEGIN"]) == 1, (path, again)


def test_who_looks_is_asked_along_with_the_versions(both: Stage) -> None:
    reader = client_of(both.app, both.cast.asha)
    for path, headers in questions(both.cast):
        reader.get(path, headers=headers)
        with asked_by(both) as heard:
            assert reader.get(path, headers=headers).status_code == 200
        (question,) = [one for one in heard if one != "BEGIN"]
        assert "user_sessions" in question, path
        assert "diary_version" in question, path


@contextmanager
def asked_by(on: Stage) -> Iterator[list[str]]:
    with on.app.app_context():
        engine = db.engine
    heard: list[str] = []

    def hear(_connection, _cursor, statement, *_) -> None:
        heard.append(statement)

    sa.event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)


def test_what_cannot_be_read_is_refused_ahead_of_any_question(both: Stage) -> None:
    reader = client_of(both.app, both.cast.asha)
    assert reader.get("/?q=ab%00c").status_code == 400
    assert reader.get("/?cursor=nonsense").status_code == 400
    assert reader.get(f"/doctors/{uuid4()}").status_code == 404


def test_one_booking_makes_one_card_anew(both: Stage) -> None:
    visitor = both.app.test_client()
    visitor.get("/")
    with both.app.app_context():
        book(both.cast.asha, both.cast.dr_chandra)
    with both.app.app_context(), asked() as questions_:
        page = visitor.get("/").text
    assert "Dr Chandra Iyer" in page
    (diaries,) = [one for one in questions_ if "FROM appointments" in one]
    assert "UNION ALL" in diaries
    kept = both.app.extensions["kept"]._parts
    assert sum(key[0][0] == "card" for key in kept) == 4  # three doctors, and one of them twice


def test_what_the_front_page_asks_is_counted(both: Stage) -> None:
    """Ranking and choices cost no statement more than a page by name with fixed choices did."""
    visitor, counts = both.app.test_client(), []
    visitor.get("/")  # whose site it is, is remembered until an organisation changes
    for path in ("/", f"/?location={both.cast.quay_street}", "/?q=heart"):
        both.app.extensions["kept"].clear()
        counts.append(statements_of(both, visitor, path))
    assert counts == [4, 4, 4]  # versions, profiles, diaries, choices
    with both.app.app_context():
        book(both.cast.asha, both.cast.dr_chandra)
    assert statements_of(both, visitor, "/?q=heart") == 3  # the choices stay


def statements_of(on: Stage, visitor: FlaskClient, path: str) -> int:
    with on.app.app_context(), asked() as heard:
        assert visitor.get(path).status_code == 200
    return len([one for one in heard if one != "BEGIN"])


PERSONAL = {"current_user", "session", "request", "g", "csrf_token", "get_flashed_messages",
            "shell", "layout", "lang", "nav", "site", "theme", "here", "bare"}  # fmt: skip
KEPT = ("shown", "directory", "card", "fields", "slot", "slot_days", "_week", "_results")


@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept_names_nothing_personal(in_app, name: str) -> None:
    source, _, _ = in_app.jinja_env.loader.get_source(in_app.jinja_env, f"doctors/{name}.html")
    named = meta.find_undeclared_variables(in_app.jinja_env.parse(source))
    assert named & PERSONAL == set()


def test_kept_pages_are_nobody_elses_to_keep(both: Stage) -> None:
    visitor = both.app.test_client()
    for path, headers in questions(both.cast):
        for _ in range(2):
            answer = visitor.get(path, headers=headers)
            assert answer.headers["Cache-Control"] == "private, no-cache"
            assert "HX-Request" in answer.headers["Vary"]


def test_what_a_visitor_has_already_is_not_sent_again(both: Stage) -> None:
    """By its tag, which is that of the words: another language or another week has another one."""
    visitor = both.app.test_client()
    for path, headers in questions(both.cast):
        first = visitor.get(path, headers=headers)
        again = visitor.get(path, headers={**headers, "If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Cache-Control"] == "private, no-cache"
        other = visitor.get(path, headers={**headers, "If-None-Match": 'W/"another"'})
        assert (other.status_code, other.data) == (200, first.data)
    signed_in = client_of(both.app, both.cast.asha)
    answer = signed_in.get("/")
    assert "ETag" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
