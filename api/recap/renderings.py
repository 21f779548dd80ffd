"""Files of a recap that are made in the background: ordering, progress, taking them along."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from api.figure_views import office_options
from api.kit import forms, pages
from api.kit.campaign_pages import CampaignPage, campaign_context
from api.kit.filters import moment
from api.recap.links import recap_links
from core import moments
from core.campaign_access import View
from core.recap.life import versions
from core.recap.making import process as rendering_process
from core.recap.making import renderings
from core.recap.making.files import FORMS, PAPER
from core.recap.making.renderings import Rendering
from core.refusals import Refusal

VIEW = {"permission": "recap.view"}
REST = "/recap/renderings"
NOW = "按现在的数据"
PILLS = {"done": "good", "failed": "bad", "running": "live"}
COLUMNS = (
    {"key": "name", "label": "文件"},
    {"key": "office", "label": "单位"},
    {"key": "state", "label": "状态"},
    {"key": "size", "label": "大小", "numeric": True},
    {"key": "at", "label": "开始时间"},
)


def base_url(request: Request[Any, Any, Any]) -> str:
    """Where readers of a print reach this installation: only what the settings say is public."""
    found: str = request.app.state["process"].settings.base_url
    return found


def rendering_href(page: CampaignPage, key: str, rest: str = "") -> str:
    """The page of a file in the making, or what lies below it."""
    return f"{page.href}{REST}/{quote(key, safe='')}{rest}"


def size_words(size: int | None) -> str:
    """``123 KB``, ``1.4 MB``; empty for none."""
    if size is None:
        return ""
    return f"{max(1, round(size / 1024))} KB" if size < 1024**2 else f"{size / 1024**2:.1f} MB"


def version_words(rendering: Rendering) -> str:
    """Of what the file is made."""
    return NOW if rendering.version is None else f"报送的第{rendering.version}版"


def _row(page: CampaignPage, each: Rendering) -> dict[str, Any]:
    name = {
        "text": FORMS[each.form].label,
        "href": rendering_href(page, each.key),
        "note": version_words(each),
    }
    return {
        "name": name,
        "office": each.organisation_name,
        "state": each.label,
        "size": size_words(each.size),
        "at": moment(each.created_at),
    }


async def _version_options(view: View) -> list[dict[str, str]]:
    handed_in = await versions.listed(view.scope.campaign_id, view.scope.organisation_id)
    return [
        {"value": "", "label": NOW},
        *({"value": str(each.number), "label": each.status} for each in handed_in),
    ]


async def _list(
    request: Request[Any, Any, Any],
    page: CampaignPage,
    view: View,
    form: forms.Form,
    status: int = 200,
) -> Response[Any]:
    mine = await renderings.recent(page.actor, page.campaign)
    return page.render(
        request,
        "api/recap_renderings.html",
        status=status,
        view=view,
        form=form,
        links=recap_links(page, view.scope.organisation, REST),
        action=page.href + REST,
        offices=office_options(view),
        formats=[{"value": name, "label": FORMS[name].label} for name in PAPER],
        versions=await _version_options(view),
        columns=COLUMNS,
        rows=[_row(page, each) for each in mine],
    )


@get("/campaigns/{campaign:str}/recap/renderings", opt=VIEW, include_in_schema=False)
async def renderings_page(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    organisation: FromQuery[str] = "",
    version: FromQuery[str] = "",
) -> Response[Any]:
    """Choose what to make; what was made in the last day."""
    page = await campaign_context(request, campaign, "recap.view")
    view = await page.view("recap.view", organisation)
    chosen = forms.filled([("format", PAPER[0]), ("version", version)])
    return await _list(request, page, view, chosen)


@post(
    "/campaigns/{campaign:str}/recap/renderings",
    opt={**VIEW, "limit": "rendering"},
    include_in_schema=False,
)
async def rendering_order(
    request: Request[Any, Any, Any], campaign: FromPath[str]
) -> Response[Any]:
    """Have a file made."""
    page, form = await campaign_context(request, campaign, "recap.view"), await forms.read(request)
    view = await page.view("recap.view", form.value("organisation"))
    wanted = form.choice("format", PAPER, required=True)
    version = form.count("version")
    if form.ok and wanted is not None:
        try:
            key = await renderings.order(page.actor, view.scope, wanted, version, base_url(request))
        except Refusal as refusal:
            form.absorb(refusal)
        else:
            rendering_process.wake()
            return pages.see_other(request, rendering_href(page, key))
    return await _list(request, page, view, form, 422)


async def _found(page: CampaignPage, key: str) -> Rendering:
    """A file of an office whose recap the asker may read. Raises Missing."""
    rendering = await renderings.find(page.campaign, key)
    await page.view("recap.view", rendering.organisation)
    return rendering


@get("/campaigns/{campaign:str}/recap/renderings/{key:str}", opt=VIEW, include_in_schema=False)
async def rendering_page(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    refresh: FromQuery[str] = "",
) -> Response[Any]:
    """How far a file is; then the way to it."""
    page = await campaign_context(request, campaign, "recap.view")
    rendering = await _found(page, key)
    href = rendering_href(page, key)
    query = urlencode({"organisation": rendering.organisation})
    again = {"organisation": rendering.organisation, "format": rendering.form}
    if rendering.version is not None:
        again["version"] = str(rendering.version)
    return page.render(
        request,
        "api/recap_rendering.html",
        rendering=rendering,
        name=FORMS[rendering.form].label,
        kind=PILLS.get(rendering.state, ""),
        what=version_words(rendering),
        size=size_words(rendering.size),
        seconds=rendering.seconds(moments.now()),
        by_itself=rendering.is_active and refresh != "no",
        href=href,
        data_href=f"/api/v1{href}",
        file_href=rendering_href(page, key, "/file"),
        links=recap_links(page, rendering.organisation, ""),
        list_href=f"{page.href}{REST}?{query}",
        action=page.href + REST,
        again=again,
    )


@get("/campaigns/{campaign:str}/recap/renderings/{key:str}/file", opt=VIEW, include_in_schema=False)
async def rendering_file(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[bytes]:
    """The finished file."""
    page = await campaign_context(request, campaign, "recap.view")
    return await file_answer(await _found(page, key))


async def file_answer(rendering: Rendering) -> Response[bytes]:
    """The file's bytes under its name. Raises Conflict while there are none."""
    content = await renderings.content(rendering)
    name = quote(rendering.filename, safe="")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        # A file that is opened from here must not run in our name.
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(content, media_type=FORMS[rendering.form].media_type, headers=headers)


ROUTES = [renderings_page, rendering_order, rendering_page, rendering_file]
