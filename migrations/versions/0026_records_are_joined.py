"""records are joined"""

import sqlalchemy as sa
from alembic import op

from clinic.core.data.db import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "joined_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_joined_records_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_joined_records_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joined_records")),
    )
    op.create_index(op.f("ix_joined_records_patient_id"), "joined_records", ["patient_id"])
    for column in ("phone", "email"):
        name = op.f(f"ix_patient_organisations_{column}")
        op.create_index(name, "patient_organisations", [column])


def downgrade() -> None:
    for column in ("phone", "email"):
        op.drop_index(op.f(f"ix_patient_organisations_{column}"), "patient_organisations")
    op.drop_table("joined_records")
