"""Who gets what from clinic/api/doctors/ and appointments/slots.py."""

from tests.access.table import Scene
from tests.api.access.rows import Row


def doctor(scene: Scene) -> dict:
    return {"doctor_id": scene.cast.dr_chandra.doctor_id}


def profile(_: Scene) -> dict:
    return {"bio": "Hearts."}


# fmt: off
ROWS = [
    #                                            nobody asha bela chandra dev esha farid amir gita
    Row("GET", "/doctors",                           "200 200 200 200 200 200 200 200 200"),
    Row("GET", "/patients/doctors",                  "200 200 200 200 200 200 200 200 200"),
    Row("GET", "/doctors/{doctor_id}",               "200 200 200 200 200 200 200 200 200",
        ids=doctor),
    Row("GET", "/doctors/{doctor_id}/slots",         "200 200 200 200 200 200 200 200 200",
        ids=doctor),
    Row("GET", "/doctors/me/profile",                "401 403 403 200 200 403 403 403 403"),
    Row("PUT", "/doctors/me/profile",                "401 403 403 200 200 403 403 403 403",
        json=profile),
    Row("GET", "/doctors/{doctor_id}/profile",       "401 403 403 200 404 403 403 200 200",
        ids=doctor),
    Row("PUT", "/doctors/{doctor_id}/profile",       "401 403 403 200 404 403 403 200 200",
        ids=doctor, json=profile),
]
