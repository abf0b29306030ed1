"""What is named by a string leads somewhere: endpoints, jobs, events, handlers, processes."""

import importlib
import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from clinic import switchboard, timetable
from clinic.access.roles import Role
from clinic.config import ROOT
from clinic.core.web.security import EVERYONE, SIGNED_IN
from clinic.core.work import queue
from clinic.events.names import PAYLOADS, Event, topic_of
from clinic.events.service import handler_name
from tests.architecture.tree import name_of, python_files, strings_in

JOB_NAME = re.compile(r"clinic\.\w+\.jobs\.\w+")
EVENT_NAME = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")
# The payload keys that are no ids.
PLAIN_KEYS = {"error_code", "status", "role", "reason", "was", "kind"}
KICKED_TICK_S = 15  # a kick that was lost may cost no more than this
LONGEST = {"handler": 80, "task": 40}  # the columns that keep the names

HANDLERS = [
    (event, handler)
    for table in (switchboard.NOW, switchboard.LATER)
    for event, handlers in table.items()
    for handler in handlers
]
FUNCTIONS = [*(handler for _, handler in HANDLERS), *switchboard.TASKS.values()]


def jobs_named() -> set[tuple[str, str]]:
    """Every job that the product names, with each file that does."""
    return {
        (text, name_of(path))
        for path in python_files("clinic")
        for text in strings_in(path)
        if JOB_NAME.fullmatch(text)
    }


def resolve(dotted: str) -> Any:
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)


def parameters(function: Callable[..., Any]) -> int:
    return len(inspect.signature(function).parameters)


def test_every_endpoint_says_who_may_use_it(app: Flask) -> None:
    known = {*Role, EVERYONE, SIGNED_IN}
    said = {
        name: getattr(view, "access", frozenset())
        for name, view in app.view_functions.items()
        if name != "static"
    }
    assert said
    assert {name for name, roles in said.items() if not roles or not roles <= known} == set()


def test_every_job_name_is_a_function_without_arguments() -> None:
    assert jobs_named()
    for dotted, _ in jobs_named():
        assert parameters(resolve(dotted)) == 0, dotted


def test_every_job_has_a_tick_that_heals_a_lost_kick() -> None:
    kicked = {name for name, file in jobs_named() if file != "clinic/timetable.py"}
    assert kicked
    assert {
        name for name in kicked if timetable.TICKS.get(name, KICKED_TICK_S + 1) > KICKED_TICK_S
    } == set()


def test_no_job_is_forgotten() -> None:
    public = {
        f"clinic.{path.parent.name}.jobs.{name}"
        for path in python_files("clinic")
        if path.name == "jobs.py"
        for name, value in vars(importlib.import_module(f"clinic.{path.parent.name}.jobs")).items()
        if inspect.isfunction(value)
        and not name.startswith("_")
        and value.__module__.endswith(f"{path.parent.name}.jobs")
    }
    assert public == timetable.TICKS.keys()


def test_every_queue_has_a_worker() -> None:
    """There is one queue; whoever makes another must say here who works it off."""
    source = (ROOT / "clinic/core/work/queue.py").read_text()
    assert re.findall(r"(?<!def _)\bQueue\((\w+)", source) == ["QUEUE"]
    assert re.findall(r"queue_name=(\w+)", source) == ["QUEUE"]
    assert re.search(r"AppWorker\(\s*\[_queue\(connection\)\]", source)
    assert queue.QUEUE
    for file in ("Procfile", "docker-compose.yml"):
        text = (ROOT / file).read_text()
        for process in ("worker", "scheduler"):
            assert re.search(rf"flask\b.*\b{process}\b", text), f"{file} starts no {process}"


def test_every_event_is_well_named_and_declares_its_payload() -> None:
    assert PAYLOADS.keys() == set(Event)
    assert [name for name in Event if not EVENT_NAME.fullmatch(name)] == []
    for event, keys in PAYLOADS.items():
        assert keys, event
        assert [key for key in keys - PLAIN_KEYS if not key.endswith("_id")] == [], event
        assert EVENT_NAME.fullmatch(topic_of(event))


def test_every_event_is_recorded_somewhere() -> None:
    source = "\n".join(
        path.read_text() for path in python_files("clinic") if path.name != "names.py"
    )
    assert [one.name for one in Event if not re.search(rf"Event\.{one.name}\b", source)] == []


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_whoever_the_switchboard_calls_is_a_public_function(function: Callable[..., Any]) -> None:
    module = importlib.import_module(function.__module__)
    assert getattr(module, function.__name__) is function
    assert not function.__name__.startswith("_")
    assert parameters(function) == 1


def test_handler_names_are_unique_and_fit_their_column() -> None:
    assert HANDLERS
    for event in Event:
        names = [handler_name(one) for name, one in HANDLERS if name is event]
        assert len(names) == len(set(names)), event
    for _, handler in HANDLERS:
        name = handler_name(handler)
        assert len(name) <= LONGEST["handler"]
        assert (ROOT / "clinic" / name.partition(".")[0]).is_dir()
        assert handler.__name__.startswith("on_"), name


def test_every_task_that_is_asked_for_has_a_runner() -> None:
    assert all(len(kind) <= LONGEST["task"] for kind in switchboard.TASKS)
    asked = {
        word
        for path in python_files("clinic")
        for word in re.findall(r"tasks\.enqueue\(\s*(\w+)", path.read_text())
    }
    source = (ROOT / "clinic/switchboard.py").read_text()
    assert asked
    assert {word for word in asked if not re.search(rf"\b{word}: ", source)} == set()


def test_every_doorbell_has_somebody_who_says_who_may_hear_it() -> None:
    for kind, topic in switchboard.TOPICS.items():
        assert parameters(topic.may_watch) == 2, kind
    rung = {
        ring
        for path in python_files("clinic")
        for ring in re.findall(r'live\.ring\(\s*f"(\w+):[^"]*", "(\w+)"', path.read_text())
    }
    assert rung == {(kind, topic.word) for kind, topic in switchboard.TOPICS.items()}


def test_pages_listen_for_the_words_that_are_rung() -> None:
    templates = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    heard = set(re.findall(r"doorbell\([^}]*ring=\"(\w+)\"", templates)) | {"board"}
    assert heard == {topic.word for topic in switchboard.TOPICS.values()}
