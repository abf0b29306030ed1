"""visits are held until a proof"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_HELD = sa.text("held_until IS NOT NULL")


def upgrade() -> None:
    op.add_column("appointments", sa.Column("held_until", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_appointments_held",
        "appointments",
        ["held_until"],
        sqlite_where=_HELD,
        postgresql_where=_HELD,
    )


def downgrade() -> None:
    op.drop_index("ix_appointments_held", "appointments")
    op.drop_column("appointments", "held_until")
