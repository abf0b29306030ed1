"""Photos: made anew without what the camera wrote, seen by whom they concern, gone when removed."""

import io
import struct
import zlib

import pytest
import sqlalchemy as sa
from PIL import ExifTags, Image, PngImagePlugin

from clinic.access.actor import THE_SYSTEM
from clinic.accounts import errors as accounts_errors
from clinic.accounts.models import User
from clinic.accounts.own import photo
from clinic.core.data import storage
from clinic.core.data.db import db, transactional
from clinic.core.errors import NotFound, TooMany, Unavailable
from clinic.events.models import EventRow
from tests.cast import NOW

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)
LANDSCAPE, UPSIDE_DOWN, TURNED_LEFT, TURNED_RIGHT = 1, 3, 8, 6  # what EXIF calls orientations


def bytes_of(picture, kind="JPEG", **more):
    made = io.BytesIO()
    picture.save(made, kind, **more)
    return made.getvalue()


def two_halves(mode="RGB"):
    """Red on the left, blue on the right."""
    picture = Image.new(mode, (800, 600), RED)
    picture.paste(BLUE, (400, 0, 800, 600))
    return picture


def camera_notes(orientation=LANDSCAPE):
    notes = Image.Exif()
    notes[ExifTags.Base.Orientation] = orientation
    notes[ExifTags.Base.Make] = "Camera of Asha"
    notes.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (51.0, 30.0, 26.0)
    return notes


def saved(person, data):
    """The photo of the person as it is kept, after saving this one."""
    photo.save_photo(person.user_id, data, person.actor)
    return Image.open(io.BytesIO(photo.photo_of(person.user_id).data))


def colours(picture):
    """Near the middle of the four edges: left, top, right, bottom."""
    return [
        tuple(255 if part > 127 else 0 for part in picture.getpixel(place))
        for place in ((20, 256), (256, 20), (490, 256), (256, 490))
    ]


def key_of(person):
    return db.session.scalar(sa.select(User.photo_key).where(User.id == person.user_id))


def updates_of(person):
    rows = db.session.scalars(sa.select(EventRow).where(EventRow.name == "user.updated"))
    return [row for row in rows if row.payload == {"user_id": str(person.user_id)}]


def files(app):
    return sorted(app.config["SETTINGS"].uploads.rglob("*.jpg"))


@pytest.fixture
def in_app(in_app, tmp_path, monkeypatch):
    """With uploads of this test alone."""
    settings = in_app.config["SETTINGS"].model_copy(update={"upload_dir": tmp_path / "uploads"})
    monkeypatch.setitem(in_app.config, "SETTINGS", settings)
    return in_app


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


def test_saving_is_recorded_and_names_are_random(in_app, cast):
    saved(cast.dr_chandra, bytes_of(two_halves()))
    saved(cast.asha, bytes_of(two_halves()))
    (event,) = updates_of(cast.dr_chandra)
    assert (event.actor_id, event.organisation_id) == (cast.dr_chandra.user_id, cast.harbour)
    assert event.at >= NOW
    assert key_of(cast.asha) != key_of(cast.dr_chandra)
    assert str(cast.asha.user_id) not in key_of(cast.asha)


def test_a_new_photo_replaces_the_old_one(in_app, cast):
    saved(cast.asha, bytes_of(Image.new("RGB", (600, 600), RED)))
    kept = saved(cast.asha, bytes_of(Image.new("RGB", (600, 600), BLUE)))
    assert colours(kept) == [BLUE] * 4
    assert [path.name for path in files(in_app)] == [key_of(cast.asha).removeprefix("photos/")]


def test_a_command_that_fails_keeps_the_old_photo_and_leaves_no_new_file(in_app, cast):
    saved(cast.asha, bytes_of(two_halves()))
    before = key_of(cast.asha), files(in_app)
    with pytest.raises(RuntimeError):
        fail_after_naming(cast.asha)
    assert (key_of(cast.asha), files(in_app)) == before


@transactional
def fail_after_naming(person):
    photo._name_photo(person.user_id, "photos/other.jpg", person.actor)
    raise RuntimeError


def test_nobodys_photo_is_not_kept(in_app, cast):
    with pytest.raises(NotFound):
        photo.save_photo(cast.harbour, bytes_of(two_halves()), THE_SYSTEM)
    assert files(in_app) == []


def test_while_storage_is_away_everything_stays_as_it_was(in_app, cast, monkeypatch):
    def away(*_):
        raise Unavailable

    saved(cast.asha, bytes_of(two_halves()))
    before = key_of(cast.asha)
    for name in ("put", "delete"):
        monkeypatch.setattr(storage, name, away)
    with pytest.raises(Unavailable):
        photo.save_photo(cast.asha.user_id, bytes_of(two_halves()), cast.asha.actor)
    with pytest.raises(Unavailable):
        photo.remove_photo(cast.asha.user_id, cast.asha.actor)
    assert key_of(cast.asha) == before
    assert len(updates_of(cast.asha)) == 1


