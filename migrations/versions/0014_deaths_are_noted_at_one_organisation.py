"""deaths are noted at one organisation"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_LINK = (
    ("died_on", sa.Date()),
    ("death_noted_at", sa.DateTime(timezone=True)),
    ("note_dismissed_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    for name, kind in _LINK:
        op.add_column("patient_organisations", sa.Column(name, kind, nullable=True))
    op.add_column("patients", sa.Column("seen_alive_at", sa.DateTime(timezone=True), nullable=True))
    # Until now a death counted everywhere, and nobody knows any more who noted it: for these people
    # nothing changes. Each organisation can take it back for itself.
    op.execute(
        "UPDATE patient_organisations SET died_on = (SELECT patients.died_on FROM patients "
        "WHERE patients.id = patient_organisations.patient_id), "
        "death_noted_at = created_at WHERE patient_id IN "
        "(SELECT id FROM patients WHERE died_on IS NOT NULL)"
    )
    op.drop_column("patients", "died_on")
    died = sa.text("died_on IS NOT NULL")
    op.create_index(
        "ix_patient_organisations_died",
        "patient_organisations",
        ["patient_id"],
        sqlite_where=died,
        postgresql_where=died,
    )


def downgrade() -> None:
    op.add_column("patients", sa.Column("died_on", sa.Date(), nullable=True))
    op.execute(
        "UPDATE patients SET died_on = (SELECT max(died_on) FROM patient_organisations "
        "WHERE patient_id = patients.id)"
    )
    op.drop_index("ix_patient_organisations_died", "patient_organisations")
    op.drop_column("patients", "seen_alive_at")
    for name, _ in _LINK:
        op.drop_column("patient_organisations", name)
