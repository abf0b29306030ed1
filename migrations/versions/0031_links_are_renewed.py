"""links are renewed"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appointments", sa.Column("link_number", sa.SmallInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("appointments", "link_number")
