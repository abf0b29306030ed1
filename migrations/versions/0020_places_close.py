"""places close"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

UNIQUE, OPEN_NAME = "uq_locations_organisation_id_name", "uq_locations_open_name"
KEPT = ("id", "organisation_id", "name", "address")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(closes=True)
    else:
        op.add_column("locations", _closed_at())
        op.drop_constraint(op.f(UNIQUE), "locations", type_="unique")
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        OPEN_NAME,
        "locations",
        ["organisation_id", "name"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def downgrade() -> None:
    """Closed places are open again. Refused where two of one organisation have one name."""
    op.drop_index(OPEN_NAME, "locations")
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(closes=False)
        return
    op.create_unique_constraint(op.f(UNIQUE), "locations", ["organisation_id", "name"])
    op.drop_column("locations", "closed_at")


def _closed_at() -> sa.Column:
    return sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True)


def _rebuild(closes: bool) -> None:
    """SQLite cannot take a constraint from a table, so the table is made anew under its name.

    Windows and visits point to it meanwhile; they are asked again as the rows come back.
    """
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TABLE kept_locations AS SELECT * FROM locations")
    op.drop_table("locations")
    last: list[sa.schema.SchemaItem] = (
        [_closed_at()]
        if closes
        else [sa.UniqueConstraint("organisation_id", "name", name=op.f(UNIQUE))]
    )
    op.create_table(
        "locations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_locations_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locations")),
        *last,
    )
    names = ", ".join(KEPT)
    op.execute(f"INSERT INTO locations ({names}) SELECT {names} FROM kept_locations")  # noqa: S608 - names above
    op.drop_table("kept_locations")
