"""Every address that a template or a view writes is answered by a route or lies in static/."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.routing import Rule

from clinic.appointments.board import words as board
from clinic.config import ROOT
from tests.architecture.markup import MARK, Tag, tags_of, without_comments
from tests.architecture.tree import python_files, template_name, templates

ENDPOINT = re.compile(r"\burl_for\(\s*[\"']([\w.]+)[\"']")
LINKED = re.compile(r"_link\([^)]*?, \"(\w+\.\w+)\"")
HOME = re.compile(r"Role\.\w+: \"(\w+\.\w+)\"")
STATIC = re.compile(r"\bstatic_url\(\s*[\"']([^\"']+)[\"']")
EVIDENCE = re.compile(r"`((?:tests|clinic|docs|static)/[\w./]+)`")
CSS_URL = re.compile(r"url\(\s*[\"']?(?!data:|#)([^\"')]+)")
METHODS = {
    "href": "GET",
    "hx-get": "GET",
    "hx-post": "POST",
    "hx-put": "PUT",
    "hx-patch": "PATCH",
    "hx-delete": "DELETE",
    "sse-connect": "GET",
    "formaction": "POST",
}
SKIPPED = ("tel:", "mailto:", "#", MARK)

each_template = pytest.mark.parametrize("path", templates(), ids=template_name)


def addresses(tag: Tag) -> Iterator[tuple[str, str]]:
    """Method and path of each address of this site that the tag carries."""
    method = "POST" if tag.attributes.get("method", "").lower() == "post" else "GET"
    for name, value in tag.attributes.items():
        is_address = name == "action" or name in METHODS
        if is_address and value and not value.startswith(SKIPPED):
            yield METHODS.get(name, method), urlsplit(value.partition("?")[0]).path


def answers(rule: Rule, method: str, path: str) -> bool:
    if method not in (rule.methods or ()):
        return False
    wanted, offered = path.split("/"), rule.rule.split("/")
    return len(wanted) == len(offered) and all(
        MARK in part or part == other or other.startswith("<")
        for part, other in zip(wanted, offered, strict=True)
    )


@each_template
def test_every_address_in_a_template_has_a_route(app: Flask, path: Path) -> None:
    found = [pair for tag in tags_of(path) if tag.name != "use" for pair in addresses(tag)]
    lost = [
        f"{method} {address.replace(MARK, '...')}"
        for method, address in found
        if not any(answers(rule, method, address) for rule in app.url_map.iter_rules())
    ]
    assert lost == []


def test_every_endpoint_that_is_named_exists(app: Flask) -> None:
    texts = [without_comments(path) for path in templates()]
    texts += [path.read_text() for path in python_files("clinic")]
    named = {
        name for text in texts for find in (ENDPOINT, LINKED, HOME) for name in find.findall(text)
    }
    assert {"doctors.index", "board.index"} <= named
    assert named - app.view_functions.keys() == set()


@pytest.mark.parametrize("step", board.STEPS)
def test_every_button_of_the_board_has_a_route(app: Flask, step: str) -> None:
    """The board writes these addresses itself: one url_for for a whole page of rows."""
    last = "undo" if step.startswith("undo") else step.replace("_", "-")
    method = "GET" if step == "cancel" else "POST"
    path = f"/appointments/{MARK}/{last}"
    assert any(answers(rule, method, path) for rule in app.url_map.iter_rules())


def test_every_static_file_that_is_named_exists() -> None:
    named = {name for path in templates() for name in STATIC.findall(path.read_text())}
    named |= {
        (path.parent / name).resolve().relative_to(ROOT / "static").as_posix()
        for path in (ROOT / "static").rglob("*.css")
        for name in CSS_URL.findall(path.read_text())
    }
    assert "css/app.css" in named
    assert {name for name in named if not (ROOT / "static" / name).is_file()} == set()


def test_every_style_and_script_is_used() -> None:
    named = {name for path in templates() for name in STATIC.findall(path.read_text())}
    there = {
        path.relative_to(ROOT / "static").as_posix()
        for ending in ("css", "js")
        for path in (ROOT / "static").rglob(f"*.{ending}")
    }
    assert there - named == set()


def test_the_evidence_of_what_is_secure_exists() -> None:
    named = set(EVIDENCE.findall((ROOT / "docs" / "security.md").read_text(encoding="utf-8")))
    assert len(named) > 50
    assert {name for name in named if not (ROOT / name).exists()} == set()
