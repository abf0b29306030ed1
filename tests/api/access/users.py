"""Who gets what from clinic/api/accounts/users.py and organisations/."""

from collections.abc import Callable
from typing import Any

from tests.access.table import KNOWN, Scene, far_place, quay
from tests.api.access.rows import Row

NOOR = {"email": "noor@cast.example", "full_name": "Noor Aziz", "role": "staff"}
POLICIES = "/organisations/{organisation_id}/policies"
PLACES = "/organisations/{organisation_id}/locations"
HILL = {"name": "Hill Clinic", "country": "GB", "timezone": "Europe/London"}


def of(name: str) -> Callable[[Scene], dict[str, Any]]:
    return lambda scene: {"user_id": scene.cast.people[name].user_id}


def harbour(scene: Scene) -> dict[str, Any]:
    return {"organisation_id": scene.cast.harbour}


def elsewhere(scene: Scene) -> dict[str, Any]:
    return {"organisation_id": scene.cast.elsewhere}


def noor_at(place: str) -> Callable[[Scene], dict[str, Any]]:
    return lambda scene: {**NOOR, "organisation_id": str(getattr(scene.cast, place))}


def pier(_: Scene) -> dict[str, Any]:
    return {"name": "Pier", "address": "2 Pier"}


def renamed(_: Scene) -> dict[str, Any]:
    return {"full_name": "Somebody Else"}


