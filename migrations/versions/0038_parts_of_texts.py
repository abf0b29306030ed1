"""parts of texts"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("parts", sa.SmallInteger(), nullable=False, server_default="1")
    op.add_column("messages", column)


def downgrade() -> None:
    op.drop_column("messages", "parts")
