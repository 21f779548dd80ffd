"""Checking oneself in or out: from the scanned code to the word that says what was taken."""

from __future__ import annotations

import re
import secrets
import uuid
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from api.kit import cookies, forms, pages, requests
from api.kit.guards import current_actor
from core import campaigns, database, moments
from core.permissions import Actor
from plugins.volunteer.authority import SELF
from plugins.volunteer.punching import punches
from plugins.volunteer.punching.punches import Sent
from plugins.volunteer.signing_up import profiles
from plugins.volunteer.signing_up.profiles import Profile
from plugins.volunteer.stations import codes, reading
from plugins.volunteer.stations.codes import Ticket
from plugins.volunteer.stations.reading import Station
from plugins.volunteer.stations.words import outcome

TICKET, DEVICE = "station", "device"
DEVICE_SECONDS = 366 * 24 * 3600
KNOWN_DEVICE = re.compile(r"[A-Za-z0-9_-]{16}")
OWN: dict[str, Any] = {"opt": {"permission": SELF}, "include_in_schema": False}
CHECK_IN = "/volunteer/c/{shift:int}"


def _device(request: Request[Any, Any, Any]) -> str:
    """What tells this browser from others, so that one phone for many people is noticed."""
    held = cookies.read(request, DEVICE) or ""
    return held if KNOWN_DEVICE.fullmatch(held) else secrets.token_urlsafe(12)


def _ticket(request: Request[Any, Any, Any], shift: int) -> Ticket | None:
    """The ticket of this browser for this shift, while it holds."""
    held = codes.read_ticket(cookies.read(request, TICKET) or "", moments.now())
    return held if held and held.shift_id == shift else None


@get(f"{CHECK_IN}/{{code:str}}", opt={"public": True, "limit": "page"}, include_in_schema=False)
async def scan(
    request: Request[Any, Any, Any], shift: FromPath[int], code: FromPath[str]
) -> Response[Any]:
    """Take a code that was scanned: the browser keeps a ticket and goes on without the code."""
    now = moments.now()
    if not codes.is_current(shift, code, now):
        return pages.render(request, "volunteer/stations/stale.html", status=410, title="码过期了")
    address = f"/volunteer/c/{shift}"
    if requests.actor_or_none(request) is None:
        address = f"/volunteer/sign-in?next={quote(address, safe='')}"
    response = Redirect(address, status_code=303)
    seconds = int(codes.HOLDS.total_seconds())
    cookies.write(request, response, TICKET, codes.ticket(shift, now), seconds=seconds)
    cookies.write(request, response, DEVICE, _device(request), seconds=DEVICE_SECONDS)
    return response


@get(CHECK_IN, **OWN)
async def check_in_page(request: Request[Any, Any, Any], shift: FromPath[int]) -> Response[Any]:
    """Show the one button that fits now, or what became of the last press."""
    profile = await profiles.mine(current_actor(request))
    if profile is None:
        return pages.render(request, "volunteer/stations/stale.html", title="还没有登记")
    nonce = request.query_params.get("nonce", "")
    ticket = _ticket(request, shift)
    if ticket is None and not nonce:
        return pages.render(request, "volunteer/stations/stale.html", title="请重新扫码")
    station = await reading.find(shift)
    person = await _person(station, profile)
    taken = await reading.taken(station.campaign_id, nonce, person) if nonce and person else None
    if taken is None and ticket is None:
        return pages.render(request, "volunteer/stations/stale.html", title="请重新扫码")
    here = bool(person) and await reading.is_here(station.id, person)
    return pages.render(
        request,
        "volunteer/stations/check_in.html",
        station=station,
        profile=profile,
        taken=taken,
        outcome=outcome(taken.direction, taken.code) if taken else None,
        direction="out" if here else "in",
        nonce=str(uuid.uuid4()),
        action=f"/volunteer/c/{station.id}",
        may_press=ticket is not None,
    )


@post(CHECK_IN, **OWN)
async def check_in(request: Request[Any, Any, Any], shift: FromPath[int]) -> Response[Any]:
    """Take the coming or going of whoever presses, at the moment when he scanned."""
    actor = current_actor(request)
    form = await forms.read(request)
    nonce, direction = form.value("nonce"), form.value("direction")
    address = f"/volunteer/c/{shift}"
    profile, ticket = await profiles.mine(actor), _ticket(request, shift)
    if not _is_nonce(nonce) or profile is None:
        return Redirect(address, status_code=303)
    if ticket is not None:
        going = "out" if direction == "out" else "in"
        station = await reading.find(shift)
        await _take(station, profile, actor, (nonce, going, _device(request)), ticket)
    return Redirect(f"{address}?nonce={nonce}", status_code=303)


async def _take(
    station: Station,
    profile: Profile,
    actor: Actor,
    pressed: tuple[str, Any, str],
    ticket: Ticket,
) -> None:
    """Record it, of the person that the profile is in this campaign."""
    nonce, direction, device = pressed
    campaign = await campaigns.find(station.campaign)
    async with database.transaction(durable=True):
        await campaigns.touch(campaign.id)
        person = await profiles.person_in(campaign.id, profile)
        key = await database.fetch_value(
            "SELECT key FROM volunteer_person WHERE id = :id", id=person
        )
        sent = Sent(nonce, station.key, key, direction, ticket.at, device)
        await punches.take(campaign, [sent], actor=actor, source="self")


async def _person(station: Station, profile: Profile) -> int:
    """Who the profile is in the shift's campaign; 0 for nobody yet."""
    found = await database.fetch_value(
        "SELECT id FROM volunteer_person WHERE campaign = :campaign AND profile = :profile",
        campaign=station.campaign_id,
        profile=profile.id,
    )
    return int(found or 0)


def _is_nonce(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


CHECK_INS: list[Any] = [scan, check_in_page, check_in]
