"""stops by organisation and channel"""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

TABLE, ENDED = "opt_outs", "ended_opt_outs"
TEXTS, LETTERS = ("sms", "whatsapp"), ("email",)
OF_ALL, OF_ONE = sa.text("organisation_id IS NULL"), sa.text("organisation_id IS NOT NULL")
COLUMNS = ("address", "kind", "since", "reason")


def upgrade() -> None:
    """A stop was of all organisations, and of SMS and WhatsApp or of letters: it stays so."""
    rows = _rows()
    op.drop_table(TABLE)
    made = _create(
        "kind IN ('opted_out', 'unreachable', 'opted_in')",
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.CheckConstraint(
            "channel IN ('sms', 'whatsapp', 'email')", name=op.f("ck_opt_outs_channel")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_opt_outs_organisation_id")
        ),
    )
    for name, columns, which in (
        ("uq_opt_outs_all", ["address", "channel", "kind"], OF_ALL),
        ("uq_opt_outs_one", ["address", "channel", "kind", "organisation_id"], OF_ONE),
    ):
        op.create_index(
            name, TABLE, columns, unique=True, sqlite_where=which, postgresql_where=which
        )
    new = [
        {**row, "id": uuid4(), "channel": one}
        for row in rows
        for one in (LETTERS if "@" in str(row["address"]) else TEXTS)
    ]
    if new:
        op.get_bind().execute(sa.insert(made), new)
    op.add_column(ENDED, sa.Column("organisation_id", sa.Uuid(), nullable=True))
    op.add_column(ENDED, sa.Column("channel", sa.String(10), nullable=True))


def downgrade() -> None:
    """Who stopped one organisation, or one channel, stops all: nobody is written to against their
    word."""
    rows = {(row["address"], row["kind"]): row for row in _rows() if row["kind"] != "opted_in"}
    op.drop_table(TABLE)
    made = _create(
        "kind IN ('opted_out', 'unreachable')",
        sa.UniqueConstraint("address", "kind", name=op.f("uq_opt_outs_address_kind")),
    )
    if rows:
        op.get_bind().execute(sa.insert(made), [{**row, "id": uuid4()} for row in rows.values()])
    with op.batch_alter_table(ENDED) as batch:
        batch.drop_column("channel")
        batch.drop_column("organisation_id")


def _rows() -> list[dict[str, object]]:
    table = sa.table(TABLE, *(sa.column(name, _TYPES.get(name, sa.String())) for name in COLUMNS))
    return [dict(row._mapping) for row in op.get_bind().execute(sa.select(table))]


_TYPES = {"since": sa.DateTime(timezone=True)}


def _create(kinds: str, *more: sa.schema.SchemaItem) -> sa.Table:
    return op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.CheckConstraint(kinds, name=op.f("ck_opt_outs_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_outs")),
        *more,
    )
