"""tries are reserved"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    open_now = sa.Column("is_open", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("failed_tries", open_now)


def downgrade() -> None:
    op.drop_column("failed_tries", "is_open")
