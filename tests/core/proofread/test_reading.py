"""Reading what somebody wrote: every kind of file, and what is none."""

from __future__ import annotations

import io
import zipfile

import docx
import pypdf
import pytest
import typst

from core.proofread import reading
from core.refusals import Refusal
from tests.core.spreadsheets.samples import workbook_of

TEXT = "一、基本情况\n共走访慰问困难残疾人家庭231户，发放慰问金11.55万元。\n二、下一步打算"


def word(*, table: bool = False) -> bytes:
    document = docx.Document()
    for line in TEXT.split("\n"):
        document.add_paragraph(line)
    if table:
        grid = document.add_table(rows=2, cols=3)
        for place, words in enumerate(("单位", "户数", "金额")):
            grid.rows[0].cells[place].text = words
        merged = grid.rows[1].cells[0].merge(grid.rows[1].cells[1])
        merged.text = "甲县残联"
        grid.rows[1].cells[2].text = "500元"
        document.add_paragraph("表后还有一段。")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_in_the_encodings_that_offices_have(encoding: str) -> None:
    assert reading.read("总结.txt", TEXT.replace("\n", "\r\n").encode(encoding)) == TEXT


def test_footnotes_of_markdown_are_no_text() -> None:
    assert reading.read("总结.md", "提供38个[^8]工种。".encode()) == "提供38个工种。"
    assert reading.read("总结.txt", "提供38个[^8]工种。".encode()) == "提供38个[^8]工种。"


def test_word_paragraph_by_paragraph() -> None:
    assert reading.read("总结.docx", word()) == TEXT


def test_word_with_a_table_in_its_place_and_a_merged_cell_once() -> None:
    text = reading.read("总结.docx", word(table=True))
    assert text == f"{TEXT}\n单位\t户数\t金额\n甲县残联\t500元\n表后还有一段。"


def test_pdf_with_lines_put_together_again() -> None:
    sentence = "共走访慰问困难残疾人家庭231户，发放慰问金11.55万元，" * 4 + "全部发放到位。"
    source = f"#set page(width: 90mm)\n= 一、基本情况\n{sentence}\n\n= 二、下一步打算\n继续努力。"
    text = reading.read("总结.pdf", typst.compile(source.encode()))
    assert [line.replace(" ", "") for line in text.split("\n")] == [
        "一、基本情况",
        sentence,
        "二、下一步打算",
        "继续努力。",
    ]


def test_marks_of_notes_are_left_out_and_numbers_of_documents_stay() -> None:
    """A recap made here marks its figures 〔7〕; they would part a figure from what it counts."""
    document = docx.Document()
    document.add_paragraph("残联发〔2022〕12号：32家〔7〕用人单位提供490个〔19〕岗位。")
    stream = io.BytesIO()
    document.save(stream)
    text = reading.read("总结.docx", stream.getvalue())
    assert text == "残联发〔2022〕12号：32家用人单位提供490个岗位。"


def test_page_numbers_are_no_text() -> None:
    assert reading.joined("第一页的字\n— 1 —\n第二页的字，接着\n— 2 —\n说完。").count("—") == 0


def blank_pdf(password: str = "") -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    if password:
        writer.encrypt(password)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def swelling() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 80_000_000)
    return stream.getvalue()


def with_entities() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word())) as archive, zipfile.ZipFile(stream, "w") as made:
        for part in archive.infolist():
            content = archive.read(part)
            if part.filename == "word/document.xml":
                content = content.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1)
            made.writestr(part.filename, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.txt", b"", "文件是空的"),
        ("a.txt", b"\0", "没有可以读的文字"),
        ("a.txt", b"\xff\xff\xff\x81", "编码"),
        ("a.docx", b"", "文件是空的"),
        ("a.xlsx", b"abc", "其实是纯文字，请把扩展名改成 .txt"),
        ("a.xlsx", workbook_of([["a"]]), "其实是 Excel 表格，请选择 .docx"),
        ("a.bin", b"\xff" * 9, "只能核对"),
        ("a.doc", b"\xd0\xcf\x11\xe0rest", "旧的 Office 格式，请用 Word 或 WPS 打开"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "密码保护"),
        ("a.docx", word()[:500], "不是有效的 Word"),
        ("a.docx", swelling(), "解开后过大"),
        ("a.docx", with_entities(), "不是有效的 Word"),
        ("a.pdf", b"%PDF-1.7 nothing", "不是有效的 PDF"),
        ("a.pdf", blank_pdf(), "只有图片"),
        ("a.pdf", blank_pdf("secret"), "密码"),
        ("a.txt", ("字" * 400_001).encode(), "文字太长"),
        ("a.txt", b"a" * (10 * 1024 * 1024 + 1), "文件太大"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(name: str, data: bytes, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        reading.read(name, data)
