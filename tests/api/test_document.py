"""The OpenAPI document says what is there, and is itself as its specification wants it."""

import re
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from pydantic import BaseModel

from clinic.api import frame, naming


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return answer.get_json()


def operations(document: dict[str, Any]):
    for path, item in document["paths"].items():
        for verb, operation in item.items():
            yield f"{verb.upper()} {path}", operation


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"environment": "production"}, 404),
        ({"environment": "production", "api_docs": True}, 200),
        ({"environment": "development", "api_docs": False}, 404),
        ({"environment": "development"}, 200),
    ],
)
def test_production_shows_it_only_where_a_setting_says_so(
    app, client, monkeypatch, given, expected
):
    settings = app.config["SETTINGS"].model_copy(update=given)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    for path in ("/docs", "/redoc", "/api/v1/openapi.json"):
        assert client.get(path).status_code == expected


def test_it_is_valid(document):
    assert document["openapi"] == "3.1.0"
    validate(document, cls=OpenAPIV31SpecValidator)


def test_every_route_stands_in_it(app: Flask, document):
    routes = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(("api_", "twilio."))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    found = {(verb, path) for path, item in document["paths"].items() for verb in item}
    assert found == routes


def test_every_operation_says_what_it_does_and_who_may(document):
    for name, operation in operations(document):
        assert operation["summary"].endswith("."), name
        assert operation["tags"], name
        assert any(status[0] == "2" for status in operation["responses"]), name
        if name.endswith(("/twilio/webhook", "/twilio/status")):
            continue  # signed, not with a token
        is_open = "security" not in operation
        says_401 = "/auth/" in name or "/webhooks/" in name
        assert is_open == ("401" not in operation["responses"]) or says_401, name
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (name, status)


def test_calls_are_named_as_a_program_would(document):
    """Clients are made from these ids: a move of ours must not break a program of theirs."""
    ids = {name: one["operationId"] for name, one in operations(document)}
    assert ids["POST /api/v1/auth/login"] == "sign_in"
    assert ids["GET /api/v1/doctors"] == "list_doctors"
    assert ids["POST /api/v1/appointments"] == "book_appointment"
    assert ids["POST /api/v1/appointments/{appointment_id}/cancel"] == "cancel_appointment"
    assert ids["POST /api/v1/auth/patient/signup"] == "sign_up_patient"
    assert ids["GET /api/v1/auth/sessions"] == "list_sessions"
    assert ids["POST /api/v1/auth/two-factor/on"] == "switch_on_two_factor"
    assert ids["POST /api/v1/auth/reset"] == "reset_password"
    for name, one in ids.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", one), (name, one)
        assert not one.endswith("_index") and "api" not in one.split("_"), (name, one)


def test_each_model_is_one_component_with_a_plain_name(document):
    models = document["components"]["schemas"]
    assert [name for name in models if not name.isidentifier()] == []
    assert {"UserOut", "AppointmentOut", "AppointmentStatus", "SlotOut"} <= models.keys()
    told = re.findall(r"#/components/schemas/([^\"']+)", str(document))
    assert set(told) <= models.keys()


def test_every_name_told_apart_stands_for_an_operation(app: Flask, document):
    """A name in the table that no operation has would be of one that moved."""
    assert set(naming.OPERATIONS) <= set(app.view_functions)
    paths = {path.removeprefix(frame.PREFIX) for path in document["paths"]}
    assert set(naming.SECOND) <= paths


def test_ids_are_unique(document):
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids))


def models(kind: type[BaseModel]) -> list[type[BaseModel]]:
    found = []
    for one in kind.__subclasses__():
        found += [one, *models(one)]
    return found


@pytest.mark.parametrize("kind", [frame.In, frame.Out])
def test_every_model_has_an_example_that_fits(app: Flask, document, kind):
    described = document["components"]["schemas"]
    names = [model.__name__ for model in models(kind)]
    assert len(names) == len(set(names)), "two models of one name"
    seen = 0
    with app.app_context():
        for model in models(kind):
            examples = described.get(model.__name__, {}).get("examples")
            if model.__name__ not in described or issubclass(model, frame.PageOf):
                continue
            if "'binary'" in str(described[model.__name__]):
                continue  # a file shows itself
            assert examples, f"{model.__name__} has no example"
            for one in examples:
                model.model_validate(one)
                seen += 1
    assert seen


def test_bodies_and_lists_are_bounded(document):
    """What has no bound can be sent without end."""
    for name, operation in operations(document):
        for parameter in operation["parameters"]:
            schema = parameter["schema"]
            kinds = schema.get("anyOf", [schema])
            for one in kinds:
                if one.get("type") == "string" and not one.keys() & {"format", "enum", "pattern"}:
                    assert "maxLength" in one, (name, parameter["name"])
