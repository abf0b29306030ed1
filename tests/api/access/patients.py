"""Who gets what from clinic/api/patients/."""

from uuid import UUID

from tests.access.table import Scene
from tests.api.access.rows import Row

# Whoever may see Asha at all may read how she is reached.
CONTACT = frozenset({"phone", "email"})


def asha(scene: Scene) -> dict[str, UUID]:
    return {"patient_id": scene.cast.asha.patient_id}


def nobodys(scene: Scene) -> dict[str, UUID]:
    return {"import_id": scene.visit.id}


# fmt: off
ROWS = [
    #                                       nobody asha bela chandra dev esha farid amir gita
    Row("GET", "/patients/me/profile",          "401 200 200 403 403 403 403 403 403"),
    Row("PUT", "/patients/me/profile",          "401 200 200 403 403 403 403 403 403",
        json=lambda _: {"gender": "female"}),
    Row("GET", "/patients",                     "401 403 403 200 200 200 200 200 200",
        readable=CONTACT | {"name"}),
    Row("GET", "/patients",                     "401 403 403 200 200 200 200 200 200",
        query=lambda _: {"q": "asha"}, readable=CONTACT | {"name"}, case="searched"),
    Row("POST", "/patients",                    "401 403 403 201 201 201 201 201 403",
        json=lambda _: {"full_name": "Ines Gomes", "phone": "+447700900055"}),
    Row("POST", "/patients",                    "401 403 403 201 201 201 201 201 403",
        json=lambda _: {"full_name": "Somebody", "phone": "+447700900000"},
        readable=frozenset({"phone"}), case="with Asha's number"),
    Row("GET", "/patients/{patient_id}",        "401 403 403 200 404 200 404 200 200",
        ids=asha, readable=CONTACT | {"name"}),
    Row("PATCH", "/patients/{patient_id}",      "401 403 403 200 404 200 404 200 403",
        ids=asha, json=lambda _: {"channel": "email"}, readable=CONTACT),
    Row("DELETE", "/patients/{patient_id}",     "401 403 403 204 404 204 404 204 403", ids=asha,
        query=lambda _: {"visits": "keep"}),
    Row("DELETE", "/patients/{patient_id}/unreachable", "401 403 403 204 404 204 404 204 403",
        ids=asha),
    Row("POST", "/patients/{patient_id}/death-note/confirm", "401 403 403 403 403 409 404 409 403",
        ids=asha),
    Row("POST", "/patients/{patient_id}/death-note/dismiss", "401 403 403 403 403 409 404 409 403",
        ids=asha),
    Row("GET", "/patients/{patient_id}/alike",  "401 403 403 403 403 200 404 200 403", ids=asha),
    Row("POST", "/patients/{patient_id}/join",  "401 403 403 403 403 404 404 404 403", ids=asha,
        json=lambda scene: {"patient_id": str(scene.cast.bela.patient_id)}),
    Row("POST", "/patients/import",             "401 403 403 415 415 415 415 415 403",
        json=lambda _: {}),
    Row("GET", "/patients/import/{import_id}",  "401 403 403 404 404 404 404 404 403",
        ids=nobodys),
]
