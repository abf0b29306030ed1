"""conversations"""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BATCH = 1000


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("last_id", sa.Uuid(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unread", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [there], name=op.f(f"fk_conversations_{column}"))
            for column, there in (
                ("organisation_id", "organisations.id"),
                ("patient_id", "patients.id"),
                ("last_id", "messages.id"),
                ("claimed_by", "users.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint(
            "organisation_id", "address", name=op.f("uq_conversations_organisation_id_address")
        ),
    )
    op.create_index(
        op.f("ix_conversations_organisation_id_last_at_id"),
        "conversations",
        ["organisation_id", "last_at", "id"],
    )
    op.create_index(op.f("ix_conversations_patient_id"), "conversations", ["patient_id"])
    op.create_table(
        "saved_replies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("body", sa.String(length=1000), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_saved_replies_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_replies")),
        sa.UniqueConstraint(
            "organisation_id", "title", name=op.f("uq_saved_replies_organisation_id_title")
        ),
    )
    _begin_those_there_were()


def _begin_those_there_were() -> None:
    """Of each number that wrote to an organisation; unread is what still waits for somebody."""
    bind = op.get_bind()
    messages = sa.table(
        "messages",
        sa.column("id", sa.Uuid()),
        sa.column("organisation_id", sa.Uuid()),
        sa.column("direction", sa.String()),
        sa.column("channel", sa.String()),
        sa.column("address", sa.String()),
        sa.column("needs_attention", sa.Boolean()),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )
    theirs = (messages.c.organisation_id, messages.c.address)
    newest_first = (messages.c.created_at.desc(), messages.c.id)
    came = sa.select(
        messages.c.id,
        *theirs,
        messages.c.channel,
        messages.c.created_at,
        sa.func.row_number().over(partition_by=theirs, order_by=newest_first).label("place"),
        sa.func.sum(sa.case((messages.c.needs_attention, 1), else_=0))
        .over(partition_by=theirs)
        .label("unread"),
    ).where(messages.c.direction == "in", messages.c.organisation_id.is_not(None))
    last = came.subquery()
    conversations = sa.table(
        "conversations",
        sa.column("id", sa.Uuid()),
        sa.column("organisation_id", sa.Uuid()),
        sa.column("address", sa.String()),
        sa.column("channel", sa.String()),
        sa.column("last_id", sa.Uuid()),
        sa.column("last_at", sa.DateTime(timezone=True)),
        sa.column("unread", sa.Integer()),
    )
    rows = bind.execute(sa.select(last).where(last.c.place == 1)).all()
    for first in range(0, len(rows), BATCH):
        bind.execute(
            sa.insert(conversations),
            [
                {
                    "id": uuid4(),
                    "organisation_id": row.organisation_id,
                    "address": row.address,
                    "channel": row.channel,
                    "last_id": row.id,
                    "last_at": row.created_at,
                    "unread": row.unread,
                }
                for row in rows[first : first + BATCH]
            ],
        )


def downgrade() -> None:
    op.drop_table("saved_replies")
    op.drop_table("conversations")
