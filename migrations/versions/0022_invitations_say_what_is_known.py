"""invitations say what is known of a doctor"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invited_doctors",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("specialisations", sa.JSON(), nullable=False),
        sa.Column("licence_number", sa.String(40), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_invited_doctors_user_id")),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_invited_doctors_location_id")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_invited_doctors")),
    )


def downgrade() -> None:
    op.drop_table("invited_doctors")
