"""Pages and the JSON of programs are compressed, each padded by chance.

How long a compressed page is would tell who watches the line whether words he had put into it stand
there already (the BREACH attack). So a name of random length stands in the header of each, where
gzip keeps that of a file: he would have to see hundreds of times as many answers.
"""

import secrets
import struct
import zlib

from flask import Flask, Response, request

KINDS = frozenset({"text/html", "application/json"})
SMALLEST = 1024  # bytes: less is one packet either way
LEVEL = 3  # 0.05 ms for the front page; 6 saves a fourteenth more, for more than twice the time
LONGEST_PAD = 128  # characters
NAMED, UNKNOWN_SYSTEM = 0x08, 0xFF  # of RFC 1952
HEX = 2  # characters a byte


def init_app(app: Flask) -> None:
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if not _is_worth_it(response):
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"]:
        return response
    response.set_data(padded_gzip(response.get_data()))
    response.headers["Content-Encoding"] = "gzip"
    return response


def _is_worth_it(response: Response) -> bool:
    if response.mimetype not in KINDS or response.status_code != 200:
        return False
    if response.is_streamed or response.direct_passthrough:
        return False
    return "Content-Encoding" not in response.headers and len(response.get_data()) >= SMALLEST


def padded_gzip(page: bytes) -> bytes:
    """By RFC 1952, under a file name of random length."""
    pad = secrets.token_hex(LONGEST_PAD // HEX)[: secrets.randbelow(LONGEST_PAD)]
    head = struct.pack("<2sBBIBB", b"\x1f\x8b", zlib.DEFLATED, NAMED, 0, 0, UNKNOWN_SYSTEM)
    squeezed = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = squeezed.compress(page) + squeezed.flush()
    tail = struct.pack("<II", zlib.crc32(page), len(page) & 0xFFFFFFFF)
    return b"".join((head, pad.encode(), b"\0", body, tail))
