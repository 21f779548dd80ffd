"""What a file is told to be, and what to do about it, by what people really send."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import docx
import openpyxl
import pytest
from PIL import Image

from core.file_kinds import Kind, advice, kind_of

SHEETS, TEXTS = (".xlsx", ".csv"), (".docx", ".pdf", ".txt")


def compound(stream: str) -> bytes:
    """A compound file with that stream, as far as its directory tells."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le") + bytes(99)


def packed(*parts: tuple[str, bytes], flag: int = 0) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in parts:
            archive.writestr(name, content)
    data = bytearray(stream.getvalue())
    data[6] |= flag
    return bytes(data)


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    stream = io.BytesIO()
    save(stream)
    return stream.getvalue()


def picture(form: str) -> bytes:
    return saved(lambda stream: Image.new("RGB", (8, 8)).save(stream, form))


WORKBOOK = saved(openpyxl.Workbook().save)
DOCUMENT = saved(docx.Document().save)
HOLDING_A_SHEET = packed(("word/document.xml", b"<w/>"), ("word/embeddings/a.xlsx", WORKBOOK))
OPEN = "application/vnd.oasis.opendocument."
FILES = [
    (b"", Kind.EMPTY),
    (b"\xef\xbb\xbf\r\n  ", Kind.EMPTY),
    (WORKBOOK, Kind.SHEET),
    (WORKBOOK[:-200], Kind.SHEET),
    (DOCUMENT, Kind.DOCUMENT),
    (HOLDING_A_SHEET, Kind.DOCUMENT),
    (packed(("xl/worksheets/sheet1.bin", b""), ("xl/workbook.bin", b"")), Kind.BINARY_SHEET),
    (packed(("ppt/presentation.xml", b"")), Kind.SLIDES),
    (packed(("mimetype", f"{OPEN}spreadsheet".encode())), Kind.OPEN_SHEET),
    (packed(("mimetype", f"{OPEN}text".encode())), Kind.OPEN_DOCUMENT),
    (packed(("名单.csv", b"a,b")), Kind.ARCHIVE),
    (packed(("名单.csv", b"a,b"), flag=1), Kind.PROTECTED),
    (b"Rar!\x1a\x07\x00", Kind.ARCHIVE),
    (b"PK\x03\x04garbage", Kind.UNKNOWN),
    (b"PK\x03\x04", Kind.UNKNOWN),
    (compound("EncryptedPackage"), Kind.PROTECTED),
    (compound("Workbook"), Kind.OLD_SHEET),
    (compound("WordDocument"), Kind.OLD_DOCUMENT),
    (compound("PowerPoint Document"), Kind.OLD_SLIDES),
    (compound("?"), Kind.OLD),
    (b"%PDF-1.7", Kind.PDF),
    *((picture(form), Kind.PICTURE) for form in ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")),
    (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Kind.PICTURE),
    (b"\n<HTML><table><tr><td>1</td></tr></table>", Kind.WEB_PAGE),
    (b'<?xml version="1.0"?><html xmlns="x">', Kind.WEB_PAGE),
    (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', Kind.XML),
    ("编号,姓名\n".encode(), Kind.TEXT),
    ("编号,姓名\n".encode("gb18030"), Kind.TEXT),
    ("编号,姓名\n".encode("utf-16"), Kind.UNKNOWN),
    (bytes(100), Kind.UNKNOWN),
    (b"\xff" * 100, Kind.UNKNOWN),
]


@pytest.mark.parametrize(("data", "kind"), FILES)
def test_a_file_is_known_by_its_bytes(data: bytes, kind: Kind) -> None:
    assert kind_of(data) is kind


@pytest.mark.parametrize(
    ("data", "endings", "sentence"),
    [
        (b"", SHEETS, "文件是空的，请检查后重新选择"),
        (
            compound("EncryptedPackage"),
            SHEETS,
            "这个文件有密码保护，请先在 Excel、Word 或 WPS 里取消密码，再上传",
        ),
        (
            compound("Workbook"),
            SHEETS,
            "这个文件其实是旧的 .xls 格式，请用 Excel 或 WPS 打开，另存为 .xlsx 再上传",
        ),
        (
            compound("WordDocument"),
            TEXTS,
            "这个文件其实是旧的 .doc 格式，请用 Word 或 WPS 打开，另存为 .docx 再上传",
        ),
        (b"a,b", SHEETS, "这个文件其实是纯文字，请把扩展名改成 .csv 再上传"),
        (b"a,b", TEXTS, "这个文件其实是纯文字，请把扩展名改成 .txt 再上传"),
        (WORKBOOK, SHEETS, "这个文件其实是 Excel 表格，请把扩展名改成 .xlsx 再上传"),
        (DOCUMENT, SHEETS, "这个文件其实是 Word 文档，请选择 .xlsx、.csv 文件"),
        (picture("PNG"), SHEETS, "这个文件其实是图片，请选择 .xlsx、.csv 文件"),
        (
            packed(("a.xls", b"")),
            SHEETS,
            "这个文件其实是压缩包，请先解开，再选择里面的 .xlsx、.csv 文件",
        ),
        (bytes(9), (".json",), "请选择 .json 文件"),
    ],
)
def test_the_sender_is_told_what_it_is_and_what_to_do(
    data: bytes, endings: tuple[str, ...], sentence: str
) -> None:
    assert advice(data, endings) == sentence
