"""accounts know their devices"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    since = sa.Column("known_since", sa.DateTime(timezone=True), nullable=True)
    op.add_column("users", since)


def downgrade() -> None:
    op.drop_column("users", "known_since")
