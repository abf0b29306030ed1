"""lists fill what was empty"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "patient_imports", sa.Column("updated", sa.Integer(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    op.drop_column("patient_imports", "updated")
