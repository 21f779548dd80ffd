"""Files of a recap that are made in the background, for programmes."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody

from api.kit.guards import current_actor
from api.kit.idempotency import create_once
from api.recap.renderings import base_url, file_answer
from core import campaign_access, campaigns
from core.moments import offset_text
from core.recap.making import process as rendering_process
from core.recap.making import renderings
from core.recap.making.renderings import Rendering

VIEW = {"permission": "recap.view"}
TAGS = ["recap"]
Key = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class RenderingIn(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be made: ``format`` is docx, pdf or xlsx.

    ``organisation`` is the topmost office whose recap the asker may read unless it is given;
    ``version`` is one that was handed in, null for what the recap says now.
    """

    format: str
    organisation: Key | None = None
    version: Version | None = None


class RenderingOut(msgspec.Struct):
    """A file in the making. ``state`` is queued, running, done or failed; ``fault`` says why.

    ``done_steps`` of ``all_steps`` are behind it, ``step`` says in Chinese what it does now.
    ``file`` is the address of the file, null until it is done; it is kept until ``kept_until``.
    """

    key: str
    organisation: str
    format: str
    version: int | None
    state: str
    step: str
    done_steps: int
    all_steps: int
    fault: str
    filename: str
    size: int | None
    file: str | None
    created_at: str
    finished_at: str | None
    kept_until: str


def _address(campaign: str, key: str) -> str:
    return f"/api/v1/campaigns/{quote(campaign, safe='')}/recap/renderings/{quote(key, safe='')}"


def _out(found: Rendering) -> RenderingOut:
    return RenderingOut(
        key=found.key,
        organisation=found.organisation,
        format=found.form,
        version=found.version,
        state=found.state,
        step=found.step,
        done_steps=found.done_steps,
        all_steps=found.all_steps,
        fault=found.fault,
        filename=found.filename,
        size=found.size,
        file=f"{_address(found.campaign, found.key)}/file" if found.state == "done" else None,
        created_at=offset_text(found.created_at),
        finished_at=offset_text(found.finished_at) if found.finished_at else None,
        kept_until=offset_text(found.kept_until),
    )


async def _found(request: Request[Any, Any, Any], campaign: str, key: str) -> Rendering:
    """A file of an office whose recap the asker may read. Raises Missing."""
    looked_at = await campaigns.find(campaign)
    rendering = await renderings.find(looked_at, key)
    await campaign_access.view(
        current_actor(request), looked_at, "recap.view", rendering.organisation
    )
    return rendering


@post(
    "/api/v1/campaigns/{campaign:str}/recap/renderings",
    opt={**VIEW, "limit": "rendering"},
    tags=TAGS,
    status_code=202,
)
async def rendering_add(
    request: Request[Any, Any, Any], campaign: FromPath[str], data: JSONBody[RenderingIn]
) -> Response[RenderingOut]:
    """Have a file of a recap made; where it will be found is its ``Location``."""
    actor, looked_at = current_actor(request), await campaigns.find(campaign)
    view = await campaign_access.view(actor, looked_at, "recap.view", data.organisation)

    async def work() -> RenderingOut:
        key = await renderings.order(
            actor, view.scope, data.format, data.version, base_url(request)
        )
        return _out(await renderings.find(looked_at, key))

    answer = await create_once(
        request, work, status=202, location=lambda made: _address(campaign, made["key"])
    )
    rendering_process.wake()
    return answer


@get("/api/v1/campaigns/{campaign:str}/recap/renderings/{key:str}", opt=VIEW, tags=TAGS)
async def rendering_item(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> RenderingOut:
    """Say how far a file is."""
    return _out(await _found(request, campaign, key))


@get(
    "/api/v1/campaigns/{campaign:str}/recap/renderings/{key:str}/file",
    opt=VIEW,
    tags=TAGS,
    media_type="*/*",
)
async def rendering_item_file(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[bytes]:
    """Give the finished file; 409 (``not_ready``) before."""
    return await file_answer(await _found(request, campaign, key))


ROUTES = [rendering_add, rendering_item, rendering_item_file]
