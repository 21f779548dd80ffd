"""What becomes of a picture that somebody sends, and of what only pretends to be one."""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from core.recap.manuscript import picture_files
from core.recap.manuscript.picture_files import EXIF
from core.recap.manuscript.pictures import (
    LONGEST_SIDE,
    MOST_HELD,
    MOST_PIXELS_UNPACKED,
    MOST_SCANS,
    prepared,
)
from core.refusals import Refusal
from tests.fixtures.command_line import ROOT

ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


def written(image: Image.Image, form: str, **options: object) -> bytes:
    output = BytesIO()
    image.save(output, form, **options)
    return output.getvalue()


def drawn(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def from_phone() -> bytes:
    """Red on the left as it is stored; shown turned by a quarter, red is on top."""
    image = Image.new("RGB", (400, 200), "blue")
    image.paste("red", (0, 0, 200, 200))
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "手机厂家".encode()
    exif.get_ifd(GPS)[2] = (39.0, 54.0, 20.0)
    return written(image, "JPEG", exif=exif, comment="在某人家中拍摄".encode())


def png(width: int, height: int, pixels: bytes, *, colours: int = 2, more: bytes = b"") -> bytes:
    """A PNG of compressed ``pixels``, with ``more`` chunks before them."""
    head = struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0)
    parts = [chunk(b"IHDR", head), more, chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""
    return png(width, height, zlib.compress(b"\0" * 1000))


def resized(data: bytes, width: int, height: int) -> bytes:
    """A progressive JPEG that says it has another size."""
    place = data.index(b"\xff\xc2") + 5
    return data[:place] + struct.pack(">HH", height, width) + data[place + 4 :]


def progressive(mode: str = "RGB", **options: object) -> bytes:
    return written(Image.new(mode, (400, 400), "red"), "JPEG", progressive=True, **options)


def tilted(orientation: int, order: str = "<") -> bytes:
    """Exif that says which side is up, behind what is of no interest."""
    entries = struct.pack(f"{order}HHHI4x", 2, 0x0100, 4, 1)
    entries += struct.pack(f"{order}HHIHH", ORIENTATION, 3, 1, orientation, 0)
    start = b"II*\0" if order == "<" else b"MM\0*"
    return EXIF + start + struct.pack(f"{order}I", 8) + entries + bytes(4)


def refused(data: bytes) -> str:
    with pytest.raises(Refusal) as caught:
        prepared(data)
    assert [fault.member for fault in caught.value.faults] == ["file"]
    return caught.value.code


def test_a_phones_picture_stands_upright_and_tells_nothing_of_place_or_device() -> None:
    data = from_phone()
    assert drawn(data).getexif().get_ifd(GPS)
    picture = prepared(data)
    made = drawn(picture.data)
    assert (made.size, (picture.width, picture.height)) == ((200, 400), (200, 400))
    top, bottom = made.getpixel((100, 50)), made.getpixel((100, 350))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[0] > 200, top[2] < 60) == (True, True)
    assert (bottom[2] > 200, bottom[0] < 60) == (True, True)
    assert not made.getexif()
    assert set(made.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    for trace in (b"Exif", "手机厂家".encode(), "在某人家中".encode()):
        assert trace in data or trace == b"Exif"
        assert trace not in picture.data
    assert picture.sha256 == hashlib.sha256(picture.data).hexdigest()
    assert prepared(data) == picture


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        *(("JPEG", mode) for mode in ("RGB", "L", "CMYK")),
        *(("PNG", mode) for mode in ("RGB", "L", "RGBA", "LA", "P", "1", "I;16")),
        *(("WEBP", mode) for mode in ("RGB", "RGBA")),
    ],
)
def test_every_format_becomes_a_small_jpeg(form: str, mode: str) -> None:
    picture = prepared(written(Image.new(mode, (4000, 1000)), form))
    made = drawn(picture.data)
    assert (made.format, made.mode, made.size) == ("JPEG", "RGB", (LONGEST_SIDE, 400))


