"""texts wait for their clinic"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("places", sa.JSON(none_as_null=True), nullable=True))
    unassigned = sa.text("places IS NOT NULL AND organisation_id IS NULL")
    op.create_index(
        "ix_messages_unassigned",
        "messages",
        ["created_at"],
        sqlite_where=unassigned,
        postgresql_where=unassigned,
    )


def downgrade() -> None:
    op.drop_index("ix_messages_unassigned", "messages")
    op.drop_column("messages", "places")
