"""numbers are shared"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

INDEX = "uq_users_phone_proven"


def upgrade() -> None:
    op.drop_index(INDEX, "users")


def downgrade() -> None:
    """Of several who proved a number the first keeps it as proven."""
    op.execute(
        "UPDATE users SET phone_verified_at = NULL WHERE phone_verified_at IS NOT NULL"
        " AND EXISTS (SELECT 1 FROM users AS first WHERE first.phone = users.phone"
        " AND first.phone_verified_at IS NOT NULL"
        " AND (first.phone_verified_at < users.phone_verified_at"
        " OR (first.phone_verified_at = users.phone_verified_at AND first.id < users.id)))"
    )
    proven = sa.text("phone_verified_at IS NOT NULL")
    op.create_index(
        INDEX, "users", ["phone"], unique=True, sqlite_where=proven, postgresql_where=proven
    )