def test_an_old_file_that_cannot_be_cleared_away_does_not_undo_the_new_one(
    in_app, cast, monkeypatch
):
    def away(_key):
        raise Unavailable

    saved(cast.asha, bytes_of(Image.new("RGB", (600, 600), RED)))
    monkeypatch.setattr(storage, "delete", away)
    assert colours(saved(cast.asha, bytes_of(Image.new("RGB", (600, 600), BLUE)))) == [BLUE] * 4


def test_a_removed_photo_is_gone(in_app, cast):
    saved(cast.asha, bytes_of(two_halves()))
    photo.remove_photo(cast.asha.user_id, cast.asha.actor)
    assert (key_of(cast.asha), files(in_app), len(updates_of(cast.asha))) == (None, [], 2)
    with pytest.raises(NotFound):
        photo.photo_of(cast.asha.user_id)
    photo.remove_photo(cast.asha.user_id, cast.asha.actor)
    assert len(updates_of(cast.asha)) == 2


def test_a_photo_that_came_while_the_old_one_was_removed_stays(in_app, cast, monkeypatch):
    saved(cast.asha, bytes_of(Image.new("RGB", (600, 600), RED)))
    delete = storage.delete

    def and_meanwhile(key):
        monkeypatch.setattr(storage, "delete", delete)
        saved(cast.asha, bytes_of(Image.new("RGB", (600, 600), BLUE)))
        delete(key)

    monkeypatch.setattr(storage, "delete", and_meanwhile)
    photo.remove_photo(cast.asha.user_id, cast.asha.actor)
    assert storage.get(key_of(cast.asha)) == photo.photo_of(cast.asha.user_id)


def test_the_file_may_be_lost_and_the_page_stands(in_app, cast):
    saved(cast.asha, bytes_of(two_halves()))
    storage.delete(key_of(cast.asha))
    with pytest.raises(NotFound):
        photo.photo_of(cast.asha.user_id)
    photo.remove_photo(cast.asha.user_id, cast.asha.actor)
    assert key_of(cast.asha) is None


@pytest.mark.parametrize(
    ("whose", "viewer", "seen"),
    [
        ("asha", "asha", True),
        *(("asha", other, False) for other in ("bela", "dr_chandra", "esha", "amir", "gita", None)),
        ("esha", "esha", True),
        *(("esha", other, False) for other in ("asha", "dr_chandra", "amir", "farid", None)),
        *(("dr_chandra", other, True) for other in ("dr_chandra", "asha", "farid", "gita", None)),
    ],
)
def test_who_sees_whose_photo(in_app, cast, whose, viewer, seen):
    person = getattr(cast, whose)
    saved(person, bytes_of(two_halves()))
    actor = getattr(cast, viewer).actor if viewer else None
    if seen:
        assert photo.visible_photo(actor, person.user_id) == photo.photo_of(person.user_id)
    else:
        with pytest.raises(NotFound):
            photo.visible_photo(actor, person.user_id)


def test_a_doctor_who_has_left_is_no_longer_shown(in_app, cast):
    saved(cast.dr_chandra, bytes_of(two_halves()))
    leave(cast.dr_chandra)
    with pytest.raises(NotFound):
        photo.visible_photo(cast.asha.actor, cast.dr_chandra.user_id)


@transactional
def leave(person):
    db.session.get(User, person.user_id).is_active = False


def test_the_system_sees_no_photo_of_a_patient(in_app, cast):
    saved(cast.asha, bytes_of(two_halves()))
    with pytest.raises(NotFound):
        photo.visible_photo(THE_SYSTEM, cast.asha.user_id)


def test_both_databases_keep_photos(both, tmp_path, monkeypatch):
    settings = both.app.config["SETTINGS"].model_copy(update={"upload_dir": tmp_path})
    monkeypatch.setitem(both.app.config, "SETTINGS", settings)
    with both.app.app_context():
        asha = both.cast.asha
        saved(asha, bytes_of(two_halves()))
        saved(asha, bytes_of(two_halves()))
        assert len(files(both.app)) == 1
        photo.remove_photo(asha.user_id, asha.actor)
        assert (key_of(asha), files(both.app), len(updates_of(asha))) == (None, [], 3)


def test_photos_wait_for_their_turn_but_not_for_long(in_app, cast, monkeypatch):
    monkeypatch.setattr(photo._turns, "wait_s", 0.01)
    with photo._turns.one(), pytest.raises(Unavailable):
        photo.save_photo(cast.asha.user_id, bytes_of(two_halves()), cast.asha.actor)
    assert key_of(cast.asha) is None
    assert saved(cast.asha, bytes_of(two_halves())).size == (512, 512)


def test_nobody_sends_photo_after_photo(in_app, cast):
    for _ in range(10):
        with pytest.raises(accounts_errors.BadPhoto):
            photo.save_photo(cast.asha.user_id, b"not a picture", cast.asha.actor)
    with pytest.raises(TooMany) as refused:
        photo.save_photo(cast.asha.user_id, bytes_of(two_halves()), cast.asha.actor)
    assert 0 < refused.value.retry_after_s <= 3601
    assert saved(cast.bela, bytes_of(two_halves())).size == (512, 512)
