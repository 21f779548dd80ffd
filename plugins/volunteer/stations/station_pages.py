"""The page that stands at a shift's place: its code, big, and how many are here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath
from markupsafe import Markup

from api.kit.campaign_pages import process_of
from api.kit.records import find
from api.kit.records.visits import visit
from core import moments, qr
from plugins.volunteer.punching.states import ShiftTimes
from plugins.volunteer.punching.taken import PUNCH
from plugins.volunteer.records import SHIFTS
from plugins.volunteer.stations import codes, reading
from plugins.volunteer.stations.reading import Station

CANCELLED = "这个班次已经取消，不用签到。"
EARLY = "还没有到签到的时候，班次开始前2小时这里会显示二维码。"
OVER = "这个班次已经结束，不能再签到签退。漏签的请在服务记录里补登。"
PATH = "/campaigns/{campaign:str}/volunteer/shifts/{key:str}/station"


def site_address(request: Request[Any, Any, Any]) -> str:
    """Where phones find this site, without a slash at the end."""
    return process_of(request).settings.base_url or str(request.base_url).rstrip("/")


def closed_because(station: Station, now: datetime) -> str:
    """Why nobody can come or go now; "" when he can."""
    if station.cancelled:
        return CANCELLED
    times = ShiftTimes(station.id, station.starts_at, station.ends_at)
    if times.takes(now):
        return ""
    return EARLY if now < station.starts_at else OVER


@get(PATH, opt={"permission": PUNCH}, include_in_schema=False)
async def station_page(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Show the code of this half minute."""
    here = await visit(request, campaign, SHIFTS)
    row = await find(here.work, SHIFTS, key, PUNCH)
    station, now = await reading.find(row["id"]), moments.now()
    address = f"{site_address(request)}/volunteer/c/{station.id}/{codes.code(station.id, now)}"
    return here.page.render(
        request,
        "volunteer/stations/station.html",
        station=station,
        href=here.record(row),
        closed=closed_because(station, now),
        counts=await reading.counts(station.id),
        address=address,
        svg=Markup(qr.qr_svg(address, title="签到二维码，每30秒更换")),  # noqa: S704 — drawn by us
        seconds=codes.seconds_left(now),
    )


STATIONS: list[Any] = [station_page]
