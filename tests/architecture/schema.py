"""What a database says its schema is: names to definitions, the same however it was made."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

Schema = dict[str, str]
NOT_OURS = "alembic_version"

_POSTGRES = {
    "column": """
        SELECT c.relname || '.' || a.attname,
               format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL'
               ELSE '' END || COALESCE(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraint": """
        SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0""",
    "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "trigger": """
        SELECT tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal""",
    "function": """
        SELECT proname, pg_get_functiondef(oid)
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
    "type": """
        SELECT typname, typtype::text FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'""",
    "sequence": """
        SELECT sequencename, data_type::text FROM pg_sequences WHERE schemaname = 'public'""",
}


def of_postgres(engine: sa.Engine) -> Schema:
    with engine.connect() as connection:
        found = {
            f"{kind} {name}": definition
            for kind, query in _POSTGRES.items()
            for name, definition in connection.execute(sa.text(query))
        }
    return {name: text for name, text in found.items() if NOT_OURS not in f"{name} {text}"}


def of_sqlite(file: Path) -> Schema:
    """Tables as their sorted lines: the order of columns and constraints means nothing here."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        ).fetchall()
    return {
        f"{kind} {name}": _normal(kind, sql) for kind, name, table, sql in rows if table != NOT_OURS
    }


def _normal(kind: str, sql: str) -> str:
    text = " ".join(sql.replace('"', "").split())
    if kind != "table":
        return text
    head, _, body = text.partition("(")
    return "\n".join([head.strip(), *sorted(_parts(body.rpartition(")")[0]))])


def _parts(body: str) -> list[str]:
    """Split at the commas that stand in no bracket and no quotation."""
    depth, quoted, parts = 0, False, [""]
    for piece in re.split(r"([(),'])", body):
        if piece == "'":
            quoted = not quoted
        if not quoted:
            depth += (piece == "(") - (piece == ")")
        if piece == "," and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += piece
    return [part.strip() for part in parts]
