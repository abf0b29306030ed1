"""Pages travel small, and their length tells nobody what stands in them."""

import gzip

import pytest
from flask import Response

from clinic.core.serving import compressed
from tests.pages import HTMX

GZIP = {"Accept-Encoding": "br, gzip"}
PAGE = b"<p>Monday, Tuesday</p>" * 200


def test_a_page_is_compressed_for_who_can_read_it(client, cast):
    plain, small = client.get("/"), client.get("/", headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data) / 2
    assert gzip.decompress(small.data) == plain.data
    for answer in (plain, small):
        assert "Accept-Encoding" in answer.vary


def test_parts_of_pages_are_too(signed_in, cast):
    answer = signed_in(cast.esha).get("/board/", headers={**GZIP, **HTMX})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b'id="board"' in gzip.decompress(answer.data)


@pytest.mark.parametrize("refused", ["identity", "gzip;q=0", "br"])
def test_nobody_gets_what_he_cannot_read(client, cast, refused):
    assert "Content-Encoding" not in client.get("/", headers={"Accept-Encoding": refused}).headers


@pytest.mark.parametrize("path", ["/health", "/api/v1/time/now", "/nowhere"])
def test_small_answers_and_errors_go_as_they_are(client, path):
    assert "Content-Encoding" not in client.get(path, headers=GZIP).headers


def test_what_programs_read_is_compressed_where_it_is_long(client):
    plain, small = (client.get("/api/v1/openapi.json", headers=one) for one in ({}, GZIP))
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.data) < len(plain.data) / 5
    assert gzip.decompress(small.data) == plain.data


def test_the_same_page_has_another_length_each_time():
    """Who watches the line would have to see hundreds of times as many answers."""
    made = [compressed.padded_gzip(PAGE) for _ in range(300)]
    assert {gzip.decompress(one) for one in made} == {PAGE}
    lengths = {len(one) for one in made}
    assert len(lengths) > 60
    assert max(lengths) - min(lengths) <= compressed.LONGEST_PAD


def test_a_stream_is_left_alone(app):
    with app.test_request_context(headers=GZIP):
        stream = Response((PAGE for _ in range(2)), mimetype="text/html")
        assert compressed._compress(stream).is_streamed
        assert "Content-Encoding" not in stream.headers
