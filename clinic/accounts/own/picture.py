"""A picture by Pillow: taken apart, and made anew as a small square."""

import io

import structlog
from PIL import Image, ImageOps

from clinic.accounts.errors import BadPhoto, PhotoTooLarge
from clinic.core.errors import ClinicError

log = structlog.get_logger()

MOST_PIXELS = 25_000_000
# Of a JPEG: a progressive one has some ten, cameras and their previews a few more. Each is a walk
# through all pixels, and 2 MB hold fifty thousand of them: ten minutes of CPU.
MOST_SCANS = 40
_SCAN = b"\xff\xda"  # stands in no compressed data of a JPEG
_DEPTH = 24  # where a PNG says how many bits a channel has
SIDE = 512  # pixels
FORMATS = ("JPEG", "PNG", "WEBP")
JPEG_QUALITY = 85


def made_anew(data: bytes) -> bytes:
    """A JPEG of SIDE pixels. Raises BadPhoto, PhotoTooLarge."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            _refuse_heavy(picture, data)
            return _squared(picture)
    except ClinicError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoTooLarge from None
    except Exception as fault:  # decoders fail in many ways on bytes made to hurt them
        log.info("photo_refused", error=type(fault).__name__)
        raise BadPhoto from None


def _refuse_heavy(picture: Image.Image, data: bytes) -> None:
    """Before a pixel is decoded. Raises PhotoTooLarge."""
    pixels = picture.width * picture.height
    if picture.format == "PNG":
        pixels *= 2 if data[_DEPTH] > 8 else 1
    elif picture.format != "WEBP" and data.count(_SCAN) > MOST_SCANS:
        raise PhotoTooLarge
    if pixels > MOST_PIXELS:
        raise PhotoTooLarge


def _squared(picture: Image.Image) -> bytes:
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
