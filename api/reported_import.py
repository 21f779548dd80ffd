"""Reporting many figures with a spreadsheet: template, preview that writes nothing, import."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.kit import forms, large, pages
from api.kit.campaign_pages import CampaignPage, campaign_context
from api.reported_views import references, reported_href
from core import own_metrics, reported_import, spreadsheets, uploads
from core.refusals import Refusal
from core.reported_figures import REPORT
from core.reported_import import Checked, Ground
from core.spreadsheets import Sheet

OPT = {"permission": REPORT}
READING = {**OPT, **large.ANSWER}
ENDINGS = (".xlsx", ".csv")
PURPOSE = "reported_figures"
SHOWN = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def _ground(page: CampaignPage) -> Ground:
    known, named = await references(page.campaign, page.plugins)
    offered = own_metrics.offered(known.metrics, page.campaign.enabled, ratios=False)
    metrics = {metric.key: metric for metric in offered}
    return await reported_import.ground(page.actor, page.campaign, metrics, named)


@get("/campaigns/{campaign:str}/reported/template.xlsx", opt=READING, include_in_schema=False)
async def import_template(
    request: Request[Any, Any, Any], campaign: FromPath[str]
) -> Response[bytes]:
    """The spreadsheet to fill in, with the campaign's metrics to choose from."""
    page = await campaign_context(request, campaign, REPORT)
    columns = (await _ground(page)).columns()
    title = "填报数据"
    data = await asyncio.to_thread(spreadsheets.template, title, columns, reported_import.NOTES)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(title)}.xlsx"}
    return Response(data, media_type=XLSX, headers=headers)


@get("/campaigns/{campaign:str}/reported/import", opt=OPT, include_in_schema=False)
async def import_form(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Show where to choose the file."""
    page = await campaign_context(request, campaign, REPORT)
    return _upload_page(request, page, forms.Form())


def _upload_page(
    request: Request[Any, Any, Any], page: CampaignPage, form: forms.Form
) -> Response[Any]:
    status = 200 if form.ok else 422
    return page.render(request, "api/reported_import.html", status=status, form=form)


@post("/campaigns/{campaign:str}/reported/import", opt=READING, include_in_schema=False)
async def import_preview(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Read the file and show what it would do, or every fault at its cell."""
    page, form = await campaign_context(request, campaign, REPORT), await forms.read(request)
    upload = form.file("file", endings=ENDINGS)
    if upload is None or not form.ok:
        return _upload_page(request, page, form)
    known = await _ground(page)
    sheet = await _sheet(known, upload.data, upload.name)
    checked = await reported_import.check(page.campaign, known, sheet)
    token = ""
    if checked.new and not checked.errors:
        token = await uploads.keep(
            page.actor,
            page.campaign.id,
            PURPOSE,
            filename=upload.name,
            data=upload.data,
            parameters={},
        )
    return page.render(
        request,
        "api/reported_preview.html",
        status=422 if checked.errors else 200,
        filename=upload.name,
        columns=known.columns(),
        token=token,
        **_preview_words(sheet, checked),
    )


async def _sheet(known: Ground, data: bytes, name: str) -> Sheet:
    return await asyncio.to_thread(spreadsheets.read, data, name, known.columns())


def _preview_words(sheet: Sheet, checked: Checked) -> dict[str, Any]:
    """The rows with something to mend first; without any, the first rows."""
    faulty = {error.row for error in checked.errors}
    rows = [row for row in sheet.rows if row.number in faulty] or [row for row, _ in checked.new]
    return {
        "rows": rows[:SHOWN],
        "errors": checked.errors[:SHOWN],
        "error_count": len(checked.errors),
        "new_count": len(checked.new),
        "unchanged": checked.unchanged,
        "row_count": len(sheet.rows),
    }


@post("/campaigns/{campaign:str}/reported/import/confirm", opt=READING, include_in_schema=False)
async def import_confirm(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Report all of it, or say what has come to stand against it since the preview."""
    page, form = await campaign_context(request, campaign, REPORT), await forms.read(request)
    token = form.value("token")
    upload = await uploads.find(page.actor, page.campaign.id, PURPOSE, token)
    known = await _ground(page)
    sheet = await _sheet(known, upload.data, upload.filename)
    try:
        checked: Checked = await reported_import.write(
            page.actor, page.campaign, known, sheet, upload.filename
        )
    except Refusal as refusal:
        address = f"{reported_href(page)}/import"
        return pages.see_other(request, address, f"没有写入：{refusal}", "bad")
    await uploads.forget(token)
    return pages.see_other(request, reported_href(page), f"已填报{len(checked.new)}项数据。")


ROUTES = [import_template, import_form, import_preview, import_confirm]