# fmt: off
ROWS = [
    #                                            nobody asha bela chandra dev esha farid amir gita
    Row("GET", "/users",                             "401 403 403 403 403 403 403 200 200",
        readable=KNOWN),
    Row("POST", "/users",                            "401 403 403 403 403 403 403 201 201",
        json=noor_at("harbour")),
    Row("POST", "/users",                            "401 403 403 403 403 403 403 404 201",
        json=noor_at("elsewhere"), case="elsewhere"),
    Row("POST", "/users",                            "401 403 403 403 403 403 403 403 201",
        json=lambda _: {**NOOR, "role": "superadmin"}, case="for all"),
    Row("GET", "/users/{user_id}",                   "401 403 403 403 403 403 403 200 200",
        ids=of("esha")),
    Row("GET", "/users/{user_id}",                   "401 403 403 403 403 403 403 404 200",
        ids=of("asha"), readable=KNOWN, case="of Asha"),
    Row("PATCH", "/users/{user_id}",                 "401 403 403 403 403 403 403 200 200",
        ids=of("esha"), json=renamed),
    Row("PATCH", "/users/{user_id}",                 "401 403 403 403 403 403 403 404 200",
        ids=of("farid"), json=renamed, case="of a stranger"),
    Row("DELETE", "/users/{user_id}",                "401 403 403 403 403 403 403 204 204",
        ids=of("esha")),
    Row("DELETE", "/users/{user_id}",                "401 403 403 403 403 403 403 404 204",
        ids=of("farid"), case="of a stranger"),
    Row("POST", "/users/{user_id}/end-sessions",     "401 403 403 403 403 403 403 204 204",
        ids=of("esha")),
    Row("POST", "/users/{user_id}/end-sessions",     "401 403 403 403 403 403 403 404 204",
        ids=of("farid"), case="of a stranger"),
    Row("POST", "/users/{user_id}/invite",           "401 403 403 403 403 403 403 409 409",
        ids=of("esha")),
    Row("POST", "/users/{user_id}/invite",           "401 403 403 403 403 403 403 404 409",
        ids=of("farid"), case="of a stranger"),
    Row("GET", "/organisations",                     "401 403 403 403 403 403 403 200 200"),
    Row("POST", "/organisations",                    "401 403 403 403 403 403 403 403 201",
        json=lambda _: HILL),
    Row("GET", "/organisations/{organisation_id}",   "401 403 403 403 403 403 403 200 200",
        ids=harbour),
    Row("GET", "/organisations/{organisation_id}",   "401 403 403 403 403 403 403 404 200",
        ids=elsewhere, case="elsewhere"),
    Row("PATCH", "/organisations/{organisation_id}", "401 403 403 403 403 403 403 200 200",
        ids=harbour, json=lambda _: {"name": "Harbour House"}),
    Row("PATCH", "/organisations/{organisation_id}", "401 403 403 403 403 403 403 404 200",
        ids=elsewhere, json=lambda _: {"name": "Far House"}, case="elsewhere"),
    Row("PATCH", "/organisations/{organisation_id}", "401 403 403 403 403 403 403 403 200",
        ids=harbour, json=lambda _: {"is_active": False, "visits": "keep"}, case="closing it"),
    Row("GET", "/organisations/{organisation_id}/settings", "401 403 403 403 403 403 403 200 200",
        ids=harbour),
    Row("GET", "/organisations/{organisation_id}/settings", "401 403 403 403 403 403 403 404 200",
        ids=elsewhere, case="elsewhere"),
    Row("PATCH", "/organisations/{organisation_id}/settings", "401 403 403 403 403 403 403 200 200",
        ids=harbour, json=lambda _: {"booking_horizon_days": 90}),
    Row("PATCH", "/organisations/{organisation_id}/settings", "401 403 403 403 403 403 403 404 200",
        ids=elsewhere, json=lambda _: {"booking_horizon_days": 90}, case="elsewhere"),
    Row("GET", f"{PLACES}",                          "401 403 403 403 403 403 403 200 200",
        ids=harbour),
    Row("GET", f"{PLACES}",                          "401 403 403 403 403 403 403 404 200",
        ids=elsewhere, case="elsewhere"),
    Row("POST", f"{PLACES}",                         "401 403 403 403 403 403 403 201 201",
        ids=harbour, json=pier),
    Row("POST", f"{PLACES}",                         "401 403 403 403 403 403 403 404 201",
        ids=elsewhere, json=pier, case="elsewhere"),
    Row("PATCH", f"{PLACES}/{{location_id}}",        "401 403 403 403 403 403 403 200 200",
        ids=quay, json=pier),
    Row("PATCH", f"{PLACES}/{{location_id}}",        "401 403 403 403 403 403 403 404 200",
        ids=far_place, json=pier, case="elsewhere"),
    Row("DELETE", f"{PLACES}/{{location_id}}",       "401 403 403 403 403 403 403 409 409",
        ids=quay),
    Row("DELETE", f"{PLACES}/{{location_id}}",       "401 403 403 403 403 403 403 404 204",
        ids=far_place, query=lambda _: {"visits": "keep"}, case="elsewhere"),
    Row("GET", f"{POLICIES}/privacy",         "200 200 200 200 200 200 200 200 200",
        ids=harbour),
    Row("GET", f"{POLICIES}/privacy/versions", "200 200 200 200 200 200 200 200 200",
        ids=harbour),
    Row("PUT", f"{POLICIES}/privacy",         "401 403 403 403 403 403 403 200 200",
        ids=harbour, json=lambda _: {"text": "# Ours"}),
    Row("PUT", f"{POLICIES}/privacy",         "401 403 403 403 403 403 403 404 200",
        ids=elsewhere, json=lambda _: {"text": "# Ours"}, case="elsewhere"),
    Row("GET", f"{POLICIES}/terms",           "200 200 200 200 200 200 200 200 200",
        ids=harbour),
    Row("GET", f"{POLICIES}/terms/versions", "200 200 200 200 200 200 200 200 200",
        ids=harbour),
    Row("PUT", f"{POLICIES}/terms",           "401 403 403 403 403 403 403 200 200",
        ids=harbour, json=lambda _: {"text": "# Ours"}),
    Row("PUT", f"{POLICIES}/terms",           "401 403 403 403 403 403 403 404 200",
        ids=elsewhere, json=lambda _: {"text": "# Ours"}, case="elsewhere"),
    Row("POST", "/organisations/signup",             "400 400 400 400 400 400 400 400 400"),
]
