"""A client made of the document by a generator signs in, books and cancels."""

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from tests.cast import PASSWORD, at

PACKAGE = "clinic_made_of_the_document"


@pytest.fixture
def made(client, tmp_path: Path, monkeypatch) -> ModuleType:
    """The package that the generator writes. It leaves nothing out and warns of nothing."""
    document = client.get("/api/v1/openapi.json").get_json()
    config = Config.from_sources(
        ConfigFile(post_hooks=[]), MetaType.NONE, tmp_path / "document.json", "utf-8", True,
        tmp_path / PACKAGE,
    )  # fmt: skip
    parsed = GeneratorData.from_dict(json.loads(json.dumps(document)), config=config)
    assert not isinstance(parsed, GeneratorError), parsed
    assert parsed.errors == []
    assert list(Project(openapi=parsed, config=config).build()) == []
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module(PACKAGE)
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def part(name: str) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.{name}")


def test_a_generated_client_signs_in_books_and_cancels(app, cast, monday_morning, made):
    models = part("models")
    wired = {"transport": httpx.WSGITransport(app=app)}
    anyone = made.Client(base_url="http://localhost", httpx_args=wired)
    credentials = models.LoginIn(email=cast.asha.email, password=PASSWORD)
    signed_in = part("api.authentication.sign_in_patient").sync(client=anyone, body=credentials)
    assert signed_in.user.full_name
    asha = made.AuthenticatedClient(
        base_url="http://localhost", token=signed_in.access_token, httpx_args=wired
    )
    found = part("api.doctors.list_doctors").sync(client=asha)
    assert str(cast.dr_chandra.doctor_id) in {str(one.id) for one in found.items}
    wanted = models.BookIn(doctor_id=cast.dr_chandra.doctor_id, start=at("10:00"), reason="A cough")
    visit = part("api.appointments.book_appointment").sync(client=asha, body=wanted)
    assert (visit.start, visit.status) == (at("10:00"), models.AppointmentStatus.PENDING)
    (session,) = part("api.authentication.list_sessions").sync(client=asha).items
    assert (session.kind, session.is_current) == (models.SessionOutKind.PROGRAM, True)
    gone = part("api.appointments.cancel_appointment").sync(visit.id, client=asha)
    assert gone.status == models.AppointmentStatus.CANCELLED
