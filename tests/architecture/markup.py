"""Templates as plain markup: the tags Jinja would leave, with a mark where it would write."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

MARK = "\x1a"  # stands for whatever an expression writes
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
_KEPT_FOR_LATER = re.compile(
    r"\{%-?\s*macro\b.*?\bendmacro\s*-?%\}|\{%-?\s*set \w+\s*-?%\}.*?\bendset\s*-?%\}", re.DOTALL
)
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "use", "wbr"}


def without_comments(path: Path) -> str:
    return _COMMENT.sub("", path.read_text())


def markup_of(path: Path) -> str:
    return _STATEMENT.sub("", _EXPRESSION.sub(MARK, without_comments(path)))


@dataclass(frozen=True)
class Tag:
    name: str
    attributes: dict[str, str]
    depth: int


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Tag] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(Tag(tag, {name: value or "" for name, value in attrs}, self.depth))
        self.depth += tag not in VOID

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(Tag(tag, {name: value or "" for name, value in attrs}, self.depth))

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag not in VOID


def tags_of(path: Path) -> list[Tag]:
    """Every tag that the file writes by itself, macros included."""
    parser = _Tags()
    parser.feed(markup_of(path))
    return parser.found


def roots_of(path: Path) -> list[Tag]:
    """What stands outermost when the file is rendered, where it is rendered."""
    parser = _Tags()
    text = _KEPT_FOR_LATER.sub("", without_comments(path))
    parser.feed(_STATEMENT.sub("", _EXPRESSION.sub(MARK, text)))
    return [tag for tag in parser.found if tag.depth == 0]
