"""messages say whether the address is known"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_messages_to_strangers": sa.text("not is_known"),
    "ix_messages_held_back": sa.text("error_code = 'too_many'"),
}


def upgrade() -> None:
    known = sa.Column("is_known", sa.Boolean(), nullable=False, server_default=sa.true())
    op.add_column("messages", known)
    for name, which in _INDEXES.items():
        op.create_index(
            name, "messages", ["created_at"], sqlite_where=which, postgresql_where=which
        )


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, "messages")
    op.drop_column("messages", "is_known")
