"""reminders of every kind"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

CHANNELS = "channel IN ('sms', 'whatsapp', 'email')"
METHODS = "method IN ('sms', 'whatsapp', 'email')"
STATUSES = "status IN ('planned', 'queued', 'cancelled', 'skipped'"
TYPES = "type IN ('appointment', 'medication', 'follow_up', 'deadline', 'notification')"
CHECKS = {  # as before, and as from here on
    "status": (f"{STATUSES})", f"{STATUSES}, 'paused', 'sent')"),
    "channel": (CHANNELS, CHANNELS),
}
KEPT = "id, organisation_id, appointment_id, rule, channel, due_at, status, created_at"  # by both
LIST = "ix_reminders_organisation_id_due_at_id"
PLANNED, OF_NO_VISIT = sa.text("status = 'planned'"), sa.text("appointment_id IS NULL")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(of_every_kind=True)
    else:
        op.alter_column("reminders", "organisation_id", nullable=True)
        op.alter_column("reminders", "appointment_id", nullable=True)
        for column in _new_columns():
            op.add_column("reminders", column)
        op.create_foreign_key(
            op.f("fk_reminders_patient_id"), "reminders", "patients", ["patient_id"], ["id"]
        )
        op.drop_constraint(op.f("ck_reminders_status"), "reminders", type_="check")
        op.create_check_constraint(op.f("ck_reminders_status"), "reminders", CHECKS["status"][1])
        op.create_check_constraint(op.f("ck_reminders_type"), "reminders", TYPES)
    op.create_index(
        "ix_reminders_patient_id",
        "reminders",
        ["patient_id"],
        sqlite_where=OF_NO_VISIT,
        postgresql_where=OF_NO_VISIT,
    )
    _create_own()


def _create_own() -> None:
    op.create_table(
        "own_reminders",
        sa.Column("reminder_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("message", sa.String(length=1000), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=True),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("recurrence", sa.String(length=200), nullable=True),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("wall", sa.String(length=19), nullable=False),
        sa.Column("sent_ahead", sa.Integer(), nullable=True),
        sa.Column("told_up_to", sa.String(length=36), nullable=True),
        sa.Column("to_address", sa.String(length=254), nullable=True),
        sa.Column("choice", sa.JSON(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(METHODS, name=op.f("ck_own_reminders_method")),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["reminders.id"], name=op.f("fk_own_reminders_reminder_id")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_own_reminders_author_id")
        ),
        sa.PrimaryKeyConstraint("reminder_id", name=op.f("pk_own_reminders")),
    )
    op.create_index(op.f("ix_own_reminders_author_id"), "own_reminders", ["author_id"])


def downgrade() -> None:
    """What people made goes: the version before knows only what is about a visit."""
    op.drop_table("own_reminders")
    op.execute("DELETE FROM reminders WHERE appointment_id IS NULL")
    op.drop_index("ix_reminders_patient_id", "reminders")
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(of_every_kind=False)
        return
    op.drop_constraint(op.f("ck_reminders_type"), "reminders", type_="check")
    op.drop_constraint(op.f("ck_reminders_status"), "reminders", type_="check")
    op.create_check_constraint(op.f("ck_reminders_status"), "reminders", CHECKS["status"][0])
    op.drop_constraint(op.f("fk_reminders_patient_id"), "reminders", type_="foreignkey")
    op.drop_column("reminders", "patient_id")
    op.drop_column("reminders", "type")
    op.alter_column("reminders", "appointment_id", nullable=False)
    op.alter_column("reminders", "organisation_id", nullable=False)


def _new_columns() -> tuple[sa.Column, sa.Column]:
    return (
        sa.Column("type", sa.String(length=12), nullable=False, server_default="appointment"),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
    )


def _rebuild(of_every_kind: bool) -> None:
    """SQLite changes no column and no check, so the table is made anew under its name."""
    op.execute("CREATE TABLE kept_reminders AS SELECT * FROM reminders")
    op.drop_table("reminders")
    last: list[sa.schema.SchemaItem] = []
    if of_every_kind:
        last = [
            *_new_columns(),
            sa.CheckConstraint(TYPES, name=op.f("ck_reminders_type")),
            sa.ForeignKeyConstraint(
                ["patient_id"], ["patients.id"], name=op.f("fk_reminders_patient_id")
            ),
        ]
    op.create_table(
        "reminders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=of_every_kind),
        sa.Column("appointment_id", sa.Uuid(), nullable=of_every_kind),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.CheckConstraint(words[of_every_kind], name=op.f(f"ck_reminders_{name}"))
            for name, words in CHECKS.items()
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_reminders_appointment_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_reminders_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint(
            "appointment_id",
            "rule",
            "channel",
            name=op.f("uq_reminders_appointment_id_rule_channel"),
        ),
        *last,
    )
    op.create_index(
        "ix_reminders_due", "reminders", ["due_at"], sqlite_where=PLANNED, postgresql_where=PLANNED
    )
    op.create_index(op.f(LIST), "reminders", ["organisation_id", "due_at", "id"])
    op.execute(f"INSERT INTO reminders ({KEPT}) SELECT {KEPT} FROM kept_reminders")  # noqa: S608 - names above
    op.drop_table("kept_reminders")
