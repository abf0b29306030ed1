"""A photo is made anew: square, upright, without what the camera wrote; the rest is refused."""

import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from clinic.accounts import errors as accounts_errors
from clinic.accounts.own import photo
from tests.accounts.own.pictures import (
    BLUE,
    LANDSCAPE,
    RED,
    TURNED_LEFT,
    TURNED_RIGHT,
    UPSIDE_DOWN,
    WHITE,
    bytes_of,
    camera_notes,
    colours,
    files,
    in_app,
    key_of,
    saved,
    two_halves,
    updates_of,
)

__all__ = ["in_app"]


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *(("JPEG", mode) for mode in ("RGB", "L", "CMYK")),
        *(("PNG", mode) for mode in ("RGB", "RGBA", "L", "LA", "P", "1", "I;16")),
        *(("WEBP", mode) for mode in ("RGB", "RGBA")),
    ],
)
def test_a_photo_becomes_a_square_jpeg(in_app, cast, kind, mode):
    picture = Image.new("I;16", (700, 300), 40_000) if mode == "I;16" else two_halves()
    kept = saved(cast.asha, bytes_of(picture.convert(mode), kind))
    assert (kept.format, kept.size, kept.mode) == ("JPEG", (512, 512), "RGB")
    assert photo.photo_of(cast.asha.user_id).content_type == "image/jpeg"


def test_the_middle_is_kept_and_colours_with_it(in_app, cast):
    wide = Image.new("RGB", (2400, 600), WHITE)
    wide.paste(two_halves().crop((100, 0, 700, 600)), (900, 0))
    kept = saved(cast.asha, bytes_of(wide))
    left, _, right, _ = colours(kept)
    assert (left, right) == (RED, BLUE)


def test_deep_grey_is_not_cut_to_white(in_app, cast):
    kept = saved(cast.asha, bytes_of(Image.new("I;16", (64, 64), 0x8000), "PNG"))
    assert all(abs(part - 0x80) <= 1 for part in kept.getpixel((256, 256)))


@pytest.mark.parametrize(
    ("orientation", "left", "top", "right", "bottom"),
    [
        (LANDSCAPE, RED, None, BLUE, None),
        (UPSIDE_DOWN, BLUE, None, RED, None),
        (TURNED_RIGHT, None, RED, None, BLUE),
        (TURNED_LEFT, None, BLUE, None, RED),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_stands_upright(in_app, cast, kind, orientation, left, top, right, bottom):
    data = bytes_of(two_halves(), kind, exif=camera_notes(orientation))
    found = colours(saved(cast.asha, data))
    wanted = (left, top, right, bottom)
    assert [seen for seen, want in zip(found, wanted, strict=True) if want] == [
        want for want in wanted if want
    ]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_tells_where_and_with_what_it_was_taken(in_app, cast, kind):
    more = {"exif": camera_notes(), "icc_profile": b"a profile of Asha's"}
    if kind == "JPEG":
        more["comment"] = b"at Asha's home"
    if kind == "PNG":
        more["pnginfo"] = PngImagePlugin.PngInfo()
        more["pnginfo"].add_text("Comment", "at Asha's home")
    else:
        more["xmp"] = b"<x:xmpmeta>Asha's</x:xmpmeta>"
    data = bytes_of(two_halves(), kind, **more)
    assert b"Asha" in data
    kept = saved(cast.asha, data)
    assert b"Asha" not in photo.photo_of(cast.asha.user_id).data
    assert dict(kept.getexif()) == {}
    assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("WEBP", "RGBA"), ("PNG", "LA")])
def test_what_is_transparent_becomes_white(in_app, cast, kind, mode):
    clear = Image.new("RGBA", (600, 600), (0, 0, 0, 0)).convert(mode)
    assert saved(cast.asha, bytes_of(clear, kind)).getpixel((256, 256)) == WHITE


def black_png(width, height, lines=None):
    """A few kilobytes that want `width * height` pixels; only the first `lines` are in them."""

    def chunk(name, body):
        check = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + check

    one_bit_grey = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = bytes((height if lines is None else lines) * (1 + (width + 7) // 8))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", one_bit_grey)
        + chunk(b"IDAT", zlib.compress(pixels, 9))
        + chunk(b"IEND", b"")
    )


def bad_photos():
    whole = bytes_of(two_halves())
    return {
        "nothing": b"",
        "a text called photo.jpg": b"This is not a photo.",
        "a page": b"<html><script>alert(1)</script></html>",
        "a gif": bytes_of(two_halves(), "GIF"),
        "a tiff": bytes_of(two_halves(), "TIFF"),
        "half a jpeg": whole[: len(whole) // 2],
        "half a png": bytes_of(two_halves(), "PNG")[:500],
        "half a webp": bytes_of(two_halves(), "WEBP")[:200],
        "a jpeg's head": whole[:4],
        "a png's head": b"\x89PNG\r\n\x1a\n",
    }


@pytest.mark.parametrize("what", bad_photos())
def test_what_is_no_photo_is_refused(in_app, cast, what):
    with pytest.raises(accounts_errors.BadPhoto):
        photo.save_photo(cast.asha.user_id, bad_photos()[what], cast.asha.actor)
    assert (key_of(cast.asha), files(in_app), updates_of(cast.asha)) == (None, [], [])


@pytest.mark.parametrize("sides", [(5001, 5000), (10_000, 10_000), (50_000, 50_000)])
def test_a_picture_that_would_fill_the_memory_is_refused(in_app, cast, sides):
    bomb = black_png(*sides, lines=1)
    with pytest.raises(accounts_errors.PhotoTooLarge):
        photo.save_photo(cast.asha.user_id, bomb, cast.asha.actor)
    assert files(in_app) == []


def test_the_largest_picture_that_is_allowed_is_taken(in_app, cast):
    assert saved(cast.asha, black_png(5000, 5000)).size == (512, 512)


def test_two_mebibytes_are_the_most(in_app, cast):
    whole = bytes_of(two_halves())
    full = whole + bytes(photo.MOST_BYTES - len(whole))
    assert saved(cast.asha, full).size == (512, 512)
    with pytest.raises(accounts_errors.PhotoTooLarge):
        photo.save_photo(cast.asha.user_id, full + b"\0", cast.asha.actor)