def test_what_is_transparent_is_white() -> None:
    picture = prepared(written(Image.new("RGBA", (200, 200), (0, 0, 0, 0)), "PNG"))
    assert drawn(picture.data).getpixel((5, 5)) == (255, 255, 255)


def test_a_small_picture_is_not_blown_up() -> None:
    assert prepared(written(Image.new("RGB", (320, 240)), "PNG")).width == 320


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7 and so on",
        b"\xff\xd8\xff\xe0 hello",
        written(Image.new("RGB", (300, 300)), "GIF"),
        written(Image.new("RGB", (300, 300)), "BMP"),
        written(Image.new("RGB", (300, 300)), "TIFF"),
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100),
        from_phone()[:900],
        written(Image.effect_noise((300, 300), 90), "PNG")[:-2000],
        bomb(400, 400),
    ],
    ids=["nothing", "svg", "pdf", "head", "gif", "bmp", "tiff", "heic", "cut", "cut-png", "hollow"],
)
def test_what_is_no_whole_picture_is_refused(data: bytes) -> None:
    assert refused(data) == "value"


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (30_000, 8_000), (6_000, 6_000)])
def test_what_would_burst_is_not_unpacked(width: int, height: int) -> None:
    assert width * height > MOST_PIXELS_UNPACKED
    assert refused(bomb(width, height)) == "too_large"


def test_a_file_too_large_or_a_picture_too_small_is_refused() -> None:
    assert refused(from_phone() + bytes(10_000_000)) == "too_large"
    assert refused(written(Image.new("RGB", (90, 400)), "PNG")) == "value"


@pytest.mark.parametrize(
    ("mode", "options", "each"),
    [("L", {}, 1), ("RGB", {}, 1.5), ("RGB", {"subsampling": 0}, 3), ("CMYK", {}, 4)],
)
def test_what_a_jpeg_in_scans_takes_is_known_before(
    mode: str, options: dict[str, object], each: float
) -> None:
    data = progressive(mode, **options)
    assert picture_files.jpeg(data).held == 400 * 400 * each
    assert picture_files.jpeg(written(Image.new(mode, (400, 400)), "JPEG", **options)).held == 0
    assert prepared(data).width == 400
    most = int(MOST_HELD / each / 10_000)
    assert refused(resized(data, 10_000, most + 1)) == "too_large"
    assert picture_files.jpeg(resized(data, 10_000, most)).held <= MOST_HELD


def test_colours_one_after_the_other_are_scans_too() -> None:
    data = written(Image.new("RGB", (400, 400)), "JPEG")
    scan = data.index(b"\xff\xda")
    alone = data[:scan] + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0" + data[scan + 14 :]
    assert picture_files.jpeg(alone).held == 400 * 400 * 1.5


def test_scans_without_end_are_refused() -> None:
    data = progressive()
    last = data[data.rindex(b"\xff\xda") : -2]
    assert prepared(data[:-2] + last * 20 + data[-2:]).width == 400
    assert refused(data[:-2] + last * MOST_SCANS + data[-2:]) == "too_large"
    # An end that is none, since it stands in a comment.
    hidden = b"\xff\xfe\0\x06\xff\xd9\xff\xd9"
    assert refused(data[:-2] + hidden + last * MOST_SCANS + data[-2:]) == "too_large"


def test_a_film_behind_a_photo_is_no_part_of_it() -> None:
    data = from_phone()
    film = b"\xff\xda" * 1000 + b"\xff\xd8\xff\xe0"
    assert prepared(data + film) == prepared(data)
    assert picture_files.jpeg(data + film) == picture_files.jpeg(data)


