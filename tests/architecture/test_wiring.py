"""What is named by a string leads somewhere: endpoints, jobs, events, handlers, processes."""

import ast
import importlib
import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any, get_args, get_origin
from uuid import UUID

import pytest
from flask import Flask

from clinic import switchboard, timetable
from clinic.access.roles import Role
from clinic.access.visible import Visible
from clinic.config import ROOT
from clinic.core.web.security import EVERYONE, SIGNED_IN
from clinic.core.work import wire
from clinic.events.fact import DECLARED, Fact
from clinic.events.subscriptions import handler_name
from clinic.events.tasks import Together
from tests.architecture.tree import name_of, python_files, strings_in, syntax_of

JOB_NAME = re.compile(r"clinic\.\w+\.jobs\.\w+")
EVENT_NAME = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")
# What a fact carries that is no id.
PLAIN_KEYS = {"sender", "visits", "why",
    "error_code", "status", "role", "reason", "was", "kind",
    "place", "user_id",  # of a refused try: a keyed hash, and nobody's account has no id
}  # fmt: skip
KICKED_TICK_S = 15  # a kick that was lost may cost no more than this
LONGEST = {"handler": 80, "task": 40, "event": 60}  # the columns that keep the names

HANDLERS = [
    (kind, handler)
    for table in (switchboard.NOW, switchboard.LATER)
    for kind, handlers in table.items()
    for handler in handlers
]
RUNNERS = [one.run if isinstance(one, Together) else one for one in switchboard.TASKS.values()]
FUNCTIONS = [*(handler for _, handler in HANDLERS), *RUNNERS]


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
    work = ROOT / "clinic/core/work"
    source = {path.stem: path.read_text() for path in work.glob("*.py")}
    everything = "".join(source.values())
    assert re.findall(r"\bQueue\((\w+)", everything) == ["QUEUE"]
    assert re.findall(r"queue_name=(\w+)", everything) == ["QUEUE"]
    assert re.search(r"AppWorker\(\s*\[wire.queue_on\(patient\)\]", source["queue"])
    assert wire.QUEUE
    for file in ("Procfile", "docker-compose.yml"):
        text = (ROOT / file).read_text()
        for process in ("worker", "scheduler"):
            assert re.search(rf"clinic\b.*\b{process}\b", text), f"{file} starts no {process}"


def test_every_room_declares_its_facts_and_nobody_elses() -> None:
    """All of them were imported with the product, so that any row finds its class."""
    files = {path for path in python_files("clinic") if path.name == "facts.py"}
    declared = {
        name for path in files for name in re.findall(r'@fact\(\s*"(.+?)"', path.read_text())
    }
    assert declared
    assert declared == DECLARED.keys()
    assert {name_of(path) for path in python_files("clinic") if "@fact(" in path.read_text()} == {
        name_of(path) for path in files
    }


def test_facts_know_only_what_a_fact_is() -> None:
    """So that any room may read those of any other."""
    known = {"dataclasses", "uuid", "clinic.events.fact"}
    for path in python_files("clinic"):
        if path.name == "facts.py":
            nodes = list(ast.walk(syntax_of(path)))
            assert not [node for node in nodes if isinstance(node, ast.Import)], name_of(path)
            imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
            assert imported <= known, name_of(path)


def test_every_fact_is_well_named_and_carries_ids_and_plain_words() -> None:
    assert len(set(DECLARED.values())) == len(DECLARED)
    for name, kind in DECLARED.items():
        assert name == kind.name
        assert kind.kinds, name
        for text in (kind.name, kind.topic):
            assert EVENT_NAME.fullmatch(text), text
            assert len(text) <= LONGEST["event"]
        ids = {key for key, found in kind.kinds.items() if found is UUID}
        assert [key for key in ids if not key.endswith("_id")] == [], name
        assert kind.kinds.keys() - ids <= PLAIN_KEYS, name


def test_later_steps_of_a_visit_share_a_topic() -> None:
    """Filters and subscriptions know them by it; a release that changed one would lose them."""
    shared = {name for name, kind in DECLARED.items() if kind.topic != name}
    steps = {name for name in DECLARED if name.startswith("appointment.")}
    assert shared == steps - {"appointment.created"}
    assert {DECLARED[name].topic for name in shared} == {"appointment.updated"}


def test_every_fact_is_recorded_somewhere() -> None:
    source = "\n".join(
        path.read_text()
        for path in python_files("clinic")
        if path.name not in ("facts.py", "switchboard.py")
    )
    told = re.sub(r"^from .*? import (\([^)]*\)|.*)$|\bfact: \w+", "", source, flags=re.MULTILINE)
    names = [kind.__name__ for kind in DECLARED.values()]
    assert [name for name in names if not re.search(rf"\b{name}\b", told)] == []


@pytest.mark.parametrize(
    ("kind", "handler"), HANDLERS, ids=lambda one: getattr(one, "__name__", "")
)
def test_a_handler_takes_the_facts_it_is_subscribed_to(
    kind: type[Fact], handler: Callable[..., Any]
) -> None:
    """NOW one, LATER as many as wait."""
    (parameter,) = inspect.signature(handler).parameters.values()
    taken = parameter.annotation
    if handler in switchboard.LATER.get(kind, []):
        assert get_origin(taken) is Sequence
        (taken,) = get_args(taken)
    assert issubclass(kind, taken)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_whoever_the_switchboard_calls_is_a_public_function(function: Callable[..., Any]) -> None:
    module = importlib.import_module(function.__module__)
    assert getattr(module, function.__name__) is function
    assert not function.__name__.startswith("_")
    assert parameters(function) == 1


def test_handler_names_are_unique_and_fit_their_column() -> None:
    assert HANDLERS
    for event in DECLARED.values():
        names = [handler_name(one) for kind, one in HANDLERS if kind is event]
        assert len(names) == len(set(names)), event
    for _, handler in HANDLERS:
        name = handler_name(handler)
        assert len(name) <= LONGEST["handler"]
        assert (ROOT / "clinic" / name.partition(".")[0]).is_dir()
        assert handler.__name__.startswith("on_"), name


def test_an_alias_leads_from_a_name_that_is_gone_to_a_handler_from_the_outbox() -> None:
    later = [one for handlers in switchboard.LATER.values() for one in handlers]
    assert switchboard.ALIASES.keys().isdisjoint({handler_name(one) for one in later})
    assert all(handler in later for handler in switchboard.ALIASES.values())


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
        assert isinstance(topic.visible, Visible), kind
        assert topic.visible.rows, kind
    rung = {
        ring
        for path in python_files("clinic")
        for ring in re.findall(r'live\.ring\(\s*f"(\w+):[^"]*", "(\w+)"', path.read_text())
    }
    assert rung == {(kind, topic.word) for kind, topic in switchboard.TOPICS.items()}


def test_pages_listen_for_the_words_that_are_rung() -> None:
    templates = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    heard = set(re.findall(r"doorbell\([^}]*ring=\"(\w+)\"", templates)) | {"board"}
    heard |= set(re.findall(r"id=\"bell\".*hx-trigger=\"(\w+) from:body\"", templates))
    assert heard == {topic.word for topic in switchboard.TOPICS.values()}
