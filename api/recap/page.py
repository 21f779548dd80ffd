"""The recap: the page whose every figure opens, and the files to take along."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery
from markupsafe import Markup

from api.figure_views import figure_href, office_options
from api.kit.campaign_pages import CampaignPage, campaign_context, catalogue_of, process_of
from api.kit.conditional import strong_etag
from api.kit.guards import current_actor
from api.recap.links import photo_link, recap_links
from api.recap.renderings import base_url
from api.recap.standing import stand_shown
from core import campaign_access, campaigns, reports
from core.campaign_access import View
from core.kept import Kept, State
from core.plugins import Plugins
from core.recap.drawing import apart
from core.recap.formats import html
from core.recap.formats.as_json import report_to_send
from core.recap.life.standing import stand
from core.recap.made import Made
from core.recap.made import made as read_made
from core.recap.making import files
from core.recap.manuscript import photos
from core.recap.sections.comparison import compared
from core.reports import Report

VIEW = {"permission": "recap.view"}
OPEN = {"public": True, "no_actor": True}
STYLES = "/recap.css"
# Made while one waits; those of files.PAPER take longer and are made in the background.
AT_ONCE = ("html", "md", "json")
# Letters of recaps' markup that a process keeps, two bytes each.
MOST_KEPT = 5_000_000
_bodies: Kept[str] = Kept("recap pages", MOST_KEPT, len)


async def _report(page: CampaignPage, organisation: str) -> tuple[View, Report]:
    """The campaign's report from an office where the asker may read recaps. Raises Missing."""
    view = await page.view("recap.view", organisation)
    report = await reports.read(
        page.campaign, view.scope.organisation, page.plugins, page.catalogue
    )
    return view, report


@get(STYLES, opt=OPEN, include_in_schema=False, sync_to_thread=False)
def recap_styles() -> Response[bytes]:
    """The rules of a recap's markup, which the page brings along."""
    styles = html.stylesheet().encode()
    headers = {"ETag": strong_etag(styles), "Cache-Control": "no-cache"}
    return Response(styles, media_type="text/css", headers=headers)


async def _body(page: CampaignPage, view: View, made: Made) -> str:
    """The recap's markup; drawn only when the document, or what its links lead to, is another."""
    opens, there = page.reach.may("figure.view"), await photos.there(made.document)

    async def state() -> State:
        return made.number, there

    async def draw() -> str:
        drawings = await apart.drawn(files.charts_of(made.document.sections))
        return await asyncio.to_thread(
            html.render_body,
            made.document,
            lambda metric, office: figure_href(page, metric, office) if opens else "",
            photo_link(page, view.scope.organisation, there),
            drawings,
        )

    # What could not be drawn may be the next time.
    return await _bodies.get(
        (view.scope, opens), state, draw, lambda text: html.NOT_DRAWN not in text
    )


@get("/campaigns/{campaign:str}/recap", opt=VIEW, include_in_schema=False)
async def recap_page(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[Any]:
    """The recap of an office; each figure leads to its own page."""
    page = await campaign_context(request, campaign, "recap.view")
    view, report = await _report(page, organisation)
    made = await read_made(report, page.plugins, page.catalogue)
    document = made.document
    body = Markup(await _body(page, view, made))  # noqa: S704 - our own templates have escaped it
    query = urlencode({"organisation": view.scope.organisation})
    return page.render(
        request,
        "api/recap.html",
        view=view,
        document=document,
        body=body,
        styles=STYLES,
        offices=office_options(view),
        files=[
            {"label": files.FORMS[ending].label, "href": f"{page.href}/recap.{ending}?{query}"}
            for ending in AT_ONCE
        ],
        made=[{"label": files.FORMS[name].label, "form": name} for name in files.PAPER],
        links=recap_links(page, view.scope.organisation, "/recap"),
        stand=stand_shown(page, view.scope.organisation, await stand(report, document)),
    )


async def _download(
    request: Request[Any, Any, Any], campaign: str, organisation: str, ending: str
) -> Response[bytes]:
    """The recap as a file with a name that people recognise."""
    page = await campaign_context(request, campaign, "recap.view")
    view = await page.view("recap.view", organisation)
    maker = files.Maker(page.plugins, page.catalogue, page.actor, base_url(request))
    file = await files.make(maker, page.campaign, view.scope.organisation, ending)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        # A file that is opened from here must not run in our name.
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; "
        "img-src data:",
    }
    return Response(file.content, media_type=file.media_type, headers=headers)


@get("/campaigns/{campaign:str}/recap.html", opt=VIEW, include_in_schema=False)
async def recap_html(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[bytes]:
    """The recap as one page to keep or print."""
    return await _download(request, campaign, organisation, "html")


@get("/campaigns/{campaign:str}/recap.md", opt=VIEW, include_in_schema=False)
async def recap_markdown(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[bytes]:
    """The recap as plain text."""
    return await _download(request, campaign, organisation, "md")


@get("/campaigns/{campaign:str}/recap.json", opt=VIEW, include_in_schema=False)
async def recap_json(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[bytes]:
    """The recap's figures for programmes, as a file."""
    return await _download(request, campaign, organisation, "json")


@get("/api/v1/campaigns/{campaign:str}/recap", opt=VIEW, tags=["recap"])
async def recap_data(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> dict[str, Any]:
    """Give the recap's figures: of an office and of each office below it, with findings."""
    plugins: Plugins = process_of(request).plugins
    looked_at, catalogue = await campaigns.find(campaign), await catalogue_of(request)
    view = await campaign_access.view(
        current_actor(request), looked_at, "recap.view", organisation or None
    )
    report = await reports.read(looked_at, view.scope.organisation, plugins, catalogue)
    return await report_to_send(report, catalogue, await compared(report, plugins, catalogue))


ROUTES = [
    recap_styles,
    recap_page,
    recap_html,
    recap_markdown,
    recap_json,
    recap_data,
]
