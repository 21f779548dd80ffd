"""What stewards' devices ask of the server, as JSON.

A device shows its token in ``X-Device-Token``; no cookie is looked at, so that punches arrive when
nobody is signed in any more, and no other site can send any. A revoked one is answered 410.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, JSONBody

from api.kit.campaign_pages import catalogue_of
from api.kit.csrf import session_csrf_token
from api.kit.guards import current_actor, require_in_campaign
from api.kit.problems import NotFound, Problem
from api.kit.requests import session_token
from core import campaigns
from core.campaigns import Campaign
from plugins.volunteer.punching import punches
from plugins.volunteer.punching.data import (
    PunchesIn,
    PunchesOut,
    results_out,
    sent_of,
    skew_of,
)
from plugins.volunteer.punching.taken import PUNCH
from plugins.volunteer.steward import devices, roster
from plugins.volunteer.steward.devices import Device, RevokedError, UnknownDeviceError

BASE = "/api/v1/campaigns/{campaign:str}/volunteer"
DEVICE = f"{BASE}/devices/{{key:str}}"
TOKEN = "x-device-token"  # noqa: S105 — the name of a header
TAGS = ["volunteer"]
UNKNOWN = "没有登记过这台设备。"


class DeviceIn(msgspec.Struct, forbid_unknown_fields=True):
    """A device to be set up: what people call it, and the password that will open it."""

    label: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class DeviceOut(msgspec.Struct):
    """A device; its token is told this once."""

    key: str
    token: str


class WelcomeOut(msgspec.Struct):
    """Who sets a device up, and the token that the request for it shows."""

    steward: str
    office: str
    campaign: str
    csrf_token: str


async def _campaign(key: str) -> Campaign:
    found = await campaigns.find(key)
    if "volunteer" not in found.enabled:
        raise NotFound
    return found


async def _device(request: Request[Any, Any, Any], campaign: Campaign) -> Device:
    """Whose device asks. Raises Problem: 410 for a revoked one, 400 for none of ours."""
    try:
        return await devices.resolve(campaign, request.headers.get(TOKEN, ""))
    except RevokedError as error:
        raise Problem(410, "device_revoked", devices.REVOKED) from error
    except UnknownDeviceError as error:
        raise Problem(400, "unknown_device", UNKNOWN) from error


@get(f"{BASE}/steward", opt={"permission": PUNCH}, tags=TAGS, summary="启用设备之前")
async def welcome(request: Request[Any, Any, Any], campaign: FromPath[str]) -> WelcomeOut:
    """Tell a page that was cached who is signed in now."""
    actor = current_actor(request)
    found = await _campaign(campaign)
    await require_in_campaign(actor, PUNCH, found.id)
    token = session_token(request)
    title = found.title(await catalogue_of(request))
    csrf = session_csrf_token(token) if token else ""
    return WelcomeOut(actor.display_name, actor.office_name, title, csrf)


@post(f"{BASE}/devices", opt={"permission": PUNCH}, tags=TAGS, summary="启用签到设备")
async def set_up(
    request: Request[Any, Any, Any], campaign: FromPath[str], data: JSONBody[DeviceIn]
) -> DeviceOut:
    """Make a device of whoever asks; his own password is tried."""
    actor = current_actor(request)
    found = await _campaign(campaign)
    await require_in_campaign(actor, PUNCH, found.id)
    return DeviceOut(*await devices.set_up(actor, found, data.label, data.password))


@get(f"{BASE}/roster", opt={"public": True}, tags=TAGS, summary="设备上的名单")
async def device_roster(request: Request[Any, Any, Any], campaign: FromPath[str]) -> dict[str, Any]:
    """Give a device the shifts of today and tomorrow with their people."""
    found = await _campaign(campaign)
    device = await _device(request, found)
    return await roster.of(device.actor, found)


@post(
    f"{BASE}/device-punches",
    opt={"public": True},
    tags=TAGS,
    status_code=200,
    summary="设备上的签到签退",
)
async def device_punches(
    request: Request[Any, Any, Any], campaign: FromPath[str], data: JSONBody[PunchesIn]
) -> PunchesOut:
    """Record what a device has taken, as its steward."""
    found = await _campaign(campaign)
    device = await _device(request, found)
    sent, skew = sent_of(data), skew_of(request)
    results = await punches.take(found, sent, actor=device.actor, source="steward", skew=skew)
    return results_out(data, results)


@get(f"{DEVICE}/state", opt={"public": True}, tags=TAGS, summary="设备是否还能用")
async def device_state(campaign: FromPath[str], key: FromPath[str]) -> dict[str, str]:
    """Tell a device that nobody has opened yet whether it is to wipe itself."""
    try:
        await devices.check(await _campaign(campaign), key)
    except RevokedError as error:
        raise Problem(410, "device_revoked", devices.REVOKED) from error
    except UnknownDeviceError as error:
        raise Problem(400, "unknown_device", UNKNOWN) from error
    return {"state": "in_use"}


@post(f"{DEVICE}/wiped", opt={"public": True}, tags=TAGS, status_code=204, summary="设备已清除")
async def device_wiped(campaign: FromPath[str], key: FromPath[str]) -> None:
    """Take note that a device has wiped itself."""
    await devices.wiped(await _campaign(campaign), key)


DATA: list[Any] = [welcome, set_up, device_roster, device_punches, device_state, device_wiped]