@pytest.mark.parametrize("order", ["<", ">"])
def test_every_way_to_hold_a_camera_is_understood(order: str) -> None:
    colours = ("red", "lime", "blue", "yellow")
    image = Image.new("RGB", (200, 400))
    corners = [(50, 100), (150, 100), (50, 300), (150, 300)]
    for colour, (x, y) in zip(colours, corners, strict=True):
        image.paste(colour, (x - 50, y - 100, x + 50, y + 100))
    for orientation in range(10):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        expected = ImageOps.exif_transpose(drawn(written(image, "PNG", exif=exif)))
        for form in ("JPEG", "PNG", "WEBP"):
            made = drawn(prepared(written(image, form, exif=tilted(orientation, order))).data)
            assert made.size == expected.size
            for x, y in corners:
                place = (x, y) if made.width == 200 else (y, x)
                seen, meant = made.getpixel(place), expected.getpixel(place)
                assert isinstance(seen, tuple)
                assert isinstance(meant, tuple)
                pairs = zip(seen, meant, strict=True)
                assert all(abs(one - other) < 40 for one, other in pairs), (form, orientation)


@pytest.mark.parametrize("said", [b"junkjunkjunk", b"II*\0", b"MM\0*\0\0\0\x08\xff\xff", b""])
def test_a_broken_description_spoils_no_picture(said: bytes) -> None:
    """Pillow raises for some of these, which nobody had expected."""
    data = from_phone()
    head = b"\xff\xe1" + struct.pack(">H", len(EXIF + said) + 2) + EXIF + said
    assert prepared(data[:2] + head + data[2:]).width == 400


def test_nothing_is_read_of_a_jpeg_but_what_is_drawn() -> None:
    extra = b"".join(
        b"\xff" + bytes([marker]) + struct.pack(">H", 60_002) + os.urandom(60_000)
        for marker in (0xE1, 0xE2, 0xED, 0xFE)
    )
    data = from_phone()
    assert prepared(data[:2] + extra + data[2:]) == prepared(data)
    assert picture_files.jpeg(data[:2] + extra + data[2:]) == picture_files.jpeg(data)


@pytest.mark.parametrize("kind", [b"iCCP", b"zTXt"])
def test_what_swells_beside_the_pixels_is_refused(kind: bytes) -> None:
    swelling = chunk(kind, b"x\0\0" + zlib.compress(bytes(5_000_000), 9))
    rows = zlib.compress(bytes(200 * 601))
    assert prepared(png(200, 200, rows)).width == 200
    assert refused(png(200, 200, rows, more=swelling)) == "value"


def test_the_largest_picture_takes_no_more_memory_than_is_there(tmp_path: Path) -> None:
    """Transparent, which takes most; measured where nothing else was.

    By the system's high water mark of that programme alone: what ``getrusage`` tells may be that of
    the process which started it.
    """
    file = tmp_path / "large.png"
    file.write_bytes(png(6000, 5000, zlib.compress(bytes(5000 * 24_001), 1), colours=6))
    script = (
        "import re, sys\nfrom pathlib import Path\n"
        "from core.recap.manuscript.pictures import prepared\n"
        "picture = prepared(Path(sys.argv[1]).read_bytes())\n"
        "status = Path('/proc/self/status').read_text()\n"
        "print(picture.width, int(re.search(r'VmHWM:\\s+(\\d+)', status)[1]) // 1024)"
    )
    run = [sys.executable, "-c", script, str(file)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    width, megabytes = map(int, done.stdout.split())
    assert width == LONGEST_SIDE
    assert megabytes < 400


@given(st.integers(0, 2**32), st.integers(2, 4000), st.binary(max_size=8))
@settings(max_examples=60, deadline=None)
def test_damage_is_refused_or_survived_never_a_crash(seed: int, cut: int, junk: bytes) -> None:
    data = from_phone() if seed % 2 else written(Image.new("RGB", (150, 150)), "WEBP")
    place = seed % len(data)
    try:
        picture = prepared(data[:place] + junk + data[place : place + cut])
    except Refusal:
        return
    assert drawn(picture.data).format == "JPEG"
