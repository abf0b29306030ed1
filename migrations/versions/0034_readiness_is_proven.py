"""readiness is proven"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_UNFINISHED = sa.text("finished_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "messaging_proofs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checks", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_messaging_proofs_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_proofs")),
    )
    op.create_index(
        "ix_messaging_proofs_unfinished",
        "messaging_proofs",
        ["asked_at"],
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )
    op.create_index(
        op.f("ix_messaging_proofs_organisation_id_asked_at"),
        "messaging_proofs",
        ["organisation_id", "asked_at"],
    )


def downgrade() -> None:
    op.drop_table("messaging_proofs")
