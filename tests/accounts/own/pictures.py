"""Pictures to save, and what became of them."""

import io

import pytest
import sqlalchemy as sa
from PIL import ExifTags, Image

from clinic.accounts.models import User
from clinic.accounts.own import photo
from clinic.core.data.db import db
from clinic.events.models import EventRow

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
