"""hours of the desk, and who replied"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "conversations", sa.Column("told_closed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "desk_hours",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("week", sa.JSON(), nullable=False),
        sa.Column("words", sa.String(length=100), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_desk_hours_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_desk_hours")),
    )
    op.create_table(
        "desk_replies",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [there], name=op.f(f"fk_desk_replies_{column}"))
            for column, there in (
                ("message_id", "messages.id"),
                ("conversation_id", "conversations.id"),
                ("written_by", "users.id"),
            )
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_desk_replies")),
    )
    op.create_index(op.f("ix_desk_replies_conversation_id"), "desk_replies", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("desk_replies")
    op.drop_table("desk_hours")
    op.drop_column("conversations", "told_closed_at")
