"""The pages of webhooks: administrators at home, superadmins everywhere."""

from typing import Any

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.core.data.db import db
from clinic.hooks import service
from clinic.hooks.models import FAILED, WebhookDelivery
from tests.access.table import Row, Scene

WANTED: dict[str, Any] = {"url": "https://hooks.example/x", "types": ["appointment.*"]}


def at_harbour(scene: Scene) -> dict[str, Any]:
    return {"webhook_id": service.create(**WANTED, actor=scene.cast.amir.actor)}


def far_away(scene: Scene) -> dict[str, Any]:
    actor, place = Actor(Role.SUPERADMIN), scene.cast.elsewhere
    return {"webhook_id": service.create(**WANTED, actor=actor, organisation_id=place)}


def told(scene: Scene) -> dict[str, Any]:
    """A test that failed."""
    ids = at_harbour(scene)
    delivery_id = service.send_test(ids["webhook_id"], scene.cast.amir.actor)
    db.session.get_one(WebhookDelivery, delivery_id).status = FAILED
    db.session.commit()
    return {**ids, "delivery_id": delivery_id}


def wanted(scene: Scene) -> dict[str, Any]:
    return {**WANTED, "organisation_id": str(scene.cast.elsewhere)}


# fmt: off
HOOKS = [
    #                                   nobody asha bela chandra dev esha farid amir gita
    Row("GET", "hooks.index",               "303 403 403 403 403 403 403 200 200"),
    Row("GET", "hooks.new",                 "303 403 403 403 403 403 403 200 200"),
    Row("POST", "hooks.new",                "401 403 403 403 403 403 403 422 422"),
    Row("POST", "hooks.new",                "401 403 403 403 403 403 403 200 200",
        form=wanted, case="filled in"),
    Row("GET", "hooks.show",                "303 403 403 403 403 403 403 200 200", url=at_harbour),
    Row("GET", "hooks.show",                "303 403 403 403 403 403 403 404 200",
        url=far_away, case="elsewhere"),
    Row("POST", "hooks.save",               "401 403 403 403 403 403 403 422 422", url=at_harbour),
    Row("POST", "hooks.save",               "401 403 403 403 403 403 403 404 422",
        url=far_away, case="elsewhere"),
    Row("POST", "hooks.pause",              "401 403 403 403 403 403 403 303 303", url=at_harbour),
    Row("POST", "hooks.pause",              "401 403 403 403 403 403 403 404 303",
        url=far_away, case="elsewhere"),
    Row("POST", "hooks.resume",             "401 403 403 403 403 403 403 303 303", url=at_harbour),
    Row("POST", "hooks.resume",             "401 403 403 403 403 403 403 404 303",
        url=far_away, case="elsewhere"),
    Row("POST", "hooks.send_test",          "401 403 403 403 403 403 403 303 303", url=at_harbour),
    Row("POST", "hooks.send_test",          "401 403 403 403 403 403 403 404 303",
        url=far_away, case="elsewhere"),
    Row("POST", "hooks.rotate_secret",      "401 403 403 403 403 403 403 200 200", url=at_harbour),
    Row("POST", "hooks.rotate_secret",      "401 403 403 403 403 403 403 404 200",
        url=far_away, case="elsewhere"),
    Row("POST", "hooks.delete",             "401 403 403 403 403 403 403 303 303", url=at_harbour),
    Row("POST", "hooks.delete",             "401 403 403 403 403 403 403 404 303",
        url=far_away, case="elsewhere"),
    Row("POST", "hooks.redeliver",          "401 403 403 403 403 403 403 303 303", url=told),
]
# fmt: on
