"""What a file is, by its bytes, and what somebody should do whose file is none that is wanted.

Nothing is opened for it: the first bytes and a few names tell. So a damaged file keeps its kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """Kinds of file, each with what people call it."""

    EMPTY = "空文件"
    PROTECTED = "有密码保护的文件"
    SHEET = "Excel 表格"
    DOCUMENT = "Word 文档"
    SLIDES = "演示文稿"
    OLD_SHEET = "旧的 .xls 格式"
    OLD_DOCUMENT = "旧的 .doc 格式"
    OLD_SLIDES = "旧的 .ppt 格式"
    OLD = "旧的 Office 格式"
    BINARY_SHEET = ".xlsb 格式的表格"
    OPEN_SHEET = ".ods 格式的表格"
    OPEN_DOCUMENT = ".odt 格式的文档"
    ARCHIVE = "压缩包"
    PDF = "PDF 文件"
    PICTURE = "图片"
    WEB_PAGE = "网页（有的系统这样导出“Excel”）"
    XML = "XML 格式"
    TEXT = "纯文字"
    UNKNOWN = ""


PACKED: Final = b"PK\x03\x04"
PACKED_END: Final = b"PK\x05\x06"
COMPOUND: Final = b"\xd0\xcf\x11\xe0"
# The names of streams stand in UTF-16 in a compound file (MS-CFB 2.6.1), those of parts as they
# are in an archive, where the first of them tells: a document may hold a whole sheet.
STREAMS: Final = (
    ("EncryptedPackage", Kind.PROTECTED),
    ("WordDocument", Kind.OLD_DOCUMENT),
    ("PowerPoint Document", Kind.OLD_SLIDES),
    ("Workbook", Kind.OLD_SHEET),
    ("Book", Kind.OLD_SHEET),
)
BINARY: Final = b"xl/workbook.bin"
PARTS: Final = (
    (b"xl/", Kind.SHEET),
    (b"word/", Kind.DOCUMENT),
    (b"ppt/", Kind.SLIDES),
    (b"application/vnd.oasis.opendocument.spreadsheet", Kind.OPEN_SHEET),
    (b"application/vnd.oasis.opendocument.text", Kind.OPEN_DOCUMENT),
)
STARTS: Final = (
    (b"%PDF-", Kind.PDF),
    (b"\xff\xd8\xff", Kind.PICTURE),
    (b"\x89PNG\r\n", Kind.PICTURE),
    (b"GIF8", Kind.PICTURE),
    (b"II*\0", Kind.PICTURE),
    (b"MM\0*", Kind.PICTURE),
    (b"Rar!", Kind.ARCHIVE),
    (b"7z\xbc\xaf", Kind.ARCHIVE),
    (b"\x1f\x8b", Kind.ARCHIVE),
)
HEIC: Final = {b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif"}
MARKUP: Final = (b"<html", b"<!doctype html", b"<table")
ENCRYPTED: Final = 1  # of the flags of an archive's part

SENTENCES: Final = {
    Kind.EMPTY: "文件是空的，请检查后重新选择",
    Kind.PROTECTED: "这个文件有密码保护，请先在 Excel、Word 或 WPS 里取消密码，再上传",
}
# What a kind is saved as to become one that is read.
SAVED_AS: Final = {
    ".xlsx": {
        *(Kind.OLD_SHEET, Kind.OLD, Kind.BINARY_SHEET, Kind.OPEN_SHEET),
        *(Kind.WEB_PAGE, Kind.XML),
    },
    ".docx": {Kind.OLD_DOCUMENT, Kind.OLD, Kind.OPEN_DOCUMENT, Kind.WEB_PAGE, Kind.XML},
}
PROGRAMMES: Final = {".xlsx": "Excel 或 WPS", ".docx": "Word 或 WPS"}
USUAL: Final = {".xlsx": Kind.SHEET, ".docx": Kind.DOCUMENT, ".pdf": Kind.PDF}
BLANK: Final = b"\xef\xbb\xbf \t\r\n"
OF_TEXT: Final = (".csv", ".txt", ".json")


def kind_of(data: bytes) -> Kind:
    """The kind of a file; UNKNOWN for what is none of these, or damaged beyond telling."""
    for look in (_empty, _packed, _compound, _started, _marked_up):
        if (kind := look(data)) is not None:
            return kind
    return Kind.TEXT if _is_text(data) else Kind.UNKNOWN


def _empty(data: bytes) -> Kind | None:
    return None if data.strip(BLANK) else Kind.EMPTY


def _packed(data: bytes) -> Kind | None:
    if not data.startswith(PACKED):
        return None
    if int.from_bytes(data[6:8], "little") & ENCRYPTED:
        return Kind.PROTECTED
    places = [(place, kind) for name, kind in PARTS if (place := data.find(name)) >= 0]
    if not places:
        return Kind.ARCHIVE if PACKED_END in data else Kind.UNKNOWN
    _, kind = min(places)
    return Kind.BINARY_SHEET if kind is Kind.SHEET and BINARY in data else kind


def _compound(data: bytes) -> Kind | None:
    if not data.startswith(COMPOUND):
        return None
    found = (kind for name, kind in STREAMS if name.encode("utf-16-le") in data)
    return next(found, Kind.OLD)


def _started(data: bytes) -> Kind | None:
    bitmap = data[:2] == b"BM" and data[6:10] == bytes(4)
    webp = data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    if bitmap or webp or data[4:12] in HEIC:
        return Kind.PICTURE
    return next((kind for start, kind in STARTS if data.startswith(start)), None)


def _marked_up(data: bytes) -> Kind | None:
    head = data[:1000].lstrip(BLANK).lower()
    if head.startswith(MARKUP):
        return Kind.WEB_PAGE
    if head.startswith(b"<?xml"):
        return Kind.WEB_PAGE if b"<html" in head else Kind.XML
    return None


def _is_text(data: bytes) -> bool:
    if b"\0" in data:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def advice(data: bytes, endings: Sequence[str]) -> str:
    """What a file is, if that can be told, and how to send one of the endings (``.xlsx``)."""
    kind = kind_of(data)
    choose = f"请选择 {'、'.join(endings)} 文件"
    if kind in SENTENCES:
        return SENTENCES[kind]
    # A space before Latin letters, as everywhere in these texts.
    said = f"这个文件其实是{' ' if kind[:1].isascii() and kind[:1].isalpha() else ''}{kind}"
    for ending in endings:
        if kind in SAVED_AS.get(ending, ()):
            return f"{said}，请用 {PROGRAMMES[ending]} 打开，另存为 {ending} 再上传"
        if kind is USUAL.get(ending) or (kind is Kind.TEXT and ending in OF_TEXT):
            return f"{said}，请把扩展名改成 {ending} 再上传"
    if kind is Kind.ARCHIVE:
        return f"{said}，请先解开，再选择里面的 {'、'.join(endings)} 文件"
    return choose if kind is Kind.UNKNOWN else f"{said}，{choose}"
