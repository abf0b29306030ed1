"""deliveries set aside are found"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_SET_ASIDE = sa.text("set_aside_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_event_deliveries_set_aside",
        "event_deliveries",
        ["set_aside_at"],
        sqlite_where=_SET_ASIDE,
        postgresql_where=_SET_ASIDE,
    )


def downgrade() -> None:
    op.drop_index("ix_event_deliveries_set_aside", "event_deliveries")
