"""The steward's page and what makes it installable, and the list of devices.

The page is a shell: it holds nobody's name and no token, so that it may lie in a browser's cache.
Everything else comes as JSON to a device that was set up.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.kit import pages
from api.kit.campaign_pages import CampaignPage, campaign_context, campaign_href
from api.kit.filters import static_addresses
from api.kit.guards import require_in_campaign
from api.kit.problems import NotFound
from plugins.volunteer.punching.taken import PUNCH
from plugins.volunteer.stations import words
from plugins.volunteer.steward import devices

STATIC = Path(__file__).parent.parent / "static"
# What the page loads by itself: the modules that its first one imports, and pictures.
LOADED = (
    "steward/app.js",
    "steward/camera.js",
    "steward/rules.js",
    "steward/screens.js",
    "steward/sealing.js",
    "steward/sending.js",
    "steward/server.js",
    "steward/store.js",
    "signals.js",
)
STYLES = ("tongxing.css", "volunteer/service.css", "favicon.svg")
BASE = "/campaigns/{campaign:str}/volunteer"
OPEN: dict[str, Any] = {"opt": {"public": True, "no_actor": True}, "include_in_schema": False}
PUNCHING: dict[str, Any] = {"opt": {"permission": PUNCH}, "include_in_schema": False}


def _home(campaign: str) -> str:
    return f"/campaigns/{quote(campaign, safe='')}/volunteer"


def _shell(request: Request[Any, Any, Any], campaign: str) -> Response[Any]:
    """The page as it is for everybody."""
    return pages.render(
        request,
        "volunteer/steward/steward.html",
        actor=None,
        navigation=[],
        messages=[],
        csrf_token="",
        campaign=campaign,
        home=_home(campaign),
        outcomes=words.as_data(),
    )


async def _entered(request: Request[Any, Any, Any], campaign: str) -> CampaignPage:
    page = await campaign_context(request, campaign)
    if "volunteer" not in page.campaign.enabled:
        raise NotFound
    await require_in_campaign(page.actor, PUNCH, page.campaign.id)
    return page


@get(f"{BASE}/steward", **PUNCHING)
async def steward_page(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Show the shell to those who may set a device up."""
    page = await _entered(request, campaign)
    return _shell(request, page.campaign.key)


@get(f"{BASE}/steward/shell", **OPEN)
async def steward_shell(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Give the worker the same page when nobody is signed in: there is nothing of anybody in it."""
    return _shell(request, campaign)


@get(f"{BASE}/steward/worker.js", **OPEN)
async def steward_worker(
    request: Request[Any, Any, Any], campaign: FromPath[str]
) -> Response[bytes]:
    """The service worker, with the list of what it keeps; a new list is a new worker."""
    address = static_addresses(request.app.state.static_folders)
    files = [address(name) for name in STYLES]
    files += [address(f"volunteer/{name}").partition("?")[0] for name in LOADED]
    digests = "".join(address(f"volunteer/{name}") for name in LOADED)
    html = _shell(request, campaign).content
    kept = hashlib.sha256((digests + "".join(files) + str(html)).encode()).hexdigest()[:12]
    home = _home(campaign)
    told = {"page": f"{home}/steward", "shell": f"{home}/steward/shell", "files": files}
    told |= {"caches": f"steward {campaign} ", "version": kept}
    head = f"const KEPT = {json.dumps(told)};\n".encode()
    source = (STATIC / "steward" / "worker.js").read_bytes()
    headers = {"Service-Worker-Allowed": f"{home}/steward", "Cache-Control": "no-cache"}
    return Response(head + source, media_type="text/javascript", headers=headers)


@get(f"{BASE}/steward/app.webmanifest", **OPEN)
async def steward_manifest(
    request: Request[Any, Any, Any], campaign: FromPath[str]
) -> Response[bytes]:
    """What the page is called and looks like once it is installed."""
    address = static_addresses(request.app.state.static_folders)
    page = f"{_home(campaign)}/steward"
    icons = [
        {"src": address("volunteer/steward/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
        *(
            {
                "src": address(f"volunteer/steward/icon-{side}.png"),
                "sizes": f"{side}x{side}",
                "type": "image/png",
                "purpose": "any maskable",
            }
            for side in (192, 512)
        ),
    ]
    told = {
        "name": "同行签到",
        "short_name": "签到",
        "description": "志愿服务现场签到签退，没有网络也能用",
        "lang": "zh-CN",
        "id": page,
        "start_url": page,
        "scope": page,
        "display": "standalone",
        "background_color": "#faf7f0",
        "theme_color": "#0b5750",
        "icons": icons,
    }
    data = json.dumps(told, ensure_ascii=False).encode()
    return Response(data, media_type="application/manifest+json")


@get(f"{BASE}/devices", **PUNCHING)
async def devices_page(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """List the devices."""
    page = await _entered(request, campaign)
    found = await devices.listed(page.actor, page.campaign)
    home = campaign_href(page.campaign.key, "/volunteer")
    return page.render(request, "volunteer/steward/devices.html", devices=found, home=home)


@post(f"{BASE}/devices/{{key:str}}/revoke", **PUNCHING)
async def revoke_device(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Take a device out of use."""
    page = await _entered(request, campaign)
    label = await devices.revoke(page.actor, page.campaign, key)
    said = f"已停用“{label}”。它下次联网时会清除自己，没有发送的签到签退也会清除。"
    return pages.see_other(request, campaign_href(page.campaign.key, "/volunteer/devices"), said)


PAGES: list[Any] = [
    steward_page,
    steward_shell,
    steward_worker,
    steward_manifest,
    devices_page,
    revoke_device,
]
