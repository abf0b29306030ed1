"""Tables for spreadsheet programs: no cell is run, whatever somebody typed."""

import csv

import pytest

from clinic.core import sheets


def read_back(*rows):
    text = "".join(sheets.lines(["Name"], rows))
    assert text.startswith("\ufeffName\r\n")
    return [*csv.reader(text.removeprefix("\ufeff").splitlines(keepends=True))][1:]


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+447700900000", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1+1", "  @x"],
)
def test_what_begins_as_a_formula_is_text(cell):
    assert read_back([cell]) == [[f"'{cell}"]]


@pytest.mark.parametrize("cell", ["", "Ada", 'said "hi", twice', "two\nlines", "\u0141ucja", "1=1"])
def test_what_does_not_is_as_it_was(cell):
    assert read_back([cell]) == [[cell]]


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("Ada;=1+1", "Ada;'=1+1"),
        ("Ada; @x; Bo", "Ada; '@x; Bo"),
        ("two\n-2+3", "two\n'-2+3"),
        ("+1;+2", "'+1;'+2"),
    ],
)
def test_what_another_separator_makes_a_cell_of_is_text(cell, kept):
    """Where decimals have a comma, spreadsheets part cells at semicolons, quoted or not."""
    assert read_back([cell]) == [[kept]]


def test_lines_come_one_by_one():
    def endless():
        while True:
            yield ["x"]

    lines = sheets.lines(["Name"], endless())
    assert [next(lines), next(lines)] == ["\ufeffName\r\n", "x\r\n"]
