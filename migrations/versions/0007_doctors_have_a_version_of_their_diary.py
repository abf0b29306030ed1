"""doctors have a version of their diary"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With a default that is a constant: no database rewrites the table.
    op.add_column(
        "doctors",
        sa.Column("diary_version", sa.BigInteger(), server_default="0", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("doctors", "diary_version")
