"""addresses belong to who proves them"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEPT = (
    "id", "organisation_id", "role", "email", "phone", "full_name", "password_hash", "is_active",
    "created_at", "language", "timezone", "photo_key", "email_verified_at", "phone_verified_at",
    "totp_secret", "totp_enabled_at", "totp_last_step",
)  # fmt: skip
NEW = ("email_lost_at", "phone_lost_at", "email_before", "email_waits_until")
PURPOSES = "'reset', 'invitation', 'email', 'phone'"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_users(is_unique=False)
    else:
        op.drop_constraint(op.f("uq_users_email"), "users", type_="unique")
        op.drop_constraint(op.f("uq_users_phone"), "users", type_="unique")
        op.alter_column("users", "email", existing_type=sa.String(length=254), nullable=True)
        for column in _new_columns():
            op.add_column("users", column)
    for kind in ("email", "phone"):
        proven = sa.text(f"{kind}_verified_at IS NOT NULL")
        op.create_index(
            f"uq_users_{kind}_proven",
            "users",
            [kind],
            unique=True,
            sqlite_where=proven,
            postgresql_where=proven,
        )
        op.create_index(op.f(f"ix_users_{kind}"), "users", [kind])
    _allow_purposes(f"{PURPOSES}, 'contact'")
    # Whoever starts the product entered these addresses: nobody else can.
    op.execute(
        "UPDATE users SET email_verified_at = created_at"
        " WHERE role = 'superadmin' AND email_verified_at IS NULL"
    )


def downgrade() -> None:
    """Refused while two accounts claim one address: the old release could not tell them apart."""
    op.execute("DELETE FROM one_time_keys WHERE purpose = 'contact'")
    _allow_purposes(PURPOSES)
    for kind in ("email", "phone"):
        op.drop_index(op.f(f"ix_users_{kind}"), "users")
        op.drop_index(f"uq_users_{kind}_proven", "users")
    op.execute("UPDATE users SET email = CAST(id AS VARCHAR(40)) WHERE email IS NULL")
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_users(is_unique=True)
        return
    for name in reversed(NEW):
        op.drop_column("users", name)
    op.alter_column("users", "email", existing_type=sa.String(length=254), nullable=False)
    op.create_unique_constraint(op.f("uq_users_email"), "users", ["email"])
    op.create_unique_constraint(op.f("uq_users_phone"), "users", ["phone"])


def _new_columns() -> list[sa.Column]:
    moment = sa.DateTime(timezone=True)
    return [
        sa.Column("email_lost_at", moment, nullable=True),
        sa.Column("phone_lost_at", moment, nullable=True),
        sa.Column("email_before", sa.String(length=254), nullable=True),
        sa.Column("email_waits_until", moment, nullable=True),
    ]


def _rebuild_users(is_unique: bool) -> None:
    """SQLite cannot take a constraint from a table, so the table is made anew under its name.

    Rows of other tables point to it meanwhile; they are asked again as the rows come back.
    """
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TABLE kept_users AS SELECT * FROM users")
    op.drop_table("users")
    moment = sa.DateTime(timezone=True)
    rules: list[sa.schema.SchemaItem] = [
        sa.CheckConstraint(
            "(role IN ('superadmin', 'patient')) = (organisation_id IS NULL)",
            name=op.f("ck_users_organisation_by_role"),
        ),
        sa.CheckConstraint(
            "role IN ('superadmin', 'admin', 'staff', 'doctor', 'patient')",
            name=op.f("ck_users_role"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_users_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    ]
    if is_unique:
        rules += [
            sa.UniqueConstraint("email", name=op.f("uq_users_email")),
            sa.UniqueConstraint("phone", name=op.f("uq_users_phone")),
        ]
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=not is_unique),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=80), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("language", sa.String(length=8), server_default="en", nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=True),
        sa.Column("photo_key", sa.String(length=80), nullable=True),
        sa.Column("email_verified_at", moment, nullable=True),
        sa.Column("phone_verified_at", moment, nullable=True),
        sa.Column("totp_secret", sa.String(length=300), nullable=True),
        sa.Column("totp_enabled_at", moment, nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        *([] if is_unique else _new_columns()),
        *rules,
    )
    names = ", ".join(KEPT)
    op.execute(f"INSERT INTO users ({names}) SELECT {names} FROM kept_users")  # noqa: S608 - names above
    op.drop_table("kept_users")
    op.create_index(
        op.f("ix_users_organisation_id_role"), "users", ["organisation_id", "role"], unique=False
    )


def _allow_purposes(purposes: str) -> None:
    with op.batch_alter_table("one_time_keys") as batch:
        batch.drop_constraint(op.f("ck_one_time_keys_purpose"), type_="check")
        batch.create_check_constraint(op.f("ck_one_time_keys_purpose"), f"purpose IN ({purposes})")
