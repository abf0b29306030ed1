"""the order in which channels are tried, by organisation"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

USUAL = "sms,whatsapp,email"


def upgrade() -> None:
    column = sa.Column("channel_order", sa.String(40), nullable=False, server_default=USUAL)
    op.add_column("settings", column)


def downgrade() -> None:
    op.drop_column("settings", "channel_order")
