"""What people read can be translated: it is marked, and the catalogue knows it."""

import ast
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from clinic.config import ROOT
from tests.architecture.tree import gathered, name_of, python_files, syntax_of
from tools import messages, sentences

SPEAK = ("words.py", "forms.py")
NO_ROOMS = ("clinic/api/", "clinic/core/")  # doors and ground


def test_what_people_read_is_marked() -> None:
    assert list(sentences.unmarked(ROOT)) == []


def test_in_rooms_words_and_forms_alone_speak() -> None:
    speaking = [name_of(path) for path in python_files("clinic") if _speaks(path)]
    rooms = [name for name in speaking if name.count("/") > 1 and not name.startswith(NO_ROOMS)]
    assert [name for name in rooms if not name.endswith(SPEAK)] == []


def _speaks(path: Path) -> bool:
    return any(
        (isinstance(node, ast.ImportFrom) and node.module == "flask_babel")
        or (isinstance(node, ast.Import) and node.names[0].name == "flask_babel")
        for node in ast.walk(syntax_of(path))
    )


def test_the_catalogue_knows_every_word() -> None:
    """After other words: `make messages`."""
    with (ROOT / messages.CATALOGUE).open("rb") as file:
        written = read_po(file)
    assert {one.id for one in written} == {one.id for one in gathered()}


def test_templates_and_code_are_both_gathered() -> None:
    found = gathered()
    assert "Log in" in found
    assert "We could not find that page" in found
    assert ("%(num)s doctor found", "%(num)s doctors found") in {one.id for one in found}


WORDS = [
    'TITLE = "Book a visit"',
    'raise Taken("That time was just taken.")',
    'form.name.errors = [f"Use at most {most} characters."]',
    'LABELS = {"pending": "Requested"}',
    'choose("Any doctor", key="x")',
    'client: "Client" = "Front desk"',
    "return f'waiting since {start} today'",
]
NO_WORDS = [
    '"""Book a visit."""',
    'TITLE = N_("Book a visit")',
    'return ngettext("One visit", "Some visits", many)',
    'log.info("Visit booked", id=key)',
    'raise ValueError("Visits have an end")',
    'response.headers["Retry-After"] = request.headers.get("Accept-Language")',
    'sa.text("SELECT id FROM visits WHERE ends_at > now()")',
    'def visit() -> "Visit": ...',
    'Booked = TypeVar("Booked")',
    '__all__ = ["Booked", "Visit"]',
    'name: str = Field(description="As the person writes it")',
    'status = "no_show"',
    'def send(one: "Client | None") -> "Client": ...',
]


@pytest.mark.parametrize("line", WORDS)
def test_an_unmarked_sentence_is_found(tmp_path: Path, line: str) -> None:
    assert len(_found_in(tmp_path, "room/service.py", line)) == 1


@pytest.mark.parametrize("line", NO_WORDS)
def test_what_nobody_translates_is_passed_over(tmp_path: Path, line: str) -> None:
    assert _found_in(tmp_path, "room/service.py", line) == []


def test_examples_of_the_api_are_passed_over_its_refusals_are_not(tmp_path: Path) -> None:
    assert _found_in(tmp_path, "api/room/visits.py", 'VISIT = {"reason": "Blood pressure"}') == []
    for refusal in ('raise _missing("start", "Say when")', 'raise ValueError("Write it as text")'):
        assert _found_in(tmp_path, "api/room/visits.py", refusal)


TEMPLATES = [
    "<p>Book a visit</p>",
    '<img alt="A photo">',
    '{{ badge("ok", "Done") }}',
    "<p>{% if visit %}{{ visit.day }} is free{% endif %}</p>",
]
NO_TEXT = [
    '<p class="row small">{{ _("Book a visit") }}</p>',
    "{% trans day=day %}See you on {{ day }}{% endtrans %}",
    '<p{% if large %} class="avatar"{% endif %}>{{ name }}</p>',
    '{% if field.type == "BooleanField" %}{{ field }}{% endif %}',
]


@pytest.mark.parametrize(("text", "many"), [(t, 1) for t in TEMPLATES] + [(t, 0) for t in NO_TEXT])
def test_templates_are_read_too(tmp_path: Path, text: str, many: int) -> None:
    (tmp_path / "templates/room").mkdir(parents=True)
    (tmp_path / "templates/room/page.html").write_text(text)
    assert len(list(sentences.unmarked(tmp_path))) == many


def _found_in(folder: Path, name: str, line: str) -> list[str]:
    file = folder / "clinic" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(line)
    return list(sentences.unmarked(folder))
