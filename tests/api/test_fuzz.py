"""The whole document, fuzzed: whatever is sent, no fault, and answers as they are described."""

from typing import Any

import pytest
import schemathesis
import time_machine
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode, checks

from clinic.core.data.db import db
from tests.access.table import ACTORS
from tests.api.access.rows import Row
from tests.api.access.test_every_api_route import ROWS, Switchboard
from tests.crowd import FULL
from tests.stages import SqliteStage

EXAMPLES = 200 if FULL else 12  # of each kind
checks.load_all_checks()
CHECKS = checks.CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    ]
)
OPERATIONS = list({(row.method, row.path): row for row in ROWS}.values())


def best_actor(row: Row) -> str | None:
    """Somebody the operation lets in, so that the fuzz gets beyond the door."""
    statuses = {row.status_for(actor): actor for actor in reversed(ACTORS)}
    return next((actor for status, actor in sorted(statuses.items()) if status < 300), "asha")


@pytest.fixture
def switchboard(
    app: Flask, sqlite_stage: SqliteStage, monday_morning: time_machine.Traveller
) -> Switchboard:
    return Switchboard(sqlite_stage, monday_morning)


@pytest.fixture(scope="module")
def document(sqlite_stage: SqliteStage) -> Any:
    """Read once: what it takes from the code for its examples takes as long as a test."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", sqlite_stage.app)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: f"{row.method} {row.path}")
def test_no_fault(switchboard: Switchboard, document: Any, row: Row, mode: GenerationMode) -> None:
    scene = switchboard.set_scene(row)
    operation = document[f"/api/v1{row.path}"][row.method]
    actor = best_actor(row)
    caller = switchboard.caller(scene, actor)
    with switchboard.app.app_context():
        ids = {name: str(value) for name, value in row.ids(scene).items()}
        db.session.remove()
    if not (operation.query or operation.body or (operation.path_parameters and not ids)):
        mode = GenerationMode.POSITIVE  # nothing can be wrong in nothing
    found = operation.as_strategy(generation_mode=mode, path_parameters=ids or None)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=found)
    def ask(case: Case) -> None:
        answer = case.call(headers={**caller.headers, "Accept-Encoding": "identity"})
        case.validate_response(answer, checks=CHECKS)
        with switchboard.app.app_context():
            db.session.remove()

    ask()
