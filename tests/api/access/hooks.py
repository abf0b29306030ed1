"""Who gets what from clinic/api/hooks/webhooks.py."""

from typing import Any

from tests.access.hooks import WANTED, at_harbour, far_away, told
from tests.access.table import Scene
from tests.api.access.rows import Row

ALL = "/webhooks/subscriptions"
ONE = f"{ALL}/{{webhook_id}}"


def wanted(_: Scene) -> dict[str, Any]:
    return WANTED


def wanted_at_harbour(scene: Scene) -> dict[str, Any]:
    return {**WANTED, "organisation_id": str(scene.cast.harbour)}


def wanted_elsewhere(scene: Scene) -> dict[str, Any]:
    return {**WANTED, "organisation_id": str(scene.cast.elsewhere)}


# fmt: off
ROWS = [
    Row("GET", "/events/types", "401 403 403 403 403 403 403 200 200"),
    #                                     nobody asha bela chandra dev esha farid amir gita
    Row("GET", ALL,                           "401 403 403 403 403 403 403 200 200"),
    Row("POST", ALL,                          "401 403 403 403 403 403 403 201 201",
        json=wanted_at_harbour),
    Row("POST", ALL,                          "401 403 403 403 403 403 403 404 201",
        json=wanted_elsewhere, case="elsewhere"),
    Row("POST", ALL,                          "401 403 403 403 403 403 403 201 400",
        json=wanted, case="without saying where"),
    Row("GET", ONE,                           "401 403 403 403 403 403 403 200 200",
        ids=at_harbour),
    Row("GET", ONE,                           "401 403 403 403 403 403 403 404 200",
        ids=far_away, case="elsewhere"),
    Row("PATCH", ONE,                         "401 403 403 403 403 403 403 200 200",
        ids=at_harbour, json=lambda _: {"is_active": False}),
    Row("PATCH", ONE,                         "401 403 403 403 403 403 403 404 200",
        ids=far_away, json=lambda _: {"is_active": False}, case="elsewhere"),
    Row("DELETE", ONE,                        "401 403 403 403 403 403 403 204 204",
        ids=at_harbour),
    Row("DELETE", ONE,                        "401 403 403 403 403 403 403 404 204",
        ids=far_away, case="elsewhere"),
    Row("POST", f"{ONE}/rotate-secret",       "401 403 403 403 403 403 403 200 200",
        ids=at_harbour),
    Row("POST", f"{ONE}/rotate-secret",       "401 403 403 403 403 403 403 404 200",
        ids=far_away, case="elsewhere"),
    Row("POST", f"{ONE}/test",                "401 403 403 403 403 403 403 202 202",
        ids=at_harbour),
    Row("POST", f"{ONE}/test",                "401 403 403 403 403 403 403 404 202",
        ids=far_away, case="elsewhere"),
    Row("GET", f"{ONE}/deliveries",           "401 403 403 403 403 403 403 200 200",
        ids=told),
    Row("GET", f"{ONE}/deliveries",           "401 403 403 403 403 403 403 404 200",
        ids=far_away, case="elsewhere"),
    Row("POST", f"{ONE}/deliveries/{{delivery_id}}/redeliver",
        "401 403 403 403 403 403 403 202 202", ids=told),
]
# fmt: on
