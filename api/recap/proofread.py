"""Proof-reading (核稿): a summary held against the campaign's figures and against itself."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from api.figure_views import figure_href, office_options
from api.kit import forms, large
from api.kit.campaign_pages import CampaignPage, campaign_context, catalogue_of, process_of
from api.kit.guards import current_actor
from api.recap.links import recap_links
from core import campaign_access, campaigns, reports
from core.campaign_access import View
from core.proofread import reading
from core.proofread.findings import KINDS, Finding, FindingKind
from core.refusals import Refusal
from core.reports import Report

VIEW = {"permission": "recap.view"}
READING = {**VIEW, **large.ANSWER}
ADDRESS = "/campaigns/{campaign:str}/recap/proofread"
FAULTS = frozenset(KINDS) - {"unknown", "agrees"}


class Draft(msgspec.Struct, forbid_unknown_fields=True):
    """The text to be proof-read; ``text_only`` leaves the campaign's figures aside."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=reading.MAX_CHARACTERS)]
    text_only: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the text; ``number`` is that of the finding about it, 0 for plain words."""

    words: str
    number: int = 0
    fault: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as the page shows it; ``href`` opens the figure's records."""

    number: int
    finding: Finding
    href: str


async def _findings(text: str, report: Report | None) -> list[Finding]:
    """Everything found; off the event loop, for a long text takes a while."""
    figures = None if report is None else report.figures
    from core.proofread import checking  # its many patterns take long to make

    return await to_thread(checking.findings, text, figures)


def marked(text: str, findings: Sequence[Finding]) -> list[Mark]:
    """The text cut at its findings; where two speak of the same words, the first keeps them."""
    marks: list[Mark] = []
    at = 0
    for number, finding in enumerate(findings, start=1):
        if finding.offset < at or not finding.quote:
            continue
        marks.append(Mark(text[at : finding.offset]))
        marks.append(Mark(finding.quote, number, finding.finding in FAULTS))
        at = finding.offset + len(finding.quote)
    return [*marks, Mark(text[at:])]


def _grouped(page: CampaignPage, report: Report, findings: Sequence[Finding]) -> list[Any]:
    """Findings by kind, each with the number that it has in the text."""
    opens = page.reach.may("figure.view")
    shown: dict[FindingKind, list[Shown]] = {kind: [] for kind in KINDS}
    for number, finding in enumerate(findings, start=1):
        metric = finding.metric if opens else None
        office = finding.organisation or report.scope.organisation
        href = figure_href(page, metric, office) if metric else ""
        shown[finding.finding].append(Shown(number, finding, href))
    return [
        {"kind": kind, "label": KINDS[kind], "items": items, "fault": kind in FAULTS}
        for kind, items in shown.items()
        if items
    ]


def _page(
    request: Request[Any, Any, Any], page: CampaignPage, view: View, form: forms.Form, **found: Any
) -> Response[Any]:
    organisation = view.scope.organisation
    return page.render(
        request,
        "api/proofread.html",
        status=200 if form.ok else 422,
        view=view,
        form=form,
        offices=office_options(view),
        links=recap_links(page, organisation, "/recap/proofread"),
        organisation=organisation,
        endings=",".join(reading.ENDINGS),
        **found,
    )


@get(ADDRESS, opt=VIEW, include_in_schema=False)
async def proofread_form(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[Any]:
    """Show where to paste or choose what shall be proof-read."""
    page = await campaign_context(request, campaign, "recap.view")
    return _page(request, page, await page.view("recap.view", organisation), forms.Form())


async def _text(form: forms.Form) -> str:
    """What was pasted, or else what the chosen file says; "" with the reason in the form."""
    pasted = form.value("text")
    upload = None if pasted.strip() else form.file("file", endings=reading.ENDINGS)
    if not form.ok:
        if "file" not in form.files:
            form.errors["file"] = "请粘贴文字，或者选择 .docx、.pdf 或 .txt 文件"
        return ""
    try:
        if upload is not None:
            return await to_thread(reading.read, upload.name, upload.data)
        return reading.checked(pasted)
    except Refusal as refusal:
        form.fail("file" if upload is not None else "text", refusal.faults[0].message)
        return ""


@post(ADDRESS, opt=READING, include_in_schema=False, status_code=200)
async def proofread(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Show what was found. Nothing of the text is kept."""
    page = await campaign_context(request, campaign, "recap.view")
    form = await forms.read(request)
    view = await page.view("recap.view", form.value("organisation"))
    text = await _text(form)
    if not text:
        return _page(request, page, view, form)
    report = await reports.read(
        page.campaign, view.scope.organisation, page.plugins, page.catalogue
    )
    findings = await _findings(text, None if form.flag("text_only") else report)
    return _page(
        request,
        page,
        view,
        form,
        marks=marked(text, findings),
        groups=_grouped(page, report, findings),
        faults=sum(finding.finding in FAULTS for finding in findings),
        failed=report.failed,
    )


@post("/api/v1/campaigns/{campaign:str}/proofread", opt=READING, tags=["recap"], status_code=200)
async def proofread_data(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    data: JSONBody[Draft],
    organisation: FromQuery[str] = "",
) -> dict[str, Any]:
    """Proof-read a text: what agrees with the figures of an office, what differs, what is wrong.

    ``offset`` counts characters (code points) of the text, whose line ends are single.
    """
    looked_at, catalogue = await campaigns.find(campaign), await catalogue_of(request)
    view = await campaign_access.view(
        current_actor(request), looked_at, "recap.view", organisation or None
    )
    text = reading.checked(data.text)
    report = None
    if not data.text_only:
        plugins = process_of(request).plugins
        report = await reports.read(looked_at, view.scope.organisation, plugins, catalogue)
    found = await _findings(text, report)
    return {"findings": [finding.as_json() for finding in found]}


ROUTES = [proofread_form, proofread, proofread_data]
