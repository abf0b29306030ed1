"""attempts are counted by time"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAME = "ix_message_attempts_started_at"


def upgrade() -> None:
    op.create_index(NAME, "message_attempts", ["started_at"])


def downgrade() -> None:
    op.drop_index(NAME, "message_attempts")
