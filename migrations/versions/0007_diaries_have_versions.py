"""diaries have versions"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


TABLES = ("doctors", "organisations")


def upgrade() -> None:
    for table in TABLES:  # the default is a constant: no database writes the rows anew
        op.add_column(
            table,
            sa.Column("diary_version", sa.BigInteger(), server_default="0", nullable=False),
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "diary_version")
