"""Files that are small to send and endless to read."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

import docx

from tests.core.spreadsheets.samples import repacked, workbook_of

TABLE = [["编号", "姓名"], ["k", "x"]]
SHARED = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-'
    b'officedocument.spreadsheetml.sharedStrings+xml"/>'
)


def _numbers(how_many: int, form: str) -> bytes:
    """Elements with a number each, so that they cannot be pressed together to nothing."""
    draw = random.Random(1)
    return "".join(form % draw.randrange(10**6) for _ in range(how_many)).encode()


def _sheet(after: bytes, change: bytes) -> Callable[[str, bytes], bytes]:
    return lambda name, content: (
        content.replace(after, change) if name.endswith("sheet1.xml") else content
    )


def many_cells() -> bytes:
    row = b"<row>" + _numbers(1000, "<c><v>%d</v></c>") + b"</row>"
    return repacked(workbook_of(TABLE), _sheet(b"</sheetData>", row * 1500 + b"</sheetData>"))


def many_styles() -> bytes:
    made = _numbers(400_000, '<xf numFmtId="%d" fontId="0"/>')
    return repacked(
        workbook_of(TABLE),
        lambda name, content: (
            content.replace(b"</cellXfs>", made + b"</cellXfs>") if "styles" in name else content
        ),
    )


def many_merged() -> bytes:
    made = b"<mergeCells>" + _numbers(100_000, '<mergeCell ref="A%d:XFD1048576"/>')
    return repacked(
        workbook_of(TABLE), _sheet(b"</sheetData>", b"</sheetData>" + made + b"</mergeCells>")
    )


def many_strings() -> bytes:
    data = repacked(
        workbook_of(TABLE),
        lambda name, content: content.replace(b"</Types>", SHARED + b"</Types>"),
    )
    space = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    return _added(
        data,
        {"xl/sharedStrings.xml": space + _numbers(1_500_000, "<si><t>%d</t></si>") + b"</sst>"},
    )


def many_sheets() -> bytes:
    def change(name: str, content: bytes) -> bytes:
        if name != "xl/workbook.xml":
            return content
        start = content.index(b"<sheet ")
        one = content[start : content.index(b"/>", start) + 2]
        more = b"".join(
            one.replace(b'sheetId="1"', b'sheetId="%d"' % n).replace(b'name="', b'name="s%d' % n)
            for n in range(2, 300)
        )
        return content.replace(one, one + more)

    return repacked(workbook_of(TABLE), change)


def nested() -> bytes:
    """A bomb inside an archive inside an archive: nothing here opens the inner ones."""
    inner = b"\0" * 1_000_000
    for name in ("c.zip", "b.zip", "a.zip"):
        inner = _added(_archive({name: inner}), {})
    return _added(workbook_of(TABLE), {"xl/embeddings/a.zip": inner})


def overlapping() -> bytes:
    """A thousand entries that are all the same bytes of the file."""
    whole = _archive({"xl/a": zlib.compress(b"\0" * 60_000_000) * 3})
    start = whole.index(b"PK\x01\x02")
    entry = whole[start : whole.index(b"PK\x05\x06")]
    end = bytearray(whole[whole.index(b"PK\x05\x06") :])
    struct.pack_into("<HH", end, 8, 1000, 1000)
    struct.pack_into("<I", end, 12, len(entry) * 1000)
    return whole[:start] + entry * 1000 + bytes(end)


def entities(part: str, data: bytes, declaration: str) -> bytes:
    def change(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        return declaration.encode() + (content.partition(b"?>")[2] or content)

    return repacked(data, change)


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 if n else str()};" * 10}">' for n in range(9))
    + "]>"
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
BLOWN_UP = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]>'


def _archive(parts: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def _added(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def document() -> bytes:
    file = io.BytesIO()
    made = docx.Document()
    made.add_paragraph("走访残疾人家庭12户。")
    made.add_table(2, 2)
    made.save(file)
    return file.getvalue()


def _document(before: bytes, change: bytes) -> bytes:
    return repacked(
        document(),
        lambda name, content: (
            content.replace(before, change) if name == "word/document.xml" else content
        ),
    )


def wide_cell() -> bytes:
    return _document(b"<w:tcPr>", b'<w:tcPr><w:gridSpan w:val="100000000"/>')


def many_paragraphs() -> bytes:
    made = _numbers(300_000, "<w:p><w:r><w:t>%d</w:t></w:r></w:p>")
    return _document(b"<w:body>", b"<w:body>" + made)


def long_merge() -> bytes:
    made = _numbers(
        10_000,
        "<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p><w:r><w:t>%d</w:t></w:r></w:p></w:tc></w:tr>",
    )
    return _document(b"</w:tbl>", made + b"</w:tbl>")


def pdf(content: bytes, *, pages: int = 1, packed: int = 1) -> bytes:
    for _ in range(packed):
        content = zlib.compress(content, 9)
    kids = b" ".join(b"%d 0 R" % (5 + number) for number in range(pages))
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]"
        b"/Resources<</Font<</F 3 0 R>>/XObject<</X 4 0 R>>>>/Contents 4 0 R>>"
    )
    head = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 4 0 R>>>>"
    filters = b"/FlateDecode " * packed
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<<%s/Length %d/Filter[%s]>>stream\n%s\nendstream"
        % (head, len(content), filters, content),
        *[page] * pages,
    ]
    return _pdf(objects)


def _pdf(objects: list[bytes]) -> bytes:
    whole, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(whole))
        whole += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    lines = b"".join(b"%010d 00000 n \n" % place for place in places)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, lines)
    end = b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        len(whole),
    )
    return whole + table + end


WORDS = b"1 0 Td (hello world) Tj "


def endless_page() -> bytes:
    return pdf(b"BT /F 12 Tf " + WORDS * 1_500_000 + b"ET", packed=2)


def page_in_itself() -> bytes:
    return pdf(b"BT /F 12 Tf (x) Tj ET /X Do /X Do /X Do")


def pages_in_a_ring() -> bytes:
    return _pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>"])
