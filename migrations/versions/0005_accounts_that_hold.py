"""accounts that hold"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "one_time_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=254), nullable=True),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('reset', 'invitation', 'email', 'phone')",
            name=op.f("ck_one_time_keys_purpose"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_one_time_keys_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_keys")),
    )
    op.create_index(
        op.f("ix_one_time_keys_expires_at"), "one_time_keys", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_one_time_keys_secret_hash"), "one_time_keys", ["secret_hash"], unique=False
    )
    op.create_index(
        op.f("ix_one_time_keys_user_id_purpose"),
        "one_time_keys",
        ["user_id", "purpose"],
        unique=False,
    )
    op.create_table(
        "patient_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=True),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('running', 'done')", name=op.f("ck_patient_imports_status")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_patient_imports_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_patient_imports_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_imports")),
    )
    op.create_index(
        op.f("ix_patient_imports_organisation_id_created_at"),
        "patient_imports",
        ["organisation_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id")),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "token_families",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("refresh_hash", sa.String(length=64), nullable=False),
        sa.Column("client", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_token_families_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_families")),
    )
    op.create_index(
        op.f("ix_token_families_expires_at"), "token_families", ["expires_at"], unique=False
    )
    op.create_index(op.f("ix_token_families_user_id"), "token_families", ["user_id"], unique=False)
    op.add_column(
        "patient_organisations",
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    op.add_column("patients", sa.Column("gender", sa.String(length=20), nullable=True))
    op.add_column("patients", sa.Column("blood_type", sa.String(length=3), nullable=True))
    op.add_column("patients", sa.Column("contact_number", sa.String(length=20), nullable=True))
    op.add_column("patients", sa.Column("address", sa.String(length=300), nullable=True))
    op.add_column("patients", sa.Column("emergency_name", sa.String(length=120), nullable=True))
    op.add_column("patients", sa.Column("emergency_phone", sa.String(length=20), nullable=True))
    op.add_column("patients", sa.Column("emergency_relation", sa.String(length=60), nullable=True))
    op.add_column("patients", sa.Column("died_on", sa.Date(), nullable=True))
    op.add_column(
        "settings",
        sa.Column("two_factor_required", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        "users", sa.Column("language", sa.String(length=8), server_default="en", nullable=False)
    )
    op.add_column("users", sa.Column("timezone", sa.String(length=40), nullable=True))
    op.add_column("users", sa.Column("photo_key", sa.String(length=80), nullable=True))
    op.add_column(
        "users", sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "users", sa.Column("phone_verified_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("users", sa.Column("totp_secret", sa.String(length=300), nullable=True))
    op.add_column("users", sa.Column("totp_enabled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("users", sa.Column("totp_last_step", sa.BigInteger(), nullable=True))
    op.drop_index(op.f("ix_appointments_organisation_id_starts_at"), table_name="appointments")
    op.create_index(
        op.f("ix_appointments_organisation_id_starts_at_id"),
        "appointments",
        ["organisation_id", "starts_at", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_appointments_organisation_id_starts_at_id"), table_name="appointments")
    op.create_index(
        op.f("ix_appointments_organisation_id_starts_at"),
        "appointments",
        ["organisation_id", "starts_at"],
        unique=False,
    )
    op.drop_column("users", "totp_last_step")
    op.drop_column("users", "totp_enabled_at")
    op.drop_column("users", "totp_secret")
    op.drop_column("users", "phone_verified_at")
    op.drop_column("users", "email_verified_at")
    op.drop_column("users", "photo_key")
    op.drop_column("users", "timezone")
    op.drop_column("users", "language")
    op.drop_column("settings", "two_factor_required")
    op.drop_column("patients", "died_on")
    op.drop_column("patients", "emergency_relation")
    op.drop_column("patients", "emergency_phone")
    op.drop_column("patients", "emergency_name")
    op.drop_column("patients", "address")
    op.drop_column("patients", "contact_number")
    op.drop_column("patients", "blood_type")
    op.drop_column("patients", "gender")
    op.drop_column("patient_organisations", "is_active")
    op.drop_index(op.f("ix_token_families_user_id"), table_name="token_families")
    op.drop_index(op.f("ix_token_families_expires_at"), table_name="token_families")
    op.drop_table("token_families")
    op.drop_table("recovery_codes")
    op.drop_index(
        op.f("ix_patient_imports_organisation_id_created_at"), table_name="patient_imports"
    )
    op.drop_table("patient_imports")
    op.drop_index(op.f("ix_one_time_keys_user_id_purpose"), table_name="one_time_keys")
    op.drop_index(op.f("ix_one_time_keys_secret_hash"), table_name="one_time_keys")
    op.drop_index(op.f("ix_one_time_keys_expires_at"), table_name="one_time_keys")
    op.drop_table("one_time_keys")
