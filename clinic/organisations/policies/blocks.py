"""Plain text as headings, paragraphs and lists: pure. What somebody wrote never becomes markup.

`# Who we are` is a heading, `## By text` one below it, `- a name` a point of a list. A line that is
empty ends a paragraph; within one, lines stay lines.
"""

import re
from dataclasses import dataclass

HEADING, SUBHEADING, LIST, PARAGRAPH = "heading", "subheading", "list", "paragraph"
_HEADING = re.compile(r"(?P<marks>#{1,6})\s+(?P<words>\S.*)")
_POINT = re.compile(r"[-*\N{BULLET}]\s+(?P<words>\S.*)")


@dataclass(frozen=True, slots=True)
class Block:
    kind: str
    lines: tuple[str, ...]  # of a list its points, of a heading one


def blocks(text: str) -> list[Block]:
    found: list[Block] = []
    is_new = True  # the next line begins something
    for line in map(str.strip, text.splitlines()):
        kind, words = _read(line)
        if not line:
            is_new = True
            continue
        if not is_new and found[-1].kind == kind and kind in (LIST, PARAGRAPH):
            found[-1] = Block(kind, (*found[-1].lines, words))
        else:
            found.append(Block(kind, (words,)))
        is_new = kind in (HEADING, SUBHEADING)
    return found


def _read(line: str) -> tuple[str, str]:
    if heading := _HEADING.fullmatch(line):
        return HEADING if len(heading["marks"]) == 1 else SUBHEADING, _open(heading["words"])
    if point := _POINT.fullmatch(line):
        return LIST, point["words"]
    return PARAGRAPH, line


def _open(words: str) -> str:
    """Without the marks that close a heading. No pattern looks for them: one that does tries each
    place of a long line, and anybody may ask for the page."""
    return words[0] + words[1:].rstrip("# \t")
