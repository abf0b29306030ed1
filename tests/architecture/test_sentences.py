"""What people read is marked for translators, and only words.py and forms.py know of them."""

import ast
from pathlib import Path

import pytest

from clinic.config import ROOT
from tools import sentences

TRANSLATED = (  # the rest follows; what stands here stays whole
    "clinic/admin/", "clinic/core/data/", "clinic/core/watch/", "clinic/core/work/",
    "clinic/events/", "clinic/messaging/", "clinic/reminders/",
)  # fmt: skip


def test_rooms_that_are_translated_stay_so():
    assert [one for one in sentences.unmarked(ROOT) if one.startswith(TRANSLATED)] == []


@pytest.mark.parametrize("room", ["admin", "events", "messaging", "reminders"])
def test_only_words_and_forms_translate(room):
    for path in (ROOT / "clinic" / room).rglob("*.py"):
        if path.name not in ("words.py", "forms.py"):
            imported = {
                node.module
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.ImportFrom)
            }
            assert "flask_babel" not in imported, path


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('say = "It is too late for that."', 1),
        ('say = _("It is too late for that.")', 0),
        ('raise Conflict(f"It is {late} for that.")', 1),
        ('raise Conflict(N_("It is too late for that."))', 0),
        ('raise ValueError("a slot is never empty, who made this one?")', 0),
        ('TITLES = {"a visit of two people": "Visit moved"}', 1),
        ('def send(one: "Client | None") -> "Client": ...', 0),
        ('client: "Client" = "Front desk"', 1),
        ('given = request.headers.get("HX-Request") or "Retry-After"', 0),
        ('run("SELECT id FROM visits WHERE there is one.")', 0),
        ('log.info("It is too late for that.")', 0),
    ],
)
def test_a_sentence_that_nothing_marks_is_found(tmp_path: Path, code: str, found: int):
    (tmp_path / "clinic").mkdir()
    (tmp_path / "clinic" / "late.py").write_text(code)
    assert len(list(sentences.unmarked(tmp_path))) == found
