"""Alembic's way into the product: the app's own engine, its own metadata."""

from alembic import context
from flask import current_app
from sqlalchemy.engine import Connection

from clinic.core.data.db import UtcDateTime

migrate = current_app.extensions["migrate"]
metadata = migrate.db.metadatas[None]


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write the product's own column type as what the database has: migrations stand alone."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run_offline() -> None:
    """Print the SQL instead of running it: `flask db upgrade --sql`."""
    url = migrate.db.engine.url.render_as_string(hide_password=False)
    context.configure(url=url, target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    # One writer: on SQLite a second `upgrade` waits instead of failing half-way.
    with migrate.db.engine.connect().execution_options(writes=True) as connection:
        _run(connection)


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render_item,
        **migrate.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
