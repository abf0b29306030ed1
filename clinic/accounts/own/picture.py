"""A picture by Pillow: taken apart, and made anew as a small square."""

import io

import structlog
from PIL import Image, ImageOps

from clinic.accounts.errors import BadPhoto, PhotoTooLarge
from clinic.core.errors import ClinicError

log = structlog.get_logger()

MOST_PIXELS = 25_000_000
SIDE = 512  # pixels
FORMATS = ("JPEG", "PNG", "WEBP")
JPEG_QUALITY = 85


def made_anew(data: bytes) -> bytes:
    """A JPEG of SIDE pixels. Raises BadPhoto, PhotoTooLarge."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            return _squared(picture)
    except ClinicError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoTooLarge from None
    except Exception as fault:  # decoders fail in many ways on bytes made to hurt them
        log.info("photo_refused", error=type(fault).__name__)
        raise BadPhoto from None


def _squared(picture: Image.Image) -> bytes:
    if picture.width * picture.height > MOST_PIXELS:
        raise PhotoTooLarge
    picture.draft("RGB", (2 * SIDE, 2 * SIDE))  # a large JPEG is decoded at part of its size
    ImageOps.exif_transpose(picture, in_place=True)
    square = ImageOps.fit(_in_colour(picture), (SIDE, SIDE), Image.Resampling.LANCZOS)
    fresh = Image.new("RGB", square.size, "white")  # knows nothing of the camera or the place
    fresh.paste(square, mask=square if square.mode == "RGBA" else None)
    made = io.BytesIO()
    fresh.save(made, "JPEG", quality=JPEG_QUALITY)
    return made.getvalue()


def _in_colour(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGB", "RGBA") and "transparency" not in picture.info:
        return picture  # convert() would copy it
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode.startswith("I"):  # grey of 16 bits, which convert() would cut to white
        picture = picture.convert("I").point(lambda grey: grey / 256).convert("L")
    return picture.convert("RGB")
