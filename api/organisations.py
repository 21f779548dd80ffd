"""Pages of the tree of offices for looking through it; api.organisation_changes holds the forms."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from api.kit import large, pages
from api.kit.guards import current_actor
from core import office_campaigns
from core.office_import import COLUMNS
from core.office_tree import LEVEL_LABELS, Office, visible
from core.spreadsheets import write

VIEW = {"permission": "organisation.view"}
MOST_SHOWN = 300
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LEVEL_OPTIONS = [{"value": level, "label": label} for level, label in LEVEL_LABELS.items()]


def office_href(key: str) -> str:
    """The page of an office."""
    return f"/organisations/{quote(key, safe='')}"


def depth_shown(tops: list[Office]) -> int:
    """How many levels below the tops a page shows: as many as stay within MOST_SHOWN offices."""
    depth, level, shown = 0, tops, len(tops)
    while level := [child for office in level for child in office.children]:
        shown += len(level)
        if shown > MOST_SHOWN:
            break
        depth += 1
    return max(depth, 1)


@get("/organisations", opt=VIEW, include_in_schema=False)
async def office_list(
    request: Request[Any, Any, Any],
    q: FromQuery[str] = "",
    level: FromQuery[str] = "",
    closed: FromQuery[bool] = False,
) -> Response[Any]:
    """The tree, or what a search finds in it."""
    tree = await visible(current_actor(request))
    searching = bool(q.strip() or level or closed)
    found = tree.search(q, level, closed=closed) if searching else []
    return pages.render(
        request,
        "api/organisations.html",
        tops=tree.tops,
        depth=depth_shown(tree.tops),
        total=sum(office.closed_on is None for office in tree),
        searching=searching,
        found=found[:MOST_SHOWN],
        found_count=len(found),
        values={"q": q, "level": level, "closed": closed},
        levels=LEVEL_OPTIONS,
        may_add=any(office.managed for office in tree),
    )


@get("/organisations.xlsx", opt={**VIEW, **large.ANSWER}, include_in_schema=False)
async def office_export(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The offices as a spreadsheet, in the form that the import takes."""
    rows = [
        {
            "key": office.key,
            "name": office.name,
            "level": office.level,
            "parent": office.parent.key if office.parent else None,
        }
        for office in await visible(current_actor(request))
        if office.closed_on is None
    ]
    data = await asyncio.to_thread(write, "机构", COLUMNS, rows)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote('机构')}.xlsx"}
    return Response(data, media_type=XLSX, headers=headers)


@get("/organisations/{key:str}", opt=VIEW, include_in_schema=False)
async def office_page(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[Any]:
    """One office, what is below it, and what can be done with it."""
    actor = current_actor(request)
    office = (await visible(actor)).find(key)
    return pages.render(
        request,
        "api/organisation.html",
        office=office,
        href=office_href(office.key),
        depth=depth_shown(office.children) if office.children else 0,
        campaigns=len(await office_campaigns.live(office.id)),
        may_see_audit=actor.holds("audit.view"),
    )


ROUTES = [office_list, office_export, office_page]
