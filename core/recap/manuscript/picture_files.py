"""What the file of a picture says of itself, read before anybody unpacks it.

Beside its pixels a file may hold more than any reader should take: tables that point at the same
bytes sixty thousand times, profiles, other pictures. Of a JPEG only what is drawn is handed on, and
of all descriptions only which side is up is read, here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

EXIF = b"Exif\0\0"
START, SCAN, END = 0xD8, 0xDA, 0xD9
# Kinds of JPEG that cameras and programmes write: baseline, extended, progressive; and the last
# two in arithmetic coding. What else the library may know is met in attacks alone.
FRAMES = {0xC0, 0xC1, 0xC2, 0xC9, 0xCA}
PROGRESSIVE = {0xC2, 0xCA}
OTHER_FRAMES = {0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF}
LONE = {0x01, START, *range(0xD0, 0xD8)}  # markers without a segment
# JFIF and Adobe: they tell how the colours are meant. All other application data and comments go.
DESCRIBING = {0xFE, *range(0xE1, 0xF0)} - {0xEE}
ORIENTATION, SHORT = 0x0112, 3

# Within a scan 0xFF is followed by 0 or by a mark to begin anew; more of them only fill.
MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A JPEG without descriptions.

    ``held`` is how many coefficients, two bytes each, the library keeps all the while when the
    picture comes in several scans; 0 when it need not. ``exif`` is the description that was there.
    """

    data: bytes
    exif: bytes
    scans: int
    held: int


def jpeg(data: bytes) -> Jpeg:
    """Read a JPEG up to its first scan. Raises ValueError for what is none."""
    kept, exif, frames = [data[:2]], b"", []
    for marker, segment, place in _segments(data):
        if marker in OTHER_FRAMES:
            raise ValueError("a kind of JPEG that nobody writes")
        if marker in FRAMES:
            frames.append((marker, segment))
        if marker == SCAN:
            if len(frames) != 1:
                raise ValueError("no frame, or several")
            held = _held(*frames[0], in_first_scan=segment[4])
            scans, end = _scans(data, place)
            return Jpeg(b"".join([*kept, data[place:end]]), exif, scans, held)
        if marker in DESCRIBING:
            if not exif and segment[4:].startswith(EXIF):
                exif = segment[4:]
        else:
            kept.append(segment)
    raise ValueError("no scan")


def _segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Markers with their segments, and where each begins; what lies between them is passed over."""
    place = 2
    while (place := data.find(b"\xff", place)) >= 0 and place + 4 < len(data):
        marker = data[place + 1]
        if marker == END:
            return
        if marker in {0x00, 0xFF} or marker in LONE:
            place += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[place + 2 : place + 4])
        segment = data[place : place + 2 + length]
        if length < 3 or len(segment) < 2 + length:
            raise ValueError("a segment that is cut off")
        yield marker, segment, place
        place += 2 + length


def _scans(data: bytes, place: int) -> tuple[int, int]:
    """How many scans there are from the first on, and where the picture ends.

    Behind its end phones put a film, which is no part of it.
    """
    scans = 0
    while (found := MARKER.search(data, place)) is not None:
        place = found.start() + 2
        if data[place - 1] == END:
            return scans, place
        scans += data[place - 1] == SCAN
        place += int.from_bytes(data[place : place + 2])
    return scans, len(data)


def _held(marker: int, segment: bytes, *, in_first_scan: int) -> int:
    """How many coefficients are kept; ``in_first_scan`` is how many colours it holds."""
    height, width = int.from_bytes(segment[5:7]), int.from_bytes(segment[7:9])
    samplings = [divmod(sampling, 16) for sampling in segment[11::3]]
    if len(samplings) != segment[9] or not all(across and down for across, down in samplings):
        raise ValueError("colours that cannot be")
    if marker not in PROGRESSIVE and in_first_scan == len(samplings):
        return 0
    most = max(across for across, _ in samplings) * max(down for _, down in samplings)
    return width * height * sum(across * down for across, down in samplings) // most


def orientation(exif: bytes) -> int:
    """Which side of the picture is up, 1 to 8 as Exif counts; 1 where that is not said.

    Read from the first directory alone, whatever else the description holds.
    """
    tiff = exif.removeprefix(EXIF)
    if tiff[:4] not in {b"II*\0", b"MM\0*"}:
        return 1
    little = tiff.startswith(b"II")

    def number(place: int, size: int) -> int:
        return int.from_bytes(tiff[place : place + size], "little" if little else "big")

    first = number(4, 4)
    for place in range(first + 2, first + 2 + 12 * number(first, 2), 12):
        if number(place, 2) == ORIENTATION and number(place + 2, 2) == SHORT:
            found = number(place + 8, 2)
            return found if 1 <= found <= 8 else 1
    return 1
