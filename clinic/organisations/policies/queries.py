"""Privacy notices and terms, as anybody reads them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from clinic.core import running
from clinic.core.data.db import db
from clinic.core.errors import NotFound
from clinic.core.phones import as_dialled
from clinic.organisations.models import Location, Organisation, PolicyText
from clinic.organisations.site.queries import MOST_SAID, Site, addresses

KINDS = ("privacy", "terms")
STANDARD = 1  # the version of our words: they count until an organisation has its own


@dataclass(frozen=True, slots=True)
class Policy:
    organisation_id: UUID
    organisation: str
    kind: str
    version: int
    text: str  # see blocks
    since: datetime
    is_standard: bool
    latest: int  # the version that counts now


@dataclass(frozen=True, slots=True)
class Version:
    version: int
    since: datetime


def policy(organisation_id: UUID, kind: str, version: int | None = None) -> Policy:
    """The one that counts, or that earlier one. Raises NotFound."""
    row = _organisation(organisation_id)
    of_them = (PolicyText.organisation_id == organisation_id, PolicyText.kind == kind)
    latest = db.session.scalar(sa.select(sa.func.max(PolicyText.version)).where(*of_them))
    wanted = version or latest or STANDARD
    common = {"organisation_id": organisation_id, "organisation": row.name, "kind": kind}
    if latest is None and wanted == STANDARD:
        text = standard_text(row, kind)
        return Policy(**common, version=STANDARD, text=text, since=row.created_at,
            is_standard=True, latest=STANDARD)  # fmt: skip
    found = db.session.execute(
        sa.select(PolicyText.text, PolicyText.created_at, PolicyText.created_by).where(
            *of_them, PolicyText.version == wanted
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return Policy(**common, version=wanted, text=found.text, since=found.created_at,
        is_standard=found.created_by is None, latest=latest or STANDARD)  # fmt: skip


def versions(organisation_id: UUID, kind: str) -> list[Version]:
    """All there were, the newest first. Raises NotFound."""
    rows = db.session.execute(
        sa.select(PolicyText.version, PolicyText.created_at)
        .where(PolicyText.organisation_id == organisation_id, PolicyText.kind == kind)
        .order_by(PolicyText.version.desc())
    ).all()
    if rows:
        return [Version(row.version, row.created_at) for row in rows]
    return [Version(STANDARD, _organisation(organisation_id).created_at)]


def site(organisation_id: UUID) -> Site:
    """Whose page it is. Raises NotFound."""
    row = _organisation(organisation_id)
    emergency = ((row.emergency_number, row.country),)
    return Site(row.name, _address(row), row.phone, row.country, emergency, organisation_id)


def standard(organisation_id: UUID, kind: str) -> str:
    """Our words, with what is known of the organisation. Raises NotFound."""
    return standard_text(_organisation(organisation_id), kind)


def standard_text(row: sa.Row, kind: str) -> str:
    """Of a row of `_organisation`."""
    ways = (as_dialled(row.phone, row.country) if row.phone else None, row.email)
    written = running.fill(
        f"organisations/policies/{kind}.txt",
        clinic=row.name,
        address=_address(row),
        contact=", ".join(one for one in ways if one),
        emergency=row.emergency_number,
    )
    return written.strip() + "\n"


def _organisation(organisation_id: UUID) -> sa.Row:
    """Raises NotFound. Of one that is closed to patients, too: they were patients there."""
    row = db.session.execute(
        sa.select(
            *(getattr(Organisation, name) for name in ("id", "name", "phone", "email", "country")),
            Organisation.emergency_number,
            Organisation.created_at,
        ).where(Organisation.id == organisation_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def _address(row: sa.Row) -> str:
    places = db.session.execute(
        sa.select(Location.name, Location.address)
        .where(Location.organisation_id == row.id, Location.closed_at.is_(None))
        .order_by(Location.name)
        .limit(MOST_SAID + 1)
    )
    return addresses(row.name, [(place.name, place.address) for place in places])
