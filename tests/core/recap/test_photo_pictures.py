"""What becomes of a picture that somebody sends, and of what only pretends to be one."""

from __future__ import annotations

import hashlib
import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.recap.manuscript.pictures import LONGEST_SIDE, MOST_PIXELS_UNPACKED, prepared
from core.refusals import Refusal

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


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


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
