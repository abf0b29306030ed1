"""Templates: what they name exists, what they import is used, and the strict CSP can stand."""

import re
from pathlib import Path

import pytest
from flask import Flask

from clinic.appointments.vocabulary import Status
from clinic.config import ROOT
from clinic.events.tasks import TaskStatus
from tests.architecture.markup import roots_of, tags_of, without_comments
from tests.architecture.tree import TEMPLATES, python_files, template_name, templates

IMPORT = re.compile(r"\{%-?\s*from\s+\"([^\"]+)\"\s+import\s+([^%]+?)-?%\}")
EXTENDS = re.compile(r"\{%-?\s*extends\s+\"([^\"]+)\"")
REFERENCE = re.compile(r"(?:extends|include|from|import)\s+\"([^\"]+\.html)\"")
RENDERED = re.compile(r"\"([a-z_]+(?:/[a-z_]+)+\.html)\"")
ICON = re.compile(r"\bicon\(\"([a-z-]+)\"")
QUIET = {Status.COMPLETED}  # wears the plain colour of every [data-status]
FORBIDDEN = {
    "an inline handler": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\b(?:data-)?hx-on\b"),
    "hx-vars": re.compile(r"\bhx-vars\b"),
    "js:": re.compile(r"\b(?:js|javascript):", re.IGNORECASE),
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "unescaped output": re.compile(r"\|\s*safe\b|autoescape"),
    "a trigger filter": re.compile(r"hx-trigger\s*=\s*\"[^\"]*\["),
    "another site": re.compile(r"(?:src|srcset|<link[^>]*href)\s*=\s*\"(?:https?:)?//"),
}

each_template = pytest.mark.parametrize("path", templates(), ids=template_name)


def imports_of(path: Path) -> list[tuple[str, str, str]]:
    """Template, macro, and the name it goes by, for each macro the file imports."""
    found = []
    for source, names in IMPORT.findall(without_comments(path)):
        for name in names.replace(" with context", "").split(","):
            macro, _, alias = name.strip().partition(" as ")
            found.append((source, macro, alias.strip() or macro))
    return found


def with_heirs(path: Path) -> str:
    """The text of a template and of those that extend it: its imports are theirs, too."""
    heirs = [
        other for other in templates() if template_name(path) in EXTENDS.findall(other.read_text())
    ]
    return IMPORT.sub("", without_comments(path)) + "".join(map(with_heirs, heirs))


@each_template
def test_every_imported_macro_exists_and_is_used(path: Path) -> None:
    text = with_heirs(path)
    for source, macro, alias in imports_of(path):
        written = (TEMPLATES / source).read_text()
        assert re.search(rf"\bmacro {macro}\(|\bset {macro}\b", written), f"{source} has no {macro}"
        assert re.search(rf"\b{alias}\b", text), f"{alias} is not used"


