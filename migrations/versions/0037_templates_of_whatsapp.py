"""templates of whatsapp"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

TABLE = "whatsapp_templates"


def upgrade() -> None:
    op.add_column("messages", sa.Column("variables", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("template", sa.String(40), nullable=False),
        sa.Column("form", sa.String(5), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("content_sid", sa.String(34), nullable=False),
        sa.Column("variables", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_whatsapp_templates_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whatsapp_templates")),
        sa.UniqueConstraint("name", name=op.f("uq_whatsapp_templates_name")),
        sa.UniqueConstraint("content_sid", name=op.f("uq_whatsapp_templates_content_sid")),
    )
    op.create_index(
        op.f("ix_whatsapp_templates_template_language"), TABLE, ["template", "language"]
    )


def downgrade() -> None:
    op.drop_table(TABLE)
    op.drop_column("messages", "variables")
