"""rules of reminders: for whom, by the way of each, and quiet hours"""

import sqlalchemy as sa
from alembic import op

from clinic.core.data.db import UtcDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

KEPT = "id, organisation_id, minutes_before, channel, is_active"


def upgrade() -> None:
    _rebuild(
        "'sms', 'whatsapp', 'email', 'own'",
        ["audience"],
        sa.Column("audience", sa.String(length=10), nullable=False, server_default="patient"),
        sa.Column("label", sa.String(length=60), nullable=False, server_default=""),
        sa.CheckConstraint(
            "audience IN ('patient', 'doctor')", name=op.f("ck_reminder_rules_audience")
        ),
    )
    op.create_table(
        "reminder_settings",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=False),
        sa.Column("quiet_to", sa.Integer(), nullable=False),
        _organisation("reminder_settings"),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_reminder_settings")),
    )
    op.create_table(
        "reminder_replannings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("after_at", UtcDateTime(), nullable=True),
        sa.Column("after_id", sa.Uuid(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        _organisation("reminder_replannings"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_replannings")),
    )
    op.create_index(op.f(INDEX), "reminder_replannings", ["organisation_id", "created_at"])


def downgrade() -> None:
    op.drop_table("reminder_replannings")
    op.drop_table("reminder_settings")
    # What the version before cannot say.
    op.execute("DELETE FROM reminder_rules WHERE channel = 'own' OR audience = 'doctor'")
    _rebuild("'sms', 'whatsapp', 'email'", [])


COUNTS = ("planned", "moved", "withdrawn")
INDEX = "ix_reminder_replannings_organisation_id_created_at"


def _organisation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organisation_id"], ["organisations.id"], name=op.f(f"fk_{table}_organisation_id")
    )


def _rebuild(channels: str, unique_too: list[str], *more: sa.schema.SchemaItem) -> None:
    """SQLite changes no check, so the table is made anew under its name; it is a small one."""
    op.execute("CREATE TABLE kept_rules AS SELECT * FROM reminder_rules")
    op.drop_table("reminder_rules")
    unique = ["organisation_id", "minutes_before", "channel", *unique_too]
    op.create_table(
        "reminder_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("minutes_before", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(f"channel IN ({channels})", name=op.f("ck_reminder_rules_channel")),
        sa.CheckConstraint(
            "minutes_before BETWEEN 30 AND 43200", name=op.f("ck_reminder_rules_minutes_before")
        ),
        _organisation("reminder_rules"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_rules")),
        sa.UniqueConstraint(*unique, name=op.f(f"uq_reminder_rules_{'_'.join(unique)}")),
        *more,
    )
    op.execute(f"INSERT INTO reminder_rules ({KEPT}) SELECT {KEPT} FROM kept_rules")  # noqa: S608 - names above
    op.drop_table("kept_rules")
