"""The Word documents of the open campaigns: their form, their figures, and LibreOffice's opinion.

`golden/<campaign>.docx.txt` holds each document as flat text with the names of its styles, so that
a review sees what changes in it. `GOLDEN=write pytest tests/core/recap/test_docx_campaigns.py`
writes them anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from core import bundles, campaigns, reports, wording
from core.moments import OFFSET
from core.permissions import SYSTEM
from core.process import Process
from core.recap import build
from core.recap.formats import docx
from core.recap.formats.as_json import report_as_json
from core.recap.model import Document, Paragraph, Section, Text
from tests.core.bundle_samples import FOLDER, NAMES
from tests.core.recap.docx_reading import lines, opened
from tests.core.recap.docx_samples import VERIFICATION
from tests.core.recap.docx_samples import document as paper

GOLDEN = Path(__file__).parent / "golden"
COLUMNS, ROWS = 28, 22


@pytest.fixture(params=["sqlite"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """One engine: that both give the same document is tested where it is built."""
    name: str = request.param
    return name


async def figures_and_document(name: str, process: Process) -> tuple[list[str], Document]:
    """The figures of the JSON recap as documents state them, and the paper, its dates fixed."""
    data = (FOLDER / f"{name}.json").read_bytes()
    key = await bundles.import_bundle(data, process.plugins, process.catalogue, SYSTEM)
    report = await reports.read(await campaigns.find(key), None, process.plugins, process.catalogue)
    recap = json.loads(json.dumps(report_as_json(report, process.catalogue)))
    own = report.figures.own
    stated = [wording.stated(own[figure["metric"]]) for figure in recap["figures"]]
    made = await build.document(report, process.plugins, process.catalogue)
    fixed = replace(
        made,
        date=date(2026, 6, 1),
        generated_at=datetime(2026, 6, 1, 9, tzinfo=OFFSET),
        verification=VERIFICATION,
        sections=tuple(section for section in made.sections if section.key != "findings"),
    )
    return stated, fixed


@pytest.mark.parametrize("name", NAMES)
async def test_the_document_of_an_open_campaign(name: str, process: Process) -> None:
    stated, document = await figures_and_document(name, process)
    content = docx.render(document, {})
    found = "\n".join(lines(content)) + "\n"
    golden = GOLDEN / f"{name}.docx.txt"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8")
    explained = opened(content).tables[-1]
    rows = [row for row in explained.rows[1:] if not row.cells[0].text.endswith("（续）")]
    named = [row.cells[1].text.split("\n") for row in rows]
    assert len(stated) > 5
    assert [value for _, value, *_ in named] == stated


async def test_libre_office_prints_every_figure(process: Process, tmp_path: Path) -> None:
    figures, papers = {}, {}
    for name in NAMES:
        figures[name], document = await figures_and_document(name, process)
        papers[name] = docx.render(document, {})
    for name, text in printed(papers, tmp_path).items():
        words = re.sub(r"\s", "", text)
        assert [value for value in figures[name] if value not in words] == []


def test_libre_office_sets_22_lines_of_28_characters(tmp_path: Path) -> None:
    full = Section("a", "满页", (Paragraph((Text("国" * COLUMNS * ROWS * 3),)),))
    text = printed({"grid": docx.render(paper(full), {})}, tmp_path)["grid"]
    page = [line.strip() for line in text.split("\f")[1].splitlines() if "国" in line]
    assert [len(line) for line in page] == [COLUMNS] * ROWS


def printed(papers: dict[str, bytes], folder: Path) -> dict[str, str]:
    """What LibreOffice prints of documents, page for page, each ended by a form feed."""
    office, reader = shutil.which("soffice"), shutil.which("pdftotext")
    if not office or not reader:
        pytest.skip("这台机器上没有 LibreOffice 或 pdftotext")
    files = {name: folder / f"{name}.docx" for name in papers}
    for name, path in files.items():
        path.write_bytes(papers[name])
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*command, *files.values()], check=True, capture_output=True, timeout=120)
    return {
        name: subprocess.run(
            [reader, "-layout", path.with_suffix(".pdf"), "-"], check=True, capture_output=True
        ).stdout.decode()
        for name, path in files.items()
    }
