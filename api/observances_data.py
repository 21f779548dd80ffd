"""Observances as JSON: the year's, and those that offices keep themselves."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.kit import paging
from api.kit.campaign_pages import catalogue_of
from api.kit.guards import current_actor
from api.kit.idempotency import create_once
from api.kit.offices import office_id
from core import moments, office_observances
from core.observance_rules import FIRST_YEAR, LAST_YEAR
from core.office_observances import MANAGE

VIEW = {"permission": "campaign.view"}
OPT = {"permission": MANAGE}
TAGS = ["observances"]
Key = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Year = Annotated[int | None, QueryParameter(ge=FIRST_YEAR, le=LAST_YEAR, description="默认今年")]


class OccurrenceOut(msgspec.Struct):
    """An observance in a year; ``organisation`` keeps it, null for one of the catalogue."""

    key: str
    name: str
    family: str
    date: dt.date
    last_date: dt.date
    edition: int | None
    title: str
    theme: str
    organisation: str | None


class ObservanceIn(msgspec.Struct, forbid_unknown_fields=True):
    """A day that an office keeps; the members are those of the catalogue's own file."""

    organisation: Key
    name: str
    rule: dict[str, str | int]
    key: Key | None = None
    base: int | None = None
    first: int | None = None
    counter: str = "次"
    themes: dict[str, str] = {}
    source: str = ""


class ObservanceMade(msgspec.Struct):
    """The key of a day just kept."""

    key: str


@get("/api/v1/observances", opt=VIEW, tags=TAGS)
async def observance_index(
    request: Request[Any, Any, Any], year: Year = None
) -> paging.Page[OccurrenceOut]:
    """List a year's observances by date, all in one page."""
    shown = year or moments.today().year
    catalogue = await catalogue_of(request)
    kept = await office_observances.listed(current_actor(request))
    keepers = {item.observance.key: item.organisation for item in kept}
    built_in = {item.key for item in request.app.state["process"].catalogue}
    items = []
    for each in catalogue.year(shown):
        observance = catalogue.get(each.key)
        if observance is None or each.key not in built_in | keepers.keys():
            continue
        items.append(
            OccurrenceOut(
                each.key,
                each.name,
                observance.family,
                each.date,
                each.last_date,
                each.edition,
                observance.title(shown),
                each.theme,
                None if each.key in built_in else keepers[each.key],
            )
        )
    return paging.Page(items, None)


@post("/api/v1/observances", opt=OPT, tags=TAGS)
async def observance_add(
    request: Request[Any, Any, Any], data: JSONBody[ObservanceIn]
) -> Response[ObservanceMade]:
    """Let an office keep a day of its own."""
    actor, catalogue = current_actor(request), await catalogue_of(request)
    rule: dict[str, Any] = {"name": data.name, "rule": data.rule, "counter": data.counter}
    optional = {"base": data.base, "first": data.first, "themes": data.themes}
    rule |= {name: value for name, value in optional.items() if value}
    if data.source:
        rule["source"] = data.source

    async def work() -> ObservanceMade:
        office = await office_id(actor, MANAGE, data.organisation)
        return ObservanceMade(
            await office_observances.add(
                actor, catalogue, rule, organisation_id=office, key=data.key or ""
            )
        )

    return await create_once(request, work)


@delete("/api/v1/observances/{key:str}", opt=OPT, tags=TAGS)
async def observance_remove(request: Request[Any, Any, Any], key: FromPath[str]) -> None:
    """Give a day up, unless a campaign is held for it."""
    await office_observances.remove(current_actor(request), key)


ROUTES = [observance_index, observance_add, observance_remove]
