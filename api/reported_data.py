"""Reported figures as JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody

from api.kit import paging
from api.kit.campaign_pages import process_of
from api.kit.guards import current_actor
from api.kit.idempotency import create_once
from api.reported_views import references
from core import campaign_access, campaigns, reported_figures
from core.reported_figures import REPORT, ReportedFigure, Statement, Wanted

VIEW, WRITE = {"permission": "figure.view"}, {"permission": REPORT}
TAGS = ["reported figures"]
Key = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Value = Annotated[
    str, msgspec.Meta(pattern=r"^[0-9]+(\.[0-9]+)?$", max_length=500, description="例如 12.5")
]
Source = Annotated[str, msgspec.Meta(min_length=1, max_length=500, description="数据从哪里来")]


class ReportedOut(msgspec.Struct):
    """A reported figure, as bundles hold it."""

    key: str
    metric: str
    organisation: str
    activity: str | None
    value: str
    basis: str
    approximate: bool
    source: str


class ReportedIn(msgspec.Struct, forbid_unknown_fields=True):
    """A figure to be reported; a ``key`` is made when none is given."""

    metric: Key
    organisation: Key
    value: Value
    basis: str
    source: Source
    activity: Key | None = None
    approximate: bool = False
    key: Key | None = None


class ReportedChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is to change; what is left out stays."""

    metric: Key | msgspec.UnsetType = msgspec.UNSET
    organisation: Key | msgspec.UnsetType = msgspec.UNSET
    value: Value | msgspec.UnsetType = msgspec.UNSET
    basis: str | msgspec.UnsetType = msgspec.UNSET
    source: Source | msgspec.UnsetType = msgspec.UNSET
    activity: Key | msgspec.UnsetType | None = msgspec.UNSET
    approximate: bool | msgspec.UnsetType = msgspec.UNSET


def reported_out(found: ReportedFigure) -> ReportedOut:
    """A reported figure as the API gives it."""
    stated = found.statement
    return ReportedOut(
        key=found.key,
        metric=stated.metric,
        organisation=stated.organisation,
        activity=stated.activity,
        value=stated.value,
        basis=stated.basis,
        approximate=stated.approximate,
        source=stated.source,
    )


@get("/api/v1/campaigns/{campaign:str}/reported", opt=VIEW, tags=TAGS)
async def reported_index(
    request: Request[Any, Any, Any],
    *,
    campaign: FromPath[str],
    organisation: FromQuery[str] = "",
    metric: FromQuery[str] = "",
    basis: FromQuery[str] = "",
    cursor: paging.CursorText = "",
    limit: paging.Limit = paging.USUAL_PAGE,
) -> paging.Page[ReportedOut]:
    """List reported figures, the latest first: those of an office and below, of a metric."""
    actor, place = current_actor(request), paging.decode(cursor, (int,))
    looked_at = await campaigns.find(campaign)
    view = await campaign_access.view(actor, looked_at, "figure.view", organisation or None)
    wanted = Wanted(metric, view.scope.organisation_id if organisation else None, basis)
    found = await reported_figures.listed(
        actor, looked_at, wanted, place[0] if place else 0, limit + 1
    )
    page, following = paging.cut(found, limit, lambda each: (each.id,))
    return paging.Page([reported_out(each) for each in page], following)


@post("/api/v1/campaigns/{campaign:str}/reported", opt=WRITE, tags=TAGS)
async def reported_add(
    request: Request[Any, Any, Any], campaign: FromPath[str], data: JSONBody[ReportedIn]
) -> Response[ReportedOut]:
    """Report a figure."""
    actor, plugins = current_actor(request), process_of(request).plugins
    looked_at = await campaigns.find(campaign)
    await campaign_access.view(actor, looked_at, REPORT)
    given = msgspec.structs.asdict(data)
    key = given.pop("key") or ""

    async def work() -> ReportedOut:
        known, _ = await references(looked_at, plugins)
        made = await reported_figures.add(actor, looked_at, known, Statement(**given), key)
        return reported_out(await reported_figures.find(actor, looked_at, made))

    base = f"/api/v1/campaigns/{quote(campaign, safe='')}/reported/"
    return await create_once(
        request, work, location=lambda made: base + quote(made["key"], safe="")
    )


@get("/api/v1/campaigns/{campaign:str}/reported/{key:str}", opt=VIEW, tags=TAGS)
async def reported_item(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> ReportedOut:
    """Give one reported figure."""
    looked_at = await campaigns.find(campaign)
    return reported_out(await reported_figures.find(current_actor(request), looked_at, key))


@patch("/api/v1/campaigns/{campaign:str}/reported/{key:str}", opt=WRITE, tags=TAGS)
async def reported_change(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    data: JSONBody[ReportedChange],
) -> ReportedOut:
    """State a reported figure anew."""
    actor, looked_at = current_actor(request), await campaigns.find(campaign)
    found = await reported_figures.find(actor, looked_at, key, REPORT)
    given = msgspec.structs.asdict(data).items()
    changes = {name: value for name, value in given if value is not msgspec.UNSET}
    known, _ = await references(looked_at, process_of(request).plugins)
    statement = replace(found.statement, **changes)
    await reported_figures.change(actor, looked_at, known, key, statement)
    return reported_out(await reported_figures.find(actor, looked_at, key))


@delete("/api/v1/campaigns/{campaign:str}/reported/{key:str}", opt=WRITE, tags=TAGS)
async def reported_remove(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> None:
    """Take a reported figure back."""
    looked_at = await campaigns.find(campaign)
    await reported_figures.remove(current_actor(request), looked_at, key)


ROUTES = [reported_index, reported_add, reported_item, reported_change, reported_remove]
