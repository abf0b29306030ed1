"""senders of organisations"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TABLE = "sender_identities"
DEFAULT = sa.text("is_default AND is_active")
PROVEN = sa.text("verified_at IS NOT NULL AND is_active")
KINDS = (
    "kind IN ('long_code', 'toll_free', 'short_code', 'alphanumeric', 'messaging_service',"
    " 'whatsapp', 'email')"
)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("value", sa.String(254), nullable=False),
        sa.Column("display_name", sa.String(80), nullable=False),
        sa.Column("can_reply", sa.Boolean(), nullable=False),
        sa.Column("rate", sa.Double(), nullable=False),
        sa.Column("countries", sa.JSON(), nullable=False),
        sa.Column("opt_outs_by", sa.String(8), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("code_key", sa.Uuid(), nullable=True),
        sa.Column("code_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "channel IN ('sms', 'whatsapp', 'email')", name=op.f("ck_sender_identities_channel")
        ),
        sa.CheckConstraint(KINDS, name=op.f("ck_sender_identities_kind")),
        sa.CheckConstraint(
            "opt_outs_by IN ('provider', 'us')", name=op.f("ck_sender_identities_opt_outs_by")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_sender_identities_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sender_identities")),
    )
    op.create_index(op.f("ix_sender_identities_organisation_id"), TABLE, ["organisation_id"])
    op.create_index(
        "ix_sender_identities_default",
        TABLE,
        ["organisation_id", "channel"],
        unique=True,
        sqlite_where=DEFAULT,
        postgresql_where=DEFAULT,
    )
    op.create_index(
        "ix_sender_identities_proven",
        TABLE,
        ["channel", "value"],
        unique=True,
        sqlite_where=PROVEN,
        postgresql_where=PROVEN,
    )


def downgrade() -> None:
    op.drop_table(TABLE)
