"""Screenings as JSON."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody

from api.kit import paging
from api.kit.idempotency import create_once
from tongxing_hearing_test import records
from tongxing_hearing_test.pages import screenings_of

ADDRESS = "/api/v1/campaigns/{campaign:str}/hearing-test/screenings"
TAGS = ["hearing_test"]
Count = Annotated[int, msgspec.Meta(ge=0, le=10**9)]


class ScreeningOut(msgspec.Struct):
    """A screening."""

    key: str
    organisation: str
    held_on: date
    people: int
    referred: int


class ScreeningIn(msgspec.Struct, forbid_unknown_fields=True):
    """A screening to be written down."""

    organisation: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    held_on: date
    people: Count
    referred: Count


@get(ADDRESS, opt={"permission": records.VIEW}, tags=TAGS)
async def screening_index(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    cursor: paging.CursorText = "",
    limit: paging.Limit = paging.USUAL_PAGE,
) -> paging.Page[ScreeningOut]:
    """List screenings by key."""
    page = await screenings_of(request, campaign, records.VIEW)
    place = paging.decode(cursor, (str,))
    found = await records.listed(page.actor, page.campaign, place[0] if place else "", limit + 1)
    rows, following = paging.cut(found, limit, lambda row: (row["key"],))
    return paging.Page([msgspec.convert(row, ScreeningOut) for row in rows], following)


@post(ADDRESS, opt={"permission": records.EDIT}, tags=TAGS)
async def screening_post(
    request: Request[Any, Any, Any], campaign: FromPath[str], data: JSONBody[ScreeningIn]
) -> Response[ScreeningOut]:
    """Write a screening down."""
    page = await screenings_of(request, campaign, records.EDIT)

    async def work() -> dict[str, Any]:
        return await records.add(page.actor, page.campaign, **msgspec.structs.asdict(data))

    return await create_once(request, work)


ROUTES = [screening_index, screening_post]
