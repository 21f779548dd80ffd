"""Making a picture that somebody sends fit to be kept: small, upright, without what a camera adds.

A file is only looked at as one of three formats, what unpacking it takes is asked before, and what
is kept is drawn anew: no byte of the file itself, no place or device that it was taken with.
The same file always gives the same bytes.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from core.file_kinds import HEIC
from core.recap.manuscript import picture_files
from core.refusals import Refusal

if TYPE_CHECKING:
    from PIL import Image

MEDIA_TYPE = "image/jpeg"
LARGEST_FILE = 10_000_000
# Phones of today make 50 to 200 million; a JPEG of those is unpacked at a fraction of its size.
MOST_PIXELS = 210_000_000
MOST_PIXELS_UNPACKED = 30_000_000
# The library holds a WebP four times over while it unpacks it.
MOST_PIXELS_WEBP = 20_000_000
# Of a JPEG in several scans it holds every coefficient, of two bytes, however small it is drawn:
# 100 million pixels of a usual one. Each scan goes through all of them; programmes write some ten.
MOST_HELD = 150_000_000
MOST_SCANS = 100
LONGEST_SIDE, SHORTEST_SIDE = 1600, 100
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP")
UNREADABLE = "这个文件不是完好的照片，请换一张 JPEG、PNG 或 WebP 格式的"
TOO_LARGE = "照片的像素太多，请先用手机或电脑缩小后再传"
IN_SCANS = "这张照片是分层存的（渐进式 JPEG），像素太多或分得太细，请另存为普通 JPEG 或缩小后再传"
# One at a time: a picture takes some hundred megabytes while it is unpacked.
_unpacking = threading.Lock()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept; `sha256` is that of its bytes, width and height are pixels."""

    data: bytes
    sha256: str
    width: int
    height: int
    media_type: str = MEDIA_TYPE


def prepared(data: bytes) -> Picture:
    """Make the picture of a file's bytes. Raises Refusal; slow, so not for the event loop."""
    if len(data) > LARGEST_FILE:
        raise Refusal.of("too_large", "照片超过 10 MB，请缩小后再传", "file")
    data, exif = _bounded(data)
    _check_whole(data)
    with _unpacking:
        image = _unpacked(data, exif)
        if min(image.size) < SHORTEST_SIDE:
            message = f"照片太小，长和宽都要在 {SHORTEST_SIDE} 像素以上，印出来才看得清"
            raise Refusal.of("value", message, "file")
        output = BytesIO()
        image.save(output, "JPEG", quality=QUALITY)
    drawn = output.getvalue()
    return Picture(drawn, hashlib.sha256(drawn).hexdigest(), image.width, image.height)


def _bounded(data: bytes) -> tuple[bytes, bytes]:
    """The file, of a JPEG without descriptions, and its Exif. Refuses one that holds too much."""
    if not data.startswith(b"\xff\xd8\xff"):
        return data, b""
    try:
        found = picture_files.jpeg(data)
    except ValueError:
        raise Refusal.of("value", UNREADABLE, "file") from None
    if found.held > MOST_HELD or found.scans > MOST_SCANS:
        raise Refusal.of("too_large", IN_SCANS, "file")
    return found.data, found.exif


def _check_whole(data: bytes) -> None:
    """Refuse what is no picture, or one whose checksums or size are wrong, before unpacking it."""
    if data[4:12] in HEIC:
        message = "这是 HEIC 格式的照片，请在手机相机设置里选“兼容性最佳”，或另存为 JPEG 后再传"
        raise Refusal.of("value", message, "file")
    from PIL import Image

    # Pillow's own guard, which warns at a size that phones reach: beyond ours it warns, beyond
    # twice ours it refuses to open.
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            size = image.size
            image.verify()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refusal.of("too_large", TOO_LARGE, "file") from None
    except Exception:  # noqa: BLE001 — decoders fail in many ways on what is no picture
        raise Refusal.of("value", UNREADABLE, "file") from None
    if size[0] * size[1] > MOST_PIXELS:
        raise Refusal.of("too_large", TOO_LARGE, "file")


def _unpacked(data: bytes, exif: bytes) -> Image.Image:
    """The picture upright, at most `LONGEST_SIDE` long, in colours alone on white."""
    from PIL import Image

    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            # Only a JPEG can be unpacked at a fraction of its size.
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            most = MOST_PIXELS_WEBP if image.format == "WEBP" else MOST_PIXELS_UNPACKED
            if image.width * image.height > most:
                raise Refusal.of("too_large", TOO_LARGE, "file")
            image.load()  # a PNG may describe itself behind its pixels
            mode = "RGBA" if _is_transparent(image) else "RGB"
            small = image if image.mode == mode else image.convert(mode)
            small.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
            exif = exif or image.info.get("exif", b"")
    except Refusal:
        raise
    except Exception:  # noqa: BLE001 — decoders fail in many ways on what is no picture
        raise Refusal.of("value", UNREADABLE, "file") from None
    upright = _turned(small, picture_files.orientation(exif))
    # A fresh sheet, so that nothing travels along that is not a pixel.
    drawn = Image.new("RGB", upright.size, "white")
    drawn.paste(upright, mask=upright if upright.mode == "RGBA" else None)
    return drawn


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    """The picture as it is to be looked at, by the numbers of Exif (2.32, 4.6.5.1.6)."""
    from PIL.Image import Transpose

    ways = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(ways[orientation]) if orientation in ways else image


def _is_transparent(image: Image.Image) -> bool:
    return image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
