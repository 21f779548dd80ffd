"""Many lines at once, as JSON."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from api.kit.idempotency import create_once
from api.kit.records.data import body_of, data_path
from api.kit.records.visits import enter
from core.refusals import Refusal
from core.shapes import Problems
from plugins.condolence import deliveries
from plugins.condolence.records import EDIT, ROUNDS

ROUND = f"{data_path(ROUNDS)}/{{key:str}}"


@post(f"{ROUND}/recipients", opt={"permission": EDIT}, tags=["condolence"])
async def round_give(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Bring all recipients of an office and below into the round, each with the same."""
    work = await enter(request, campaign, ROUNDS)
    gift = deliveries.read_gift(await body_of(request))

    async def give() -> dict[str, int]:
        return {"added": await deliveries.give(work, key, gift)}

    return await create_once(request, give)


@post(f"{ROUND}/status", opt={"permission": EDIT}, tags=["condolence"], status_code=200)
async def round_mark(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> dict[str, int]:
    """Give the named recipients' lines, or all planned ones, another status."""
    work = await enter(request, campaign, ROUNDS)
    problems = Problems()
    found = deliveries.MARK(await body_of(request), (), problems)
    if problems.found:
        raise Refusal(*problems.found)
    changed = await deliveries.mark(work, key, found["status"], found["recipients"])
    return {"changed": changed}


DATA: list[Any] = [round_give, round_mark]
