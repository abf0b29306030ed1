"""The places of an organisation, where doctors see patients."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from clinic.access.roles import RUN_ORGANISATIONS
from clinic.api.bodies import left_out
from clinic.api.frame import (
    In,
    Out,
    PageOf,
    PageQuery,
    Resource,
    actor,
    example,
    honours_key,
    once,
    page,
)
from clinic.api.visits import VisitsQuery
from clinic.core.fields import Name, Text
from clinic.core.web.security import access
from clinic.organisations import service
from clinic.organisations.models import LONGEST_ADDRESS
from clinic.organisations.places import queries
from clinic.organisations.places import service as places
from clinic.organisations.queries import Place

bp = Resource("locations", tag="Organisations")

Address = Annotated[str, Text(LONGEST_ADDRESS)]
QUAY = {"name": "Quay Street", "address": "14 Quay Street"}
LOCATION = {**QUAY, "id": "5f0c2a4e-6a3f-4a52-9a55-0c2a8b8f1d11"}


class LocationIn(In):
    name: Name
    address: Address = Field("", description="Where patients come to")

    model_config = example(QUAY)


class LocationPatch(In):
    """What is left out stays as it is."""

    name: Name = left_out()
    address: Address = left_out()

    model_config = example({"address": "16 Quay Street"})


class LocationOut(Out):
    id: UUID
    name: str
    address: str

    model_config = example(LOCATION)


class LocationPage(PageOf[LocationOut]):
    model_config = example({"items": [LOCATION], "next_cursor": None})


@bp.get("/organisations/<uuid:organisation_id>/locations")
@access(*RUN_ORGANISATIONS)
@bp.input(PageQuery, location="query")
@bp.output(LocationPage)
def index(organisation_id: UUID, query_data: PageQuery) -> dict[str, Any]:
    """The open places by name."""
    return page(queries.places(organisation_id, actor(), query_data.paging))


@bp.post("/organisations/<uuid:organisation_id>/locations")
@access(*RUN_ORGANISATIONS)
@honours_key
@bp.input(LocationIn)
@bp.output(LocationOut, 201)
def create(organisation_id: UUID, json_data: LocationIn) -> Place:
    """Open a place. An open one of the same name is refused: 409."""
    location_id = once(
        lambda: (
            service.add_location(organisation_id, json_data.name, json_data.address, actor()).id
        ),
        json_data,
    )
    return queries.place(organisation_id, UUID(location_id), actor())


@bp.patch("/organisations/<uuid:organisation_id>/locations/<uuid:location_id>")
@access(*RUN_ORGANISATIONS)
@bp.input(LocationPatch)
@bp.output(LocationOut)
def update(organisation_id: UUID, location_id: UUID, json_data: LocationPatch) -> Place:
    """Give a place another name or address. Visits that are booked there say the new ones."""
    changes = json_data.model_dump(exclude_unset=True)
    places.change(organisation_id, location_id, changes, actor())
    return queries.place(organisation_id, location_id, actor())


@bp.delete("/organisations/<uuid:organisation_id>/locations/<uuid:location_id>")
@access(*RUN_ORGANISATIONS)
@bp.input(VisitsQuery, location="query")
@bp.doc(responses={204: "Closed: its hours ended, and it is offered nowhere"})
def close(organisation_id: UUID, location_id: UUID, query_data: VisitsQuery) -> tuple[str, int]:
    """Close a place, and end the hours there. With visits to come it needs `visits`: 409."""
    places.close(organisation_id, location_id, actor(), query_data.visits)
    return "", 204
