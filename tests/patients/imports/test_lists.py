"""A list as a file: what is read out of it, and when no row can be trusted."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from clinic.patients.errors import UnreadableList
from clinic.patients.imports import days, lists

HEADER = "name,phone,email"


def rows(text):
    return lists.parse(text).rows


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_those_of_the_file(separator, end):
    lines = (("Full Name", "E-Mail"), ("Ines", "i@x.example"), ("Noor", ""))
    text = end.join(separator.join(line) for line in lines)
    assert rows(text) == [
        {"row": 2, "full_name": "Ines", "email": "i@x.example"},
        {"row": 3, "full_name": "Noor"},
    ]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("name", "full_name"),
        ("FULL_NAME", "full_name"),
        (" Full Name ", "full_name"),
        ("fullName", "full_name"),
    ],
)
def test_a_column_is_known_however_it_is_written(header, field):
    assert rows(f"{header}\nInes") == [{"row": 2, field: "Ines"}]


@pytest.mark.parametrize("header", ["date_of_birth", "Date of Birth", "Birth-Date", "birthdate"])
def test_the_birth_date_has_several_names(header):
    assert rows(f"name,{header}\nInes,1970-01-02")[0]["date_of_birth"] == "1970-01-02"


def test_rows_are_counted_as_in_the_file():
    text = f'{HEADER}\n\nInes,,\n,,\n"Noor\nAziz",,\n\nBo,,\n'
    assert [(row["row"], row["full_name"]) for row in rows(text)] == [
        (3, "Ines"),
        (5, "Noor\nAziz"),
        (7, "Bo"),
    ]


def test_cells_may_be_quoted_missing_or_look_like_formulas():
    text = f'{HEADER}\n"Gomes, Ines"\n"O""Neil",+44 7700 900001\n=1+1,@x,-2\n'
    assert rows(text) == [
        {"row": 2, "full_name": "Gomes, Ines"},
        {"row": 3, "full_name": 'O"Neil', "phone": "+44 7700 900001"},
        {"row": 4, "full_name": "=1+1", "phone": "@x", "email": "-2"},
    ]


def test_a_separator_inside_a_quoted_heading_is_none():
    assert rows('"name";"a,b,c,d"\nInes;x')[0]["full_name"] == "Ines"


def test_columns_nobody_keeps_are_told_of_by_their_place():
    found = lists.parse("name,Diagnosis,,phone\nInes,secret,,07700 900001")
    assert [(one["row"], one["field"], one["code"]) for one in found.problems] == [
        (1, "column_2", "unknown_column")
    ]
    assert "iagnosis" not in str(found.problems)
    assert found.rows == [{"row": 2, "full_name": "Ines", "phone": "07700 900001"}]


def test_a_row_with_more_cells_than_columns_is_marked():
    assert rows("name\nInes,x\nNoor,\n") == [
        {"row": 2, "too_many_cells": True},
        {"row": 3, "full_name": "Noor"},
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("\n \n,,\n", "empty"),
        ("name,phone\n\n", "no_rows"),
        ("phone,email\n1,2", "no_name_column"),
        ("Ines,07700 900001", "no_name_column"),
        ("name,full_name\nInes,Gomes", "double_column"),
        ("name,birth_date,date of birth\nInes,,", "double_column"),
        ('name\n"Ines', "bad_quotes"),
        ('name\n"In"es', "bad_quotes"),
        ("name\n" + "Ines\n" * 5001, "too_many_rows"),
        ("name\n" + "x" * 1024 * 1024, "too_large"),
        ("name\n" + "é" * 600_000, "too_large"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_whole(text, code):
    with pytest.raises(UnreadableList) as refused:
        lists.parse(text)
    (error,) = refused.value.errors
    assert (error.field, error.code) == ("file", code)
    assert "Ines" not in error.words % error.values


@given(some.text(alphabet='name,;\t"\r\n =é\x00', max_size=80))
def test_whatever_stands_in_it_is_rows_or_a_reason(text):
    try:
        found = lists.parse(f"name,phone\n{text}")
    except UnreadableList as refused:
        assert refused.errors[0].field == "file"
        return
    numbers = [row["row"] for row in found.rows]
    assert numbers == sorted(set(numbers))
    assert all(
        row.keys() <= {"row", "full_name", "phone", "too_many_cells", "bad_quotes"}
        for row in found.rows
    )


def test_as_many_rows_as_allowed_are_read():
    assert len(rows("name\n" + "Ines\n" * 5000)) == 5000


@pytest.mark.parametrize("first", ["sep=;\n", "\ufeffsep=;\r\n", '"sep=;"\n', "SEP=;;;\n"])
def test_a_line_for_excel_says_the_separator_and_is_no_row(first):
    assert rows(f"{first}name;phone\nGomes, Ines;1")[0] == {
        "row": 2,
        "full_name": "Gomes, Ines",
        "phone": "1",
    }


@pytest.mark.parametrize(
    ("header", "line", "name", "phone"),
    [
        ("First Name,Last Name", "Ines,Gomes", "Ines Gomes", None),
        ("Surname,Forename,Middle names", "Gomes,Ines,Rosa", "Ines Rosa Gomes", None),
        ("Name,First name", "Gomes,Ines", "Ines Gomes", None),
        ("Name,Surname", "Ines,Gomes", "Ines Gomes", None),
        ("Patient name,Mobile", "Ines,1", "Ines", "1"),
        ("name,Tel.,Mobile No", "Ines,1,2", "Ines", "2"),
        ("name,Tel.,Mobile No", "Ines,1,", "Ines", "1"),
        ("name,Cell Phone (home)", "Ines,1", "Ines", "1"),
    ],
)
def test_names_and_numbers_stand_in_the_usual_columns(header, line, name, phone):
    (row,) = rows(f"{header}\n{line}")
    assert (row["full_name"], row.get("phone")) == (name, phone)


@pytest.mark.parametrize("bad", ['"No"or,', '"Noor,', 'Noor,"x"y', '"Noor","'])
def test_a_bad_quotation_mark_costs_its_row(bad):
    found = rows(f"name,phone\nInes,1\n{bad}\nBo,2\nAl,3")
    assert [(one["row"], one.get("full_name")) for one in found] == [
        (2, "Ines"),
        (3, None),
        (4, "Bo"),
        (5, "Al"),
    ]
    assert found[1] == {"row": 3, "bad_quotes": True}


@pytest.mark.parametrize(
    ("country", "written", "settled"),
    [
        ("GB", ["03/04/1985"], ["1985-04-03"]),
        ("US", ["03/04/1985"], ["1985-03-04"]),
        ("GB", ["31.12.1985", "1-2-1970"], ["1985-12-31", "1970-02-01"]),
        ("GB", ["31/12/1985 0:00", "1985-12-31 00:00:00"], ["1985-12-31", "1985-12-31"]),
        ("US", ["12/31/1985 12:00:00 AM"], ["1985-12-31"]),
        ("GB", ["1985-12-31T00:00:00.000Z"], ["1985-12-31"]),
        ("GB", ["31 Dec 1985"], ["1985-12-31"]),
        ("GB", ["31/12/1985", "12/31/1985", "3/4/1985", "2 May 85"], [None] * 3 + ["2 May 85"]),
        ("GB", ["12/31/1985", "03/04/1985", "05/05/1985"], ["12/31/1985", None, "1985-05-05"]),
        ("GB", ["31/12/85", "May 1970"], ["31/12/85", "May 1970"]),
    ],
)  # fmt: skip
def test_days_are_in_the_order_of_the_country_or_ambiguous(country, written, settled):
    given_rows = [{"row": 2, "date_of_birth": one} for one in written]
    days.settle(given_rows, country)
    read = [None if days.AMBIGUOUS in one else one["date_of_birth"] for one in given_rows]
    assert read == settled


# --- bytes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_is_read_with_or_without_its_mark(encoding):
    text = lists.decode("name\nInês".encode(encoding))
    assert rows(text) == [{"row": 2, "full_name": "Inês"}]


@pytest.mark.parametrize(
    "data",
    [
        "name\nInês".encode("utf-16"),
        "name\nInês".encode("utf-16-le"),
        "name\nInês".encode("latin-1"),
        b"name\nIn\x00es",
        b"PK\x03\x04\x00",
    ],
)
def test_other_encodings_are_named(data):
    with pytest.raises(UnreadableList, match="CSV UTF-8") as refused:
        lists.decode(data)
    assert refused.value.errors[0].code == "not_utf8"


def test_a_large_file_is_not_even_decoded():
    with pytest.raises(UnreadableList, match="1 MiB"):
        lists.decode(b"\xff" * (1024 * 1024 + 1))


def test_a_long_cell_is_no_question_of_quotes():
    assert len(rows("name,email\nInes," + "x" * 200_000)[0]["email"]) == 200_000


def test_a_hundred_columns_are_enough():
    header = "name" + ",x" * 99
    assert len(lists.parse(f"{header}\nAsha Rao").problems) == 99
    with pytest.raises(UnreadableList) as refused:
        lists.parse(f"{header},x\nAsha Rao")
    assert refused.value.code
    assert lists.parse("name" + "," * 500 + "\nAsha Rao").rows  # as spreadsheets leave them


@pytest.mark.parametrize(
    "text",
    [
        '"' * lists.MOST_BYTES,
        "name\n" + '"' * (lists.MOST_BYTES - 6),
        "name" + ",a" * 520_000,
        "name" + "," * 1_000_000 + "\nx",
        "name\n" + "," * 1_000_000,
        "name\n" + "\n" * 1_000_000,
        "name\n" + "a" * 1_000_000,
        "name\n" + "A b\n" * 250_000,
        "name\r" + "a\r" * 500_000,
    ],
    ids=["quotes", "quotes below", "columns", "commas", "cells", "lines", "cell", "rows", "cr"],
)
def test_no_list_takes_long_to_read(text):
    started = time.process_time()
    with contextlib.suppress(UnreadableList):
        lists.parse(text)
    assert time.process_time() - started < 2
