"""Who gets what from clinic/api/schedules/."""

from tests.access.table import Scene
from tests.api.access.rows import Row


def window(scene: Scene) -> dict:
    return {"schedule_id": scene.visit.schedule_id}


def doctor(scene: Scene) -> dict:
    return {"doctor_id": scene.cast.dr_chandra.doctor_id}


def window_of(scene: Scene) -> dict:
    return {**doctor(scene), **window(scene)}


def nobodys(scene: Scene) -> dict:
    return {"time_off_id": scene.visit.id}


def new_window(_: Scene) -> dict:
    return {"weekday": 6, "start_time": "09:00", "end_time": "12:00"}


def change(_: Scene) -> dict:
    return {"capacity": 2}


def absence(_: Scene) -> dict:
    return {"start": "2026-12-24T09:00:00Z", "end": "2026-12-27T09:00:00Z"}


# fmt: off
ROWS = [
    # In the order of ACTORS: nobody asha bela chandra dev esha farid amir gita
    Row("GET", "/patients/doctors/{doctor_id}/schedules", "200 200 200 200 200 200 200 200 200",
        ids=doctor),
    Row("GET", "/doctors/me/schedules",                   "401 403 403 200 200 403 403 403 403"),
    Row("POST", "/doctors/me/schedules",                  "401 403 403 201 201 403 403 403 403",
        json=new_window),
    Row("GET", "/doctors/me/schedules/{schedule_id}",     "401 403 403 200 404 403 403 403 403",
        ids=window),
    Row("PATCH", "/doctors/me/schedules/{schedule_id}",   "401 403 403 200 404 403 403 403 403",
        ids=window, json=change),
    Row("DELETE", "/doctors/me/schedules/{schedule_id}",  "401 403 403 204 404 403 403 403 403",
        ids=window, query=lambda _: {"visits": "keep"}),
    Row("GET", "/doctors/{doctor_id}/schedules",          "401 403 403 200 404 403 403 200 200",
        ids=doctor),
    Row("POST", "/doctors/{doctor_id}/schedules",         "401 403 403 201 404 403 403 201 201",
        ids=doctor, json=new_window),
    Row("GET", "/doctors/{doctor_id}/schedules/{schedule_id}",
        "401 403 403 200 404 403 403 200 200", ids=window_of),
    Row("PATCH", "/doctors/{doctor_id}/schedules/{schedule_id}",
        "401 403 403 200 404 403 403 200 200", ids=window_of, json=change),
    Row("DELETE", "/doctors/{doctor_id}/schedules/{schedule_id}",
        "401 403 403 204 404 403 403 204 204", ids=window_of,
        query=lambda _: {"visits": "keep"}),
    Row("GET", "/doctors/me/time-off",                    "401 403 403 200 200 403 403 403 403"),
    Row("POST", "/doctors/me/time-off",                   "401 403 403 201 201 403 403 403 403",
        json=absence),
    Row("GET", "/doctors/me/time-off/{time_off_id}",      "401 403 403 404 404 403 403 403 403",
        ids=nobodys),
    Row("DELETE", "/doctors/me/time-off/{time_off_id}",   "401 403 403 404 404 403 403 403 403",
        ids=nobodys),
]
