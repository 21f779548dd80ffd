"""Calendar feeds: read by calendar programmes, without signing in, by a secret in the address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, head
from litestar.params import FromPath

from api.kit import limits
from api.kit.conditional import http_date
from api.kit.problems import NotFound
from core import campaigns, office_observances
from core.moments import now
from core.process import Process
from core.scopes import Scope
from events import calendar, feed_tokens, feeds
from events.feed_shelf import KEPT_FOR, Shelf, Written
from events.feed_tokens import Subscription

OPEN = {"public": True, "no_actor": True, "limit": "feed"}
ENDING = ".ics"
MEDIA_TYPE = "text/calendar"  # Litestar adds the charset


def calendar_headers(name: str, how: str = "inline") -> dict[str, str]:
    """Headers of a calendar to be looked at in place (or an ``attachment``), and its file name."""
    return {"Content-Disposition": f'{how}; filename="{name}{ENDING}"'}


def site_address(request: Request[Any, Any, Any]) -> str:
    """This installation's address as set, else as the request came; without a slash at its end."""
    process: Process = request.app.state["process"]
    return process.settings.base_url or str(request.base_url).rstrip("/")


async def _feed(request: Request[Any, Any, Any], name: str) -> tuple[Written, dict[str, str]]:
    """The feed and its headers. Raises NotFound.

    It is never compressed: Outlook does not read compressed calendars.
    """
    if not name.endswith(ENDING):
        raise NotFound
    subscription = await feed_tokens.resolve(name.removesuffix(ENDING))
    limits.give_back(request)
    site, at = site_address(request), now()
    place = (subscription.campaign_id, subscription.organisation_id, site)
    shelf: Shelf = request.app.state["feeds"]
    written = shelf.find(place, subscription.revision, at)
    if written is None:
        written, whole = await _written(request.app.state["process"], subscription, site, at)
        if whole:
            shelf.keep(place, subscription.revision, written)
    headers = {
        "ETag": written.etag,
        "Last-Modified": http_date(written.modified_at),
        "Cache-Control": "private, no-cache",
        **calendar_headers(subscription.campaign),
    }
    return written, headers


async def _written(
    process: Process, subscription: Subscription, site: str, at: datetime
) -> tuple[Written, bool]:
    """The feed as it stands now, and whether every plugin gave its entries."""
    campaign = await campaigns.find(subscription.campaign)
    catalogue = await office_observances.joined(process.catalogue)
    scope = Scope(
        campaign.id, campaign.key, subscription.organisation_id, subscription.organisation
    )
    found = await calendar.read(campaign, scope, process.plugins, catalogue, now=at, site=site)
    data = feeds.render_feed(found.name, found.description, found.entries, now=at)
    stale_at = at + KEPT_FOR
    lapse = feeds.next_lapse(found.entries, now=at)
    written = Written(
        data, feeds.etag(data), found.modified_at, min(lapse, stale_at) if lapse else stale_at
    )
    return written, not found.failures


@get("/feeds/{name:str}", opt=OPEN, tags=["feeds"], media_type="text/calendar")
async def feed(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """Give a feed as iCalendar: ``/feeds/{token}.ics``."""
    written, headers = await _feed(request, name)
    return Response(written.data, media_type=MEDIA_TYPE, headers=headers)


@head("/feeds/{name:str}", opt=OPEN, include_in_schema=False)
async def feed_head(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[None]:
    """Give the headers of a feed."""
    written, headers = await _feed(request, name)
    length = {"Content-Length": str(len(written.data))}
    return Response(None, media_type=MEDIA_TYPE, headers={**headers, **length})


ROUTES = [feed, feed_head]
