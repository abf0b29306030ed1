"""Bad input gets a clear error: never a fault, never what was sent."""

import json

import pytest
from flask import Flask

from tests.cast import Cast


def raw(api, body: str | bytes, content_type: str = "application/json"):
    return api(None).ask("POST", "/auth/login", data=body, content_type=content_type)


def nested(depth: int) -> str:
    return '{"email":' + "[" * (depth - 1) + "]" * (depth - 1) + "}"


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "",
        "nonsense",
        '{"email": "a", "email": "b"}',
        '{"email": NaN}',
        '{"email": Infinity}',
        '{"email": -Infinity}',
        '{"email": 1e999}',
        '{"email": "\\u0000"}',
        '{"\\u0000": 1}',
        '{"email": "\\ud800"}',
        '{"email": [["deep \\u0000"]]}',
        '{"email": ' + "9" * 41 + "}",
        nested(21),
        "[" * 100_000,
        b'{"email": "\xff\xfe"}',
        '{"email": "a",}',
        "{'email': 'a'}",
        '{"a": 1} {"b": 2}',
        "\ufeff{}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_malformed_json_is_refused(api, body):
    answer = raw(api, body)
    assert answer.status_code == 400
    problem = answer.get_json()
    assert problem["type"] == "urn:clinic:problem:bad_request"
    assert problem["errors"] == []


@pytest.mark.parametrize("body", ["[]", '"text"', "1", "null", "true", nested(20)])
def test_well_formed_but_not_valid(api, body):
    answer = raw(api, body)
    assert answer.status_code == 400
    assert answer.get_json()["errors"]


def test_a_name_that_is_no_name_is_not_repeated(api):
    answer = raw(api, json.dumps({"<script>alert(1)</script>": 1}))
    assert answer.status_code == 400
    assert "script" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "text/html", "application/octet-stream"]
)
def test_other_media_types_are_not_taken(api, content_type):
    assert raw(api, "{}", content_type).status_code == 415


def test_too_much_is_too_much(api):
    large = json.dumps({"email": "x" * (256 * 1024)})
    assert raw(api, large).status_code == 413
    assert raw(api, json.dumps({"email": "x" * (255 * 1024)})).status_code == 400


@pytest.mark.parametrize(
    "path", ["/nothing", "/auth", "/auth/me/more", "/users/%00", "/users/not-a-uuid"]
)
def test_unknown_addresses_are_problems_too(api, cast: Cast, path):
    answer = api(cast.gita).get(path)
    assert answer.status_code in (400, 404)
    assert answer.mimetype == "application/problem+json"


def test_other_methods_are_named(api):
    answer = api(None).get("/auth/login")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_the_request_id_is_the_error_id(api):
    mine = "a-request-of-mine-42"
    answer = api(None).get("/auth/me", headers={"X-Request-ID": mine})
    assert answer.headers["X-Request-ID"] == answer.get_json()["error_id"] == mine


def test_a_fault_tells_nothing_but_its_id(app: Flask, api, monkeypatch: pytest.MonkeyPatch):
    def break_down() -> None:
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr("clinic.core.clock.now", break_down)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = api(None).get("/time/now")
    assert answer.status_code == 500
    assert "secret" not in answer.get_data(as_text=True)
    assert answer.get_json()["error_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/time/now?zone=UTC", "zone"),
        ("/doctors?specialty=cardiology", "specialty"),
        ("/doctors?limit=2&page=3", "page"),
        ("/auth/me?fields=email", "fields"),
        ("/time/now?%3Cb%3E=1", "query"),
    ],
)
def test_a_query_name_that_nobody_knows_is_refused(api, cast, path, field):
    """Passed over, it would be an answer to another question."""
    answer = api(cast.asha).get(path)
    assert answer.status_code == 400
    assert [(one["field"], one["code"]) for one in answer.json["errors"]] == [
        (field, "extra_forbidden")
    ]


def test_groups_go_by_either_name(api, cast):
    path = f"/appointments/stats/doctor/{cast.dr_chandra.doctor_id}?from=2026-11-01&to=2026-11-30"
    for name in ("group_by", "groupBy"):
        assert api(cast.dr_chandra).get(f"{path}&{name}=month").json["group_by"] == "month"


def test_refusals_speak_to_programs(api):
    for path, status in (("/auth/me", 401), ("/nothing", 404), ("/auth/login", 405)):
        problem = api(None).get(path)
        assert problem.status_code == status
        assert "page" not in problem.json["title"] + problem.json["detail"]
