"""Files that would take for ever, or all the memory: refused in a sentence, within bounds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.proofread import reading
from core.refusals import Refusal
from core.spreadsheets import Column, read
from tests.core.spreadsheets.samples import workbook_of
from tests.hostile import bombs

ROOT = Path(__file__).parents[2]
MEGABYTES, SECONDS = 900, 40
# Read by a process that may take no more memory and time than that; it tells what came of each.
READER = f"""
import json, resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, ({MEGABYTES << 20}, {MEGABYTES << 20}))
resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}))
from core.proofread import reading
from core.refusals import Refusal
from core.spreadsheets import Column, read
told = {{}}
for path in sorted(Path(sys.argv[1]).iterdir()):
    data = path.read_bytes()
    if path.suffix in (".docx", ".pdf"):
        try:
            told[path.name] = [f"{{len(reading.read(path.name, data))}} characters"]
        except Refusal as refusal:
            told[path.name] = [fault.message for fault in refusal.faults]
    else:
        sheet = read(data, path.name, (Column("key", "编号", "key"), Column("name", "姓名")))
        told[path.name] = [error.message for error in sheet.errors] or [f"{{len(sheet.rows)}} rows"]
print(json.dumps(told))
"""
HEAD = "编号,姓名\n".encode()
DAMAGED, SWOLLEN = "不是有效的表格文件", "解开后过大"
SHEET = "xl/worksheets/sheet1.xml"
MADE: dict[str, tuple[Callable[[], bytes], str]] = {
    "cells.xlsx": (bombs.many_cells, SWOLLEN),
    "styles.xlsx": (bombs.many_styles, SWOLLEN),
    "merged.xlsx": (bombs.many_merged, SWOLLEN),
    "strings.xlsx": (bombs.many_strings, SWOLLEN),
    "sheets.xlsx": (bombs.many_sheets, "工作表超过 50 张"),
    "nested.xlsx": (bombs.nested, "1 rows"),
    "overlapping.xlsx": (bombs.overlapping, DAMAGED),
    "laughs.xlsx": (lambda: bombs.entities(SHEET, workbook_of(bombs.TABLE), bombs.LAUGHS), DAMAGED),
    "outside.xlsx": (
        lambda: bombs.entities(SHEET, workbook_of(bombs.TABLE), bombs.OUTSIDE),
        DAMAGED,
    ),
    "blown.xlsx": (
        lambda: bombs.entities(SHEET, workbook_of(bombs.TABLE), bombs.BLOWN_UP),
        DAMAGED,
    ),
    "commas.csv": (lambda: HEAD + b"," * 9_000_000, DAMAGED),
    "line.csv": (lambda: HEAD + b"a" * 9_000_000, DAMAGED),
    "quote.csv": (lambda: HEAD + b'"' + b"a\n" * 4_000_000, DAMAGED),
    "lines.csv": (lambda: HEAD + b"\n" * 9_000_000, "第 50,000 行以后"),
    "wide.docx": (bombs.wide_cell, "不是有效的 Word 文档"),
    "paragraphs.docx": (bombs.many_paragraphs, SWOLLEN),
    "merge.docx": (bombs.long_merge, "characters"),
    "laughs.docx": (
        lambda: bombs.entities("word/document.xml", bombs.document(), bombs.LAUGHS),
        "不是有效的 Word 文档",
    ),
    "stream.pdf": (bombs.endless_page, "内容过多"),
    "itself.pdf": (bombs.page_in_itself, "characters"),
    "ring.pdf": (bombs.pages_in_a_ring, "不是有效的 PDF 文件"),
}


def test_every_file_is_read_or_refused_within_bounds(tmp_path):
    for name, (make, _) in MADE.items():
        (tmp_path / name).write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-c", READER, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=SECONDS * 4,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    told = json.loads(done.stdout)
    wrong = {name: told[name] for name, (_, wanted) in MADE.items() if wanted not in told[name][0]}
    assert wrong == {}
    assert set(told) == set(MADE)


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ("编号,姓名\nk,甲\n".encode("utf-8-sig"), 1),
        ("编号\t姓名\nk\t甲\n".encode("gb18030"), 1),
        ("编号,姓名\nk,甲\0\n".encode(), 0),
        ("编号,姓名\nk,甲\n".encode("utf-16"), 0),
        ("编号,姓名\nk,甲\n".encode("utf-16-be"), 0),
        (b"\xef\xbb\xbf", 0),
        (b"\xff" * 1000, 0),
    ],
)
def test_a_csv_of_whatever_encoding_is_read_or_refused(data, rows):
    sheet = read(data, "x.csv", (Column("key", "编号", "key"), Column("name", "姓名")))
    assert len(sheet.rows) == rows
    assert bool(sheet.errors) == (rows == 0)


def test_a_sound_document_is_still_read():
    assert "12户" in reading.read("x.docx", bombs.document())
    assert "hello" in reading.read("x.pdf", bombs.pdf(b"BT /F 12 Tf " + bombs.WORDS + b"ET"))


def test_a_page_with_more_than_the_count_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_OPERATIONS", 100)
    assert reading.read("x.pdf", bombs.pdf(b"BT /F 12 Tf " + bombs.WORDS * 10 + b"ET"))
    with pytest.raises(Refusal, match="内容过多"):
        reading.read("x.pdf", bombs.pdf(b"BT /F 12 Tf " + bombs.WORDS * 10 + b"ET", pages=9))
