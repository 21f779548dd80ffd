"""The text of a file that somebody wrote: txt, docx or pdf, from people nobody has to trust.

What comes out is what findings point into: one line a paragraph or row of a table.
Reading blocks: call it in a thread from asynchronous code.
"""

from __future__ import annotations

import io
import re
import time
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

from core import archives, file_kinds
from core.file_kinds import Kind
from core.proofread import word_tables
from core.refusals import Refusal

MAX_FILE_BYTES: Final = 10 * 1024 * 1024
MAX_CHARACTERS: Final = 400_000
MAX_PAGES: Final = 500
# A page of text is drawn in some hundred operations, one with tables in some thousand.
MAX_OPERATIONS: Final = 1_000_000
MAX_STREAM_BYTES: Final = 4_000_000
MAX_SECONDS: Final = 20.0
MAX_MARKS: Final = 1_000_000  # beginnings and ends of XML elements in a docx
PDF_TOO_LARGE: Final = "这个 PDF 的内容过多，读不完，请分成几份或用原来的 Word 文档核对"
NOT_WHOLE: Final = "不是有效的 Word 文档（.docx）"
NONE_OF_THESE: Final = "只能核对 .docx、.pdf 或 .txt 文件"
# What may stand in a text file: one in UTF-16 is none of the kinds that are known.
WRITTEN: Final = {Kind.TEXT, Kind.WEB_PAGE, Kind.XML, Kind.UNKNOWN}
ENDINGS: Final = (".txt", ".md", ".docx", ".pdf")
# What ends a line of a PDF for good; any other line goes on in the next.
_ENDED = re.compile(r"[。！？；：:!?;…」”）)]$")
# A heading or an item begins a line of its own.
_OPENING = re.compile(
    r"^\s*(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|\d+[.．、]|（\d+）|—\s*\d+\s*—)"
)
_PAGE_NUMBER = re.compile(r"^\s*(?:[—–-]\s*\d+\s*[—–-]|第\s*\d+\s*页.*)\s*$")
# The marks that a recap handed out here sets behind its figures: they lead to its notes and say
# nothing. The year of a document's number, 〔2022〕12号, has four digits.
_NOTE_MARK = re.compile(r"〔\d{1,3}〕")
_FOOTNOTE = re.compile(r"\[\^\d{1,4}\]")  # the same in Markdown
# A line that is this much shorter than the longest ended where its writer wanted it to.
_FULL_LINE: Final = 0.85


def read(name: str, data: bytes) -> str:
    """Read a file by its content, told apart by its first bytes. Raises Refusal in Chinese."""
    if len(data) > MAX_FILE_BYTES:
        raise _refused(f"文件太大，最大 {MAX_FILE_BYTES // 1024 // 1024} MB")
    kind = file_kinds.kind_of(data)
    if kind is Kind.PDF:
        text = _NOTE_MARK.sub("", _pdf(data))
    elif kind is Kind.DOCUMENT:
        text = _NOTE_MARK.sub("", _docx(data))
    elif kind in WRITTEN and name.lower().endswith((".txt", ".md")):
        text = _plain(name, data)
    elif kind is Kind.UNKNOWN:
        raise _refused(NOT_WHOLE if data.startswith(file_kinds.PACKED) else NONE_OF_THESE)
    else:
        raise _refused(file_kinds.advice(data, (".docx", ".pdf", ".txt")))
    return checked(text)


def checked(text: str) -> str:
    """Text as findings point into it. Raises Refusal for an empty or an overlong one."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if not text.strip():
        raise _refused("文件里没有可以读的文字")
    if len(text) > MAX_CHARACTERS:
        raise _refused(f"文字太长，最多 {MAX_CHARACTERS:,} 字，请分成几份核对")
    return text


def _refused(sentence: str) -> Refusal:
    return Refusal.of("value", sentence, "file")


def _plain(name: str, data: bytes) -> str:
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return _FOOTNOTE.sub("", text) if name.lower().endswith(".md") else text
    raise _refused("文字编码应为 UTF-8 或 GB18030")


def _docx(data: bytes) -> str:
    import docx

    try:
        archives.check(data, marks=MAX_MARKS)
        document = docx.Document(io.BytesIO(data))
        return "\n".join(_blocks(document))
    except archives.SwellingArchiveError as error:
        raise _refused("文件解开后过大，可能不是正常保存的文档") from error
    except Exception as error:  # a damaged file can fail anywhere in the library
        raise _refused(NOT_WHOLE) from error


def _blocks(container: Any) -> Iterator[str]:
    """Paragraphs and rows of tables, in the order of the document; a merged cell once."""
    from docx.table import _Cell

    for block in container.iter_inner_content():
        if not hasattr(block, "rows"):
            yield block.text
            continue
        for cells in word_tables.rows(block):
            yield "\t".join(" ".join(_blocks(_Cell(cell, block))) for cell in cells)


def _pdf(data: bytes) -> str:
    import pypdf

    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise _refused("文件加了密码，请去掉密码后再试")
        if len(reader.pages) > MAX_PAGES:
            raise _refused(f"文件超过 {MAX_PAGES} 页，请分成几份核对")
        text = _extracted(reader)
    except Refusal:
        raise
    except pypdf.errors.LimitReachedError as error:
        raise _refused(PDF_TOO_LARGE) from error
    except Exception as error:  # as above
        raise _refused("不是有效的 PDF 文件") from error
    if not text.strip():
        raise _refused("这个 PDF 里只有图片，没有可以读的文字；请用原来的 Word 文档核对")
    return joined(text)


def _extracted(reader: Any) -> str:
    """The text of every page, while its drawing is no longer than people's documents are."""
    import pypdf

    started, drawn = time.monotonic(), 0

    def count(*_: Any) -> None:
        nonlocal drawn
        drawn += 1
        if drawn > MAX_OPERATIONS or time.monotonic() - started > MAX_SECONDS:
            raise _refused(PDF_TOO_LARGE)

    pages = []
    with pypdf.apply_configuration(
        zlib_maximum_output_length=MAX_STREAM_BYTES,
        lzw_maximum_output_length=MAX_STREAM_BYTES,
        run_length_maximum_output_length=MAX_STREAM_BYTES,
        array_based_stream_maximum_output_length=MAX_STREAM_BYTES,
        stream_parsing_work_maximum_count=MAX_OPERATIONS,
    ):
        for page in reader.pages:
            count()
            pages.append(page.extract_text(visitor_operand_before=count))
    return "\n".join(pages)


def joined(text: str) -> str:
    """Put lines together that a page's width has broken; page numbers are left out."""
    lines = [line.strip() for line in text.splitlines() if not _PAGE_NUMBER.match(line)]
    widths = [_width(line) for line in lines]
    longest = max(widths, default=0)
    result: list[str] = []
    open_line = False
    for line, width in zip(lines, widths, strict=True):
        if not line:
            open_line = False
            continue
        if open_line and not _OPENING.match(line):
            result[-1] += line
        else:
            result.append(line)
        open_line = width >= _FULL_LINE * longest and not _ENDED.search(line)
    return "\n".join(result)


def _width(line: str) -> int:
    """How wide a line is set: a Chinese character takes the room of two digits."""
    return sum(2 if unicodedata.east_asian_width(each) in "WFA" else 1 for each in line)
