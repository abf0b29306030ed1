"""Plain text as blocks: a table. Whatever is written, nothing but words comes out."""

import time

import pytest

from clinic.organisations.policies.blocks import blocks

P, H, S, L = "paragraph", "heading", "subheading", "list"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("\n \n", []),
        ("One line", [(P, "One line")]),
        ("One\nand the same\n\nanother", [(P, "One", "and the same"), (P, "another")]),
        ("# Who we are\nHarbour Clinic", [(H, "Who we are"), (P, "Harbour Clinic")]),
        ("One\n# Two\nThree", [(P, "One"), (H, "Two"), (P, "Three")]),
        ("# One\n# Two", [(H, "One"), (H, "Two")]),
        ("## Texts ##", [(S, "Texts")]),
        ("###### Deep", [(S, "Deep")]),
        ("# Room # 4 # #", [(H, "Room # 4")]),
        ("# # ##", [(H, "#")]),
        ("- a\n- b\n\n- c", [(L, "a", "b"), (L, "c")]),
        ("Some:\n- a\n* b\n\N{BULLET} c\nrest", [(P, "Some:"), (L, "a", "b", "c"), (P, "rest")]),
        ("#1 of all\n-5 degrees\n#", [(P, "#1 of all", "-5 degrees", "#")]),
        ("a\r\nb\rc", [(P, "a", "b", "c")]),
        ("<b>x</b> [y](javascript:z)", [(P, "<b>x</b> [y](javascript:z)")]),
    ],
)
def test_plain_text_becomes_blocks(text, found):
    assert [(one.kind, *one.lines) for one in blocks(text)] == found


@pytest.mark.parametrize(
    "line", ["# a" + "#" * 19_990 + "b", "# a" + " #" * 9_990 + " b", "# " + "# " * 9_990 + "b"]
)
def test_the_longest_line_is_read_at_once(line):
    """Anybody may ask for the page, as often as they like."""
    began = time.process_time()
    assert [one.kind for one in blocks(line)] == [H]
    assert time.process_time() - began < 0.5
