"""Pictures that people upload: known by their content, decoded within limits, drawn anew. Pure.

What is kept is never the file that came in: it is decoded and encoded again, so that nothing but pixels passes.
"""

import io
import struct
import threading
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from lib.catalogue.errors import BadImage

LARGEST_UPLOAD = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
SMALLEST_SIDE = 40
KEPT_WIDTH, KEPT_HEIGHT = 900, 1350
_MAGIC = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"RIFF", "WEBP"))
# Each decoding may take some 160 MB: no more than two at a time, however many people upload.
_TURNS = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept."""

    content: bytes
    media_type: str
    width: int
    height: int


def kept_picture(content: bytes) -> Picture:
    """A JPEG, PNG or WebP picture, upright, at most 900 × 1350 pixels, without metadata: PNG or WebP with
    transparency become PNG, all else JPEG.

    Raises:
        BadImage: empty, over 10 MB or 40 million pixels, tiny, of another format, damaged or cut off.
    """
    kind = _kind_of(content)
    try:
        with _TURNS, Image.open(io.BytesIO(content), formats=[kind]) as image:
            _within_limits(image)
            image.draft("RGB", (KEPT_WIDTH, KEPT_HEIGHT))  # lets JPEG be decoded at a fraction of its size
            image.load()
            return _drawn_anew(ImageOps.exif_transpose(image))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadImage(why=_TOO_MANY) from error
    except _DAMAGED as error:
        raise BadImage(why="it is damaged or cut off. Save it anew as JPEG or PNG and try again.") from error


# What the decoders are known to raise on files that lie about themselves.
_DAMAGED = (
    UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, struct.error,
    OverflowError, ZeroDivisionError,
)  # fmt: skip
_TOO_MANY = f"it has more than {MOST_PIXELS // 1_000_000} million pixels. Make it smaller first."


def _kind_of(content: bytes) -> str:
    if not content:
        raise BadImage(why="it is empty.")
    if len(content) > LARGEST_UPLOAD:
        raise BadImage(why=f"it is larger than {LARGEST_UPLOAD // 1024 // 1024} MB.")
    for magic, kind in _MAGIC:
        if content.startswith(magic) and (kind != "WEBP" or content[8:12] == b"WEBP"):
            return kind
    raise BadImage(why="it is not a JPEG, PNG or WebP picture, whatever its name says.")


def _within_limits(image: Image.Image) -> None:
    """Checked on the header alone, before a pixel is unpacked."""
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise BadImage(why=_TOO_MANY)
    if min(width, height) < SMALLEST_SIDE:
        raise BadImage(why=f"it is only {width} × {height} pixels; {SMALLEST_SIDE} a side is the least.")


def _drawn_anew(image: Image.Image) -> Picture:
    see_through = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    drawn = image.convert("RGBA" if see_through else "RGB")
    drawn.thumbnail((KEPT_WIDTH, KEPT_HEIGHT))
    bare = Image.new(drawn.mode, drawn.size)
    bare.paste(drawn)
    out = io.BytesIO()
    if see_through:
        bare.save(out, "PNG", optimize=True)
    else:
        bare.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return Picture(out.getvalue(), "image/png" if see_through else "image/jpeg", *bare.size)
