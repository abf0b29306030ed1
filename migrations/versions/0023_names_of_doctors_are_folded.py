"""names of doctors are folded"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BATCH = 500
LONGEST = 120

# As the product folded names when this was written.
_PLAIN = str.maketrans(
    {
        "\u0142": "l", "\u00f8": "o", "\u0111": "d", "\u00f0": "d", "\u0131": "i", "\u0127": "h",
        "\u0167": "t", "\u00fe": "th", "\u00e6": "ae", "\u0153": "oe", "\u0259": "e", "\u014b": "n",
    }
)  # fmt: skip
_DROPPED = dict.fromkeys(
    map(ord, "'\u2018\u2019\u201b\u02bb\u02bc\u02b9\u2032\uff07`\u00b4\u00b7"), ""
)
_DOCTORS = sa.table(
    "doctors", sa.column("id", sa.Uuid()), sa.column("name"), sa.column("sort_name")
)


def upgrade() -> None:
    _rewrite(_fold)


def downgrade() -> None:
    _rewrite(str.casefold)


def _rewrite(folding) -> None:
    connection = op.get_bind()
    last = None
    change = (
        _DOCTORS.update()
        .where(_DOCTORS.c.id == sa.bindparam("doctor"))
        .values(sort_name=sa.bindparam("folded"))
    )
    while True:
        query = sa.select(_DOCTORS.c.id, _DOCTORS.c.name, _DOCTORS.c.sort_name)
        if last is not None:
            query = query.where(_DOCTORS.c.id > last)
        rows = connection.execute(query.order_by(_DOCTORS.c.id).limit(BATCH)).all()
        if not rows:
            return
        last = rows[-1].id
        changed = [
            {"doctor": row.id, "folded": folded}
            for row in rows
            if (folded := folding(row.name.removeprefix("Dr "))[:LONGEST]) != row.sort_name
        ]
        if changed:
            connection.execute(change, changed)


def _fold(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.translate(_DROPPED)).casefold()
    letters = (
        one
        for one in unicodedata.normalize("NFKD", bare)
        if not unicodedata.combining(one) and unicodedata.category(one) != "Cf"
    )
    joined = unicodedata.normalize("NFC", "".join(letters)).translate(_DROPPED).translate(_PLAIN)
    parted = (" " if unicodedata.category(one)[0] in "PZC" else one for one in joined)
    return " ".join("".join(parted).split())
