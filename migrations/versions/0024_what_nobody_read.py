"""what nobody read"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

LIST = "ix_reminders_organisation_id_due_at_id"
# Texts of unknown numbers that stood before no desk: of the only clinic there is, they are its own.
OF_THE_ONLY_ONE = """
UPDATE messages SET organisation_id = (SELECT id FROM organisations WHERE is_active)
WHERE direction = 'in' AND organisation_id IS NULL AND places IS NULL AND needs_attention
AND (SELECT count(*) FROM organisations WHERE is_active) = 1
"""


def upgrade() -> None:
    op.create_index(op.f(LIST), "reminders", ["organisation_id", "due_at", "id"])
    op.execute(sa.text(OF_THE_ONLY_ONE))


def downgrade() -> None:
    op.drop_index(op.f(LIST), "reminders")
