"""stops keep their history"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ended_opt_outs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("how", sa.String(12), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ended_opt_outs")),
    )
    op.create_index(op.f("ix_ended_opt_outs_address"), "ended_opt_outs", ["address"])


def downgrade() -> None:
    op.drop_table("ended_opt_outs")
