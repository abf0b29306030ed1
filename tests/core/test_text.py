"""What is stored of text, and that reading it is bounded."""

import json
import time

import pytest

from clinic.core.errors import Wrong
from clinic.core.text import MOST_MARKS, clean_text

ABOVE, BELOW = "\u0301", "\u0323"


def test_letters_with_marks_are_one_letter():
    assert clean_text("e" + ABOVE) == "\u00e9"
    assert clean_text("Nguye\u0302\u0303n Thi\u0323 A\u0301nh") == "Nguy\u1ec5n Th\u1ecb \u00c1nh"


@pytest.mark.parametrize("many", [MOST_MARKS + 1, 100_000])
def test_a_heap_of_marks_is_refused_before_it_is_sorted(many):
    """256 KiB of them took 8 s, of whoever sent them to the login."""
    started = time.process_time()
    with pytest.raises(Wrong):
        clean_text("a" + (ABOVE + BELOW) * (many // 2 + 1))
    assert time.process_time() - started < 0.25


def test_as_many_as_languages_need_are_not():
    assert clean_text("a" + ABOVE * MOST_MARKS + "b")
    assert clean_text(("a" + ABOVE * 4) * 1000)


def test_of_a_body_too(client):
    body = json.dumps(
        {"email": "a" + (ABOVE + BELOW) * 50_000, "password": "x"}, ensure_ascii=False
    )
    started = time.process_time()
    answer = client.post("/api/v1/auth/login", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert time.process_time() - started < 1
