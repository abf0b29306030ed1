"""policies and consents to texts"""

import sqlalchemy as sa
from alembic import op

from clinic.core.data.db import append_only_ddl

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

POLICIES, CONSENTS = "policy_texts", "consents_to_texts"


def upgrade() -> None:
    op.create_table(
        POLICIES,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('privacy', 'terms')", name=op.f("ck_policy_texts_kind")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_policy_texts_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_texts")),
        sa.UniqueConstraint(
            "organisation_id",
            "kind",
            "version",
            name=op.f("uq_policy_texts_organisation_id_kind_version"),
        ),
    )
    op.create_table(
        CONSENTS,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(10), nullable=True),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("how", sa.String(12), nullable=False),
        sa.Column("words", sa.String(20), nullable=True),
        sa.Column("language", sa.String(8), nullable=True),
        sa.Column("shown", sa.Text(), nullable=True),
        sa.Column("by_user_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_consents_to_texts_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents_to_texts")),
    )
    op.create_index(op.f("ix_consents_to_texts_address_at"), CONSENTS, ["address", "at"])
    op.create_index(
        op.f("ix_consents_to_texts_organisation_id_at"), CONSENTS, ["organisation_id", "at"]
    )
    for statement in append_only_ddl(CONSENTS)[op.get_context().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table(CONSENTS)
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {CONSENTS}_refuse()")
    op.drop_table(POLICIES)
