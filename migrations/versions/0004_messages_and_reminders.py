"""messages and reminders"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opt_outs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.CheckConstraint("kind IN ('opted_out', 'unreachable')", name=op.f("ck_opt_outs_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_outs")),
        sa.UniqueConstraint("address", "kind", name=op.f("uq_opt_outs_address_kind")),
    )
    op.create_table(
        "sender_buckets",
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sender", name=op.f("pk_sender_buckets")),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("audience", sa.String(length=8), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("sender", sa.String(length=254), nullable=True),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=True),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("dedupe_key", sa.String(length=160), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claim_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_id", sa.String(length=64), nullable=True),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("needs_attention", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "audience IN ('patient', 'doctor', 'staff')", name=op.f("ck_messages_audience")
        ),
        sa.CheckConstraint(
            "channel IN ('sms', 'whatsapp', 'email')", name=op.f("ck_messages_channel")
        ),
        sa.CheckConstraint("direction IN ('out', 'in')", name=op.f("ck_messages_direction")),
        sa.CheckConstraint(
            "status IN ('queued', 'sending', 'sent', 'delivered', 'failed', 'uncertain', 'skipped',"
            " 'cancelled', 'received')",
            name=op.f("ck_messages_status"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_messages_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_messages_dedupe_key")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_messages_provider_id")),
    )
    op.create_index(op.f("ix_messages_about_id"), "messages", ["about_id"], unique=False)
    op.create_index(
        op.f("ix_messages_address_created_at"), "messages", ["address", "created_at"], unique=False
    )
    op.create_index(
        "ix_messages_attention",
        "messages",
        ["organisation_id"],
        unique=False,
        sqlite_where=sa.text("needs_attention"),
        postgresql_where=sa.text("needs_attention"),
    )
    op.create_index(
        "ix_messages_due",
        "messages",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("status = 'queued'"),
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index(
        op.f("ix_messages_organisation_id_created_at"),
        "messages",
        ["organisation_id", "created_at"],
        unique=False,
    )
    op.create_index(
        "ix_messages_unsettled",
        "messages",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("status IN ('sending', 'uncertain')"),
        postgresql_where=sa.text("status IN ('sending', 'uncertain')"),
    )
    op.create_table(
        "reminder_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("minutes_before", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('sms', 'whatsapp', 'email')", name=op.f("ck_reminder_rules_channel")
        ),
        sa.CheckConstraint(
            "minutes_before BETWEEN 30 AND 43200", name=op.f("ck_reminder_rules_minutes_before")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_reminder_rules_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_rules")),
        sa.UniqueConstraint(
            "organisation_id",
            "minutes_before",
            "channel",
            name=op.f("uq_reminder_rules_organisation_id_minutes_before_channel"),
        ),
    )
    op.create_table(
        "message_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_message_attempts_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_attempts")),
        sa.UniqueConstraint(
            "message_id", "number", name=op.f("uq_message_attempts_message_id_number")
        ),
    )
    op.create_table(
        "message_callbacks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=False),
        sa.Column("provider_status", sa.String(length=20), nullable=False),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_message_callbacks_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_callbacks")),
        sa.UniqueConstraint(
            "provider_id",
            "provider_status",
            name=op.f("uq_message_callbacks_provider_id_provider_status"),
        ),
    )
    op.create_index(
        op.f("ix_message_callbacks_message_id"), "message_callbacks", ["message_id"], unique=False
    )
    op.create_table(
        "reminders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "channel IN ('sms', 'whatsapp', 'email')", name=op.f("ck_reminders_channel")
        ),
        sa.CheckConstraint(
            "status IN ('planned', 'queued', 'cancelled', 'skipped')",
            name=op.f("ck_reminders_status"),
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
    )
    op.create_index(
        "ix_reminders_due",
        "reminders",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("status = 'planned'"),
        postgresql_where=sa.text("status = 'planned'"),
    )
    op.create_table(
        "visit_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_visit_links_appointment_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_visit_links")),
    )
    op.create_index(
        op.f("ix_visit_links_appointment_id"), "visit_links", ["appointment_id"], unique=False
    )
    op.create_index(
        "ix_appointments_overdue",
        "appointments",
        ["starts_at"],
        unique=False,
        sqlite_where=sa.text("status IN ('pending', 'scheduled', 'confirmed')"),
        postgresql_where=sa.text("status IN ('pending', 'scheduled', 'confirmed')"),
    )


def downgrade() -> None:
    op.drop_index("ix_appointments_overdue", table_name="appointments")
    for table in (
        "visit_links",
        "reminders",
        "reminder_rules",
        "message_callbacks",
        "message_attempts",
        "messages",
        "sender_buckets",
        "opt_outs",
    ):
        op.drop_table(table)
