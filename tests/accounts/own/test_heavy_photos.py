"""P25: whatever 2 MB hold, taking a photo apart is bounded."""

import contextlib
import io
import struct
import time
import zlib

import pytest
from PIL import Image

from clinic.accounts import errors as accounts_errors
from clinic.accounts.own import photo, picture

MOST_S = 2.0  # of CPU: 0.7 s at most where this was written
SCAN = b"\xff\xda"


def bytes_of(image, kind, **more):
    made = io.BytesIO()
    image.save(made, kind, **more)
    return made.getvalue()


def progressive(times):
    """A large JPEG whose last scan, of some 40 bytes, comes `times` more."""
    whole = bytes_of(Image.new("RGB", (5000, 5000)), "JPEG", progressive=True)
    last = whole[whole.rindex(SCAN) : -2]
    return whole[:-2] + last * times + whole[-2:]


def png(width, height, depth):
    """Its head: nobody decodes more of what is too large."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    begin = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head
    data = b"IDAT" + zlib.compress(b"\0" * 100)
    body = struct.pack(">I", len(data) - 4) + data
    return begin + struct.pack(">I", zlib.crc32(head)) + body + struct.pack(">I", zlib.crc32(data))


def made_in_time(data):
    """How long it took, and what came out, if anything."""
    started = time.process_time()
    made = None
    with contextlib.suppress(accounts_errors.BadPhoto, accounts_errors.PhotoTooLarge):
        made = picture.made_anew(data)
    assert time.process_time() - started < MOST_S
    return made


@pytest.mark.parametrize("times", [31, 1000, 45_000])
def test_a_jpeg_that_is_walked_through_many_times_is_refused(times):
    """Each scan costs a walk through all pixels: 2 MB of them would have taken ten minutes."""
    data = progressive(times)
    assert len(data) <= photo.MOST_BYTES + 200_000
    assert made_in_time(data) is None


@pytest.mark.parametrize("times", [0, 20])
def test_one_that_is_sent_in_steps_is_taken(times):
    assert made_in_time(progressive(times))


@pytest.mark.parametrize(
    ("width", "height", "depth", "error"),
    [
        (5000, 5001, 8, accounts_errors.PhotoTooLarge),
        (3600, 3600, 16, accounts_errors.PhotoTooLarge),  # twice the bytes take twice the time
        (5000, 5000, 8, accounts_errors.BadPhoto),  # looked at, and then not whole
        (3500, 3500, 16, accounts_errors.BadPhoto),
    ],
)
def test_bits_of_a_channel_count_as_pixels_do(width, height, depth, error):
    with pytest.raises(error):
        picture.made_anew(png(width, height, depth))


def with_comments():
    jpeg = bytes_of(Image.new("RGB", (600, 600)), "JPEG")
    return jpeg[:2] + b"\xff\xfe\0\2" * ((photo.MOST_BYTES - len(jpeg)) // 4) + jpeg[2:]


def moving():
    frames = [Image.new("RGB", (1500, 1500), (one, 0, 0)) for one in range(12)]
    return bytes_of(frames[0], "PNG", save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    "made",
    [
        with_comments,
        moving,
        lambda: bytes_of(Image.new("RGBA", (5000, 5000)), "PNG"),
        lambda: bytes_of(Image.new("CMYK", (5000, 5000)), "JPEG"),
        lambda: bytes_of(Image.new("RGBA", (16_383, 1525)), "WEBP", lossless=True),
    ],
    ids=["comments", "frames", "transparent", "for printing", "wide"],
)
def test_no_photo_takes_long(made):
    assert made_in_time(made())