@each_template
def test_nothing_needs_a_weaker_content_security_policy(path: Path) -> None:
    text = without_comments(path)
    assert [name for name, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@each_template
def test_what_is_read_out_by_itself_is_a_line_and_never_a_list(path: Path) -> None:
    """A count, a sentence: of a live region all is read at each change."""
    tags = tags_of(path)
    for number, tag in enumerate(tags):
        says = tag.attributes.get("role") == "status" or "aria-live" in tag.attributes
        if not says or tag.attributes.get("id") == "toasts":
            continue
        after = tags[number + 1 :]
        ends = next((at for at, one in enumerate(after) if one.depth <= tag.depth), len(after))
        assert {one.name for one in after[:ends]} <= {"span", "b"}


@pytest.mark.parametrize("path", templates("_*.html"), ids=template_name)
def test_a_partial_has_one_root_named_like_its_file(path: Path) -> None:
    roots = roots_of(path)
    assert len(roots) == 1, [root.name for root in roots]
    assert roots[0].attributes.get("id") == path.stem.removeprefix("_").replace("_", "-")


def test_every_template_that_is_named_exists_and_no_page_is_left_over() -> None:
    in_code = {
        name for path in python_files("clinic") for name in RENDERED.findall(path.read_text())
    }
    in_templates = {
        name for path in templates() for name in REFERENCE.findall(without_comments(path))
    }
    there = {template_name(path) for path in templates()}
    kit = {name for name in there if name.startswith(("components/", "layouts/"))}
    assert in_code
    assert (in_code | in_templates) - there == set()
    assert there - in_code - in_templates - kit == set()


def test_python_writes_no_markup() -> None:
    marked = [path for path in python_files("clinic") if re.search(r"\bMarkup\(", path.read_text())]
    assert marked == []


def test_every_id_that_a_template_points_at_exists() -> None:
    tags = [(path, tag) for path in templates() for tag in tags_of(path)]
    there = {tag.attributes["id"] for _, tag in tags if "id" in tag.attributes}
    pointed_at = {
        (template_name(path), target.removeprefix("#"))
        for path, tag in tags
        for name in ("hx-target", "hx-select", "hx-include", "hx-indicator", "data-dialog")
        if re.fullmatch(r"#?[\w-]+", target := tag.attributes.get(name, ""))
        and target not in ("this", "body", "closest", "find")
    }
    assert pointed_at
    assert {pair for pair in pointed_at if pair[1] not in there} == set()


def test_every_icon_is_drawn() -> None:
    drawn = set(re.findall(r"id=\"([a-z-]+)\"", (ROOT / "static/img/icons.svg").read_text()))
    named = {(template_name(path), name) for path in templates() for name in ICON.findall(
        path.read_text())}  # fmt: skip
    assert named
    assert {pair for pair in named if pair[1] not in drawn} == set()


def test_every_status_has_a_badge(app: Flask) -> None:
    drawn = set(re.findall(r"id=\"([a-z-]+)\"", (ROOT / "static/img/icons.svg").read_text()))
    styles = (ROOT / "static/css/app.css").read_text()
    with app.test_request_context():
        badge = app.jinja_env.get_template("components/badge.html").module
        for status in Status:
            assert badge.ICONS[status] in drawn
            assert str(badge.words(status)).strip(), status
            assert f'data-status="{status}"' in str(badge.badge(status))
            own_colour = f"[data-status={status}]" in styles
            assert own_colour is (status not in QUIET), status
    assert "[data-status] {" in styles


def test_the_words_of_a_badge_are_for_statuses_that_exist() -> None:
    text = (TEMPLATES / "components/badge.html").read_text()
    icons = set(re.findall(r"\"([a-z_]+)\": \"[a-z-]+\"", text.partition("} -%}")[0]))
    words = set(re.findall(r"status == \"([a-z_]+)\"", text))
    assert icons == words
    assert {*Status} <= words
    assert TaskStatus.FAILED in words


FORM = re.compile(r"<form\b(.*?)</form>", re.DOTALL)
ASKS = re.compile(r"\b(?:form_)?(?:field|fields|choices)\(|<textarea|<select|\{\{ fields \}\}"
                  r"|<input(?![^>]*type=\"(?:hidden|checkbox|radio|file)\")")  # fmt: skip
BY_THE_BROWSER = {"messaging/inbox/_inbox.html"}  # a tool of developers, without words of its own


@each_template
def test_errors_have_one_style(path: Path) -> None:
    """Ours, above the form and beside its fields: not the bubbles of the browser as well."""
    asking = [one for one in FORM.findall(path.read_text()) if ASKS.search(one)]
    without = [one[:80] for one in asking if "novalidate" not in one.partition(">\n")[0]]
    assert without == [] or template_name(path) in BY_THE_BROWSER


def test_forms_that_ask_are_found() -> None:
    asking = {
        template_name(path)
        for path in templates()
        for one in FORM.findall(path.read_text())
        if ASKS.search(one)
    }
    assert {"appointments/booking/_confirm.html", "accounts/signin/_lock.html",
            "layouts/finder.html", "doctors/directory.html"} <= asking  # fmt: skip
    assert len(asking) >= 25
