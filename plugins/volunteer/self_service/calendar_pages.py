"""A volunteer's own calendar: the page to get its address, and the calendar itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response, get, head, post
from litestar.params import FromPath
from markupsafe import Markup

from api.kit import forms, limits, pages
from api.kit.guards import current_actor
from api.kit.problems import NotFound
from core.moments import now
from core.qr import qr_svg
from events import feeds
from plugins.volunteer.self_service import calendar
from plugins.volunteer.self_service.own import (
    HOME,
    OWN,
    own_profile,
    render,
    site_of,
    without_profile,
)
from plugins.volunteer.signing_up.profiles import Profile

PAGE = f"{HOME}/calendar"
FEED = "/feeds/volunteer/{name:str}"
OPEN = {"public": True, "no_actor": True, "limit": "feed"}
ENDING = ".ics"
CHOICES = [{"value": code, "label": label} for code, label in calendar.ALARMS.items()]


def _addresses(request: Request[Any, Any, Any], token: str) -> dict[str, Any]:
    """The address as programmes and phones take it. An iPhone subscribes by ``webcal:``."""
    site = site_of(request)
    parts = urlsplit(site)
    address = f"{site}{calendar.path(token)}"
    subscribe = f"webcal://{parts.netloc}{parts.path}{calendar.path(token)}"
    return {
        "address": address,
        "subscribe": subscribe,
        "address_code": Markup(qr_svg(address, title="日历地址的二维码")),  # noqa: S704 — own SVG
    }


async def _page(
    request: Request[Any, Any, Any],
    profile: Profile,
    *,
    made: dict[str, Any] | None = None,
    form: forms.Form | None = None,
) -> Response[Any]:
    standing = await calendar.find(profile.id)
    minutes = standing.alarm_minutes if standing else None
    shown = form or forms.filled([("alarm", "" if minutes is None else str(minutes))])
    return render(
        request,
        "volunteer/self_service/calendar.html",
        "/calendar",
        status=200 if shown.ok else 422,
        feed=standing,
        made=made,
        form=shown,
        choices=CHOICES,
        chosen=calendar.ALARMS["" if minutes is None else str(minutes)],
    )


@get(PAGE, **OWN)
async def my_calendar(request: Request[Any, Any, Any]) -> Response[Any]:
    """Explain the calendar and say whether there is an address."""
    profile = await own_profile(request)
    return await _page(request, profile) if profile else without_profile()


@post(PAGE, **OWN)
async def my_calendar_make(request: Request[Any, Any, Any]) -> Response[Any]:
    """Make an address and show it, this once; or change the reminder of the one that stands."""
    profile = await own_profile(request)
    if profile is None:
        return without_profile()
    form = await forms.read(request)
    alarm = form.choice("alarm", [*calendar.ALARMS])
    if not form.ok:
        return await _page(request, profile, form=form)
    minutes = int(alarm) if alarm else None
    if form.value("act") == "remind" and await calendar.find(profile.id):
        await calendar.remind(current_actor(request), profile, minutes)
        return pages.see_other(request, PAGE, "已改好提醒，地址不变。")
    token = await calendar.make(current_actor(request), profile, minutes)
    return await _page(request, profile, made=_addresses(request, token))


@post(f"{PAGE}/stop", **OWN)
async def my_calendar_stop(request: Request[Any, Any, Any]) -> Response[Any]:
    """End the address."""
    profile = await own_profile(request)
    if profile is None:
        return without_profile()
    await calendar.stop(current_actor(request), profile)
    return pages.see_other(request, PAGE, "已停用，用这个地址订阅的日历不再更新。")


async def _feed(request: Request[Any, Any, Any], name: str) -> tuple[bytes, dict[str, str]]:
    """The calendar and its headers. Raises NotFound.

    There is no Last-Modified: who moves up from a waiting list changes no shift.
    """
    if not name.endswith(ENDING):
        raise NotFound
    found = await calendar.resolve(name.removesuffix(ENDING))
    limits.give_back(request)
    data = await calendar.render(found, now=now(), site=site_of(request))
    return data, {
        "ETag": feeds.etag(data),
        "Cache-Control": "private, no-cache",
        "Content-Disposition": 'inline; filename="volunteer.ics"',
    }


@get(FEED, opt=OPEN, tags=["feeds"], media_type="text/calendar")
async def own_feed(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """Give a volunteer's own shifts as iCalendar: ``/feeds/volunteer/{token}.ics``."""
    data, headers = await _feed(request, name)
    return Response(data, media_type="text/calendar", headers=headers)


@head(FEED, opt=OPEN, include_in_schema=False)
async def own_feed_head(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[None]:
    """Give the headers of a volunteer's calendar."""
    data, headers = await _feed(request, name)
    length = {"Content-Length": str(len(data))}
    return Response(None, media_type="text/calendar", headers={**headers, **length})


PAGES: list[Any] = [my_calendar, my_calendar_make, my_calendar_stop, own_feed, own_feed_head]
