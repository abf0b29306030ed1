"""The privacy notice and the terms of an organisation, for everybody to read."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from clinic.access.roles import RUN_ORGANISATIONS
from clinic.api.frame import In, Out, Resource, actor, example
from clinic.core.web.security import access, public
from clinic.organisations.policies import queries, service
from clinic.organisations.policies.queries import Policy

bp = Resource("policies", tag="Organisations")

Kind = Literal["privacy", "terms"]
PATH = "/organisations/<uuid:organisation_id>/policies"
POLICY = {
    "organisation_id": "0b1f3f76-8a0e-4c59-8d8b-6e1b8d7a2c10",
    "organisation": "Harbour Clinic",
    "kind": "privacy",
    "version": 2,
    "latest": 2,
    "text": "# Who we are\n\nHarbour Clinic, 14 Quay Street",
    "since": "2026-11-16T06:30:00Z",
    "is_standard": False,
}


class PolicyIn(In):
    text: Annotated[str, service.TEXT] = Field(
        description="Lines that begin with # are headings, with - points of a list"
    )
    after: int | None = Field(
        None, ge=1, le=999_999, description="The version you have read; 409 if it is not the latest"
    )

    model_config = example({"text": POLICY["text"], "after": 1})


class VersionQuery(In):
    version: int | None = Field(None, ge=1, le=999_999, description="An earlier one")


class PolicyOut(Out):
    organisation_id: UUID
    organisation: str
    kind: Kind
    version: int
    latest: int
    text: str
    since: datetime
    is_standard: bool = Field(description="Our words, filled with what the organisation says of it")

    model_config = example(POLICY)


class VersionOut(Out):
    version: int
    since: datetime

    model_config = example({"version": 2, "since": "2026-11-16T06:30:00Z"})


class VersionsOut(Out):
    items: list[VersionOut]

    model_config = example({"items": [{"version": 2, "since": "2026-11-16T06:30:00Z"}]})


@bp.get(f"{PATH}/privacy")
@public
@bp.input(VersionQuery, location="query")
@bp.output(PolicyOut)
def show_privacy(organisation_id: UUID, query_data: VersionQuery) -> Policy:
    """The privacy notice that counts, or an earlier version."""
    return queries.policy(organisation_id, "privacy", query_data.version)


@bp.get(f"{PATH}/terms")
@public
@bp.input(VersionQuery, location="query")
@bp.output(PolicyOut)
def show_terms(organisation_id: UUID, query_data: VersionQuery) -> Policy:
    """The terms that count, or an earlier version."""
    return queries.policy(organisation_id, "terms", query_data.version)


@bp.get(f"{PATH}/privacy/versions")
@public
@bp.output(VersionsOut)
def privacy_versions(organisation_id: UUID) -> dict[str, Any]:
    """All privacy notices there were, the newest first."""
    return {"items": queries.versions(organisation_id, "privacy")}


@bp.get(f"{PATH}/terms/versions")
@public
@bp.output(VersionsOut)
def terms_versions(organisation_id: UUID) -> dict[str, Any]:
    """All terms there were, the newest first."""
    return {"items": queries.versions(organisation_id, "terms")}


@bp.put(f"{PATH}/privacy")
@access(*RUN_ORGANISATIONS)
@bp.input(PolicyIn)
@bp.output(PolicyOut)
def write_privacy(organisation_id: UUID, json_data: PolicyIn) -> Policy:
    """A new privacy notice, which counts from now on; the same text again is none."""
    return _write(organisation_id, "privacy", json_data)


@bp.put(f"{PATH}/terms")
@access(*RUN_ORGANISATIONS)
@bp.input(PolicyIn)
@bp.output(PolicyOut)
def write_terms(organisation_id: UUID, json_data: PolicyIn) -> Policy:
    """New terms, which count from now on; the same text again is none."""
    return _write(organisation_id, "terms", json_data)


def _write(organisation_id: UUID, kind: str, given: PolicyIn) -> Policy:
    service.publish(organisation_id, kind, given.text, actor(), given.after)
    return queries.policy(organisation_id, kind)
