"""P16: every field of every body, with everything that has ever broken a field."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask

from clinic.core.data.db import db
from tests.api.access.test_every_api_route import Switchboard
from tests.api.test_fuzz import OPERATIONS, best_actor
from tests.core.web.test_bad_input import NAUGHTY
from tests.crowd import FULL
from tests.stages import SqliteStage

TEXTS = [one for one in NAUGHTY if isinstance(one, str)]
OTHERS: list[Any] = [
    None, True, -1, 0, 10**30, 1.5, [], {}, [[]], {"$ne": None}, ["x"] * 1000, "\ud800",
]  # fmt: skip
WORST = ["before\x00after", "\u202e\u200b\ufeff", "9999-12-31T23:59:59+00:00", "9" * 400]
MARK = "<script>alert(1)</script>"
WRITES = [row for row in OPERATIONS if row.method != "GET"]


def _values(number: int) -> list[Any]:
    """The worst for every field and a share of the rest; `make trust` tries them all."""
    everything = [*TEXTS, *OTHERS]
    return everything if FULL else [*WORST, *everything[number % 4 :: 4]]


def _example(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any] | None:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    name = content["schema"]["$ref"].rpartition("/")[2]
    schema = document["components"]["schemas"][name]
    return dict.fromkeys(schema["properties"]) | schema["examples"][0]


def _bodies(example: dict[str, Any]) -> Iterator[str]:
    given = {name: value for name, value in example.items() if value is not None}
    for number, name in enumerate(example):
        for value in _values(number):
            yield json.dumps({**given, name: value})


@pytest.mark.parametrize("row", WRITES, ids=lambda row: f"{row.method} {row.path}")
def test_no_field_breaks(
    app: Flask, sqlite_stage: SqliteStage, monday_morning: time_machine.Traveller, row
):
    theatre = Switchboard(sqlite_stage, monday_morning)
    scene = theatre.set_scene(row)
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    operation = document["paths"][f"/api/v1{row.path}"][row.method.lower()]
    actor = best_actor(row)
    caller = theatre.caller(scene, actor)
    with app.app_context():
        path = row.path.format(**row.ids(scene))
        db.session.remove()
    for body in _bodies(_example(document, operation) or {"anything": 1}):
        answer = caller.ask(row.method, path, data=body, content_type="application/json")
        assert answer.status_code < 500, body[:200]
        if answer.status_code >= 400:
            assert MARK not in answer.get_data(as_text=True)
        assert "X-Injected" not in answer.headers
