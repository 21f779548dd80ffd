"""A recap as a file: one way for pages, for work in the background and for the command line.

What is read takes the event loop's time; drawing is done beside it, for it may take long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core import campaigns, reports
from core.campaigns import Campaign
from core.documents import canonical
from core.observances import Catalogue
from core.permissions import Actor
from core.plugins import Plugins
from core.recap import build
from core.recap.drawing import apart
from core.recap.drawing.charts import Drawings
from core.recap.formats import html, markdown, pdf
from core.recap.formats.as_json import report_as_json
from core.recap.life import prints, snapshot, versions
from core.recap.manuscript import photos
from core.recap.model import Chart, Document, Section
from core.recap.sections.comparison import compared

READING, WRITING, DRAWING, SETTING = STEPS = ("读取数据", "写正文", "画图", "排版")


@dataclass(frozen=True, slots=True)
class Form:
    """A format: its media type, and what people call a file of it."""

    media_type: str
    label: str


_OFFICE = "application/vnd.openxmlformats-officedocument"
FORMS: dict[str, Form] = {
    "docx": Form(f"{_OFFICE}.wordprocessingml.document", "Word 文件"),
    "pdf": Form("application/pdf", "PDF 文件"),
    "xlsx": Form(f"{_OFFICE}.spreadsheetml.sheet", "Excel 表格"),
    "html": Form("text/html", "网页文件（可打印）"),
    "md": Form("text/markdown", "纯文本（Markdown）"),
    "json": Form("application/json", "数据（JSON）"),
}
# Handed in or printed: they carry a verification code and none of what is for the author's eyes.
PAPER = ("docx", "pdf", "xlsx")
_WITH_PICTURES = frozenset({"docx", "pdf", "html"})


@dataclass(frozen=True, slots=True)
class File:
    """A finished file with a name that people recognise."""

    name: str
    media_type: str
    content: bytes


async def _silent(step: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes files, and with what.

    ``base_url`` is where readers of a print reach this installation, empty where they do not.
    ``told`` hears of each of STEPS as it begins.
    """

    plugins: Plugins
    catalogue: Catalogue
    actor: Actor
    base_url: str = ""
    told: Callable[[str], Awaitable[None]] = _silent


async def make(
    maker: Maker,
    campaign: Campaign,
    organisation: str | None,
    form: str,
    version: int | None = None,
) -> File:
    """The recap of an office (the campaign's own by default) as a file of one of FORMS.

    With a ``version`` it is what was handed in under that number, else what the recap says now.
    Raises Missing for an office or a version that is not there, Conflict for a version that is no
    longer as it was handed in.
    """
    await maker.told(READING)
    if version is not None:
        document, recap = await _handed_in(maker, campaign, organisation, version)
        suffix = f"（第{version}版）"
    else:
        document, recap = await _now(maker, campaign, organisation, form)
        suffix = ""
    pictures: Mapping[str, bytes] = {}
    drawings: Drawings | None = None
    if form in _WITH_PICTURES:
        await maker.told(DRAWING)
        pictures = await photos.pictures(document)
        drawings = await apart.drawn(charts_of(document.sections))
    await maker.told(SETTING)
    content = await asyncio.to_thread(_set, form, document, recap, pictures, drawings)
    name = f"{document.title}-{document.issuer}{suffix}.{form}"
    return File(name, FORMS[form].media_type, content)


async def _now(
    maker: Maker, campaign: Campaign, organisation: str | None, form: str
) -> tuple[Document, dict[str, Any]]:
    """What the recap says now; what goes on paper is known by a code from here on."""
    report = await reports.read(campaign, organisation, maker.plugins, maker.catalogue)
    last = await compared(report, maker.plugins, maker.catalogue)
    recap = report_as_json(report, maker.catalogue, last)
    await maker.told(WRITING)
    document = await build.document_beside(report, maker.plugins, maker.catalogue, last)
    if form != "json":
        document = await prints.issued(report, document, maker.actor, maker.base_url)
    if form in PAPER:
        document = snapshot.without_findings(document)
    return document, recap


async def _handed_in(
    maker: Maker, campaign: Campaign, organisation: str | None, version: int
) -> tuple[Document, dict[str, Any]]:
    scope = await campaigns.scope(campaign, organisation)
    found = await versions.find(scope.campaign_id, scope.organisation_id, version)
    await maker.told(WRITING)
    return found.document(maker.base_url), found.recap()


def charts_of(sections: Iterable[Section]) -> Iterator[Chart]:
    """The charts of sections and of all below them, in order."""
    for section in sections:
        yield from (block for block in section.blocks if isinstance(block, Chart))
        yield from charts_of(section.sections)


def _set(
    form: str,
    document: Document,
    recap: dict[str, Any],
    pictures: Mapping[str, bytes],
    drawings: Drawings | None,
) -> bytes:
    """The bytes of the file. What writes Word and Excel files is loaded for the first of them."""
    match form:
        case "docx":
            from core.recap.formats import docx

            return docx.render(document, pictures)
        case "pdf":
            return pdf.render(document, pictures)
        case "xlsx":
            from core.recap.formats import xlsx

            return xlsx.render(document, recap)
        case "html":
            return html.render(document, pictures=pictures, drawings=drawings).encode()
        case "md":
            return markdown.render(document).encode()
        case _:
            return canonical(recap).encode()
