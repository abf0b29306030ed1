"""Who gets what from clinic/reminders/desk/."""

from typing import Any

from clinic.reminders.keeping import steps
from tests.access.table import Row, Scene
from tests.cast import at
from tests.reminders.own_helpers import made

NOON = at("12:00")


def of_desk(scene: Scene) -> dict[str, Any]:
    """One that Esha made for all."""
    return {"reminder_id": made(scene.cast.esha, NOON, choice={"everyone": True})}


def waiting(scene: Scene) -> dict[str, Any]:
    found = of_desk(scene)
    steps.pause(found["reminder_id"], scene.cast.esha.actor)
    return found


def of_asha(scene: Scene) -> dict[str, Any]:
    return {"reminder_id": made(scene.cast.asha, NOON)}


def paused(scene: Scene) -> dict[str, Any]:
    found = of_asha(scene)
    steps.pause(found["reminder_id"], scene.cast.asha.actor)
    return found


# fmt: off
ROWS = [
    #                                         nobody asha bela chandra dev esha farid amir gita
    Row("GET", "reminders.index",             "303 403 403 403 403 200 200 200 403"),
    Row("GET", "reminders.new",               "303 403 403 403 403 200 200 200 403"),
    Row("POST", "reminders.save",             "401 403 403 403 403 422 422 422 403"),
    Row("GET", "reminders.show",              "303 403 403 403 403 200 404 200 403", url=of_desk),
    Row("GET", "reminders.edit",              "303 403 403 403 403 200 404 200 403", url=of_desk),
    Row("POST", "reminders.update",           "401 403 403 403 403 422 404 422 403", url=of_desk),
    Row("POST", "reminders.pause",            "401 403 403 403 403 303 404 303 403", url=of_desk),
    Row("POST", "reminders.resume",           "401 403 403 403 403 303 404 303 403", url=waiting),
    Row("POST", "reminders.send_now",         "401 403 403 403 403 303 404 303 403", url=of_desk),
    Row("POST", "reminders.cancel",           "401 403 403 403 403 303 404 303 403", url=of_desk),
    Row("GET", "my_reminders.index",          "303 200 200 403 403 403 403 403 403"),
    Row("GET", "my_reminders.new",            "303 200 200 403 403 403 403 403 403"),
    Row("POST", "my_reminders.save",          "401 422 422 403 403 403 403 403 403"),
    Row("GET", "my_reminders.show",           "303 200 404 403 403 403 403 403 403", url=of_asha),
    Row("GET", "my_reminders.edit",           "303 200 404 403 403 403 403 403 403", url=of_asha),
    Row("POST", "my_reminders.update",        "401 422 404 403 403 403 403 403 403", url=of_asha),
    Row("POST", "my_reminders.pause",         "401 303 404 403 403 403 403 403 403", url=of_asha),
    Row("POST", "my_reminders.resume",        "401 303 404 403 403 403 403 403 403", url=paused),
    Row("POST", "my_reminders.send_now",      "401 303 404 403 403 403 403 403 403", url=of_asha),
    Row("POST", "my_reminders.cancel",        "401 303 404 403 403 403 403 403 403", url=of_asha),
]
