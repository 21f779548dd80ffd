"""Several people at once, as JSON."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from api.kit.idempotency import create_once
from api.kit.records.data import body_of, data_path
from api.kit.records.visits import enter
from core.refusals import Refusal
from core.shapes import Problems, Shape, key, list_of, object_of, one_of, text
from plugins.job_fair import doing
from plugins.job_fair.naming import Named
from plugins.job_fair.records import EDIT, FAIRS
from plugins.job_fair.rules import STAGES

FAIR = f"{data_path(FAIRS)}/{{key:str}}"
CAME = object_of({"seekers": list_of(key)})
MOVED = object_of({"applications": list_of(text()), "stage": one_of(*STAGES)})


async def _checked(request: Request[Any, Any, Any], shape: Shape) -> dict[str, Any]:
    """The body of a request in this shape. Raises Refusal."""
    problems = Problems()
    found: dict[str, Any] = shape(await body_of(request), (), problems)
    if problems.found:
        raise Refusal(*problems.found)
    return found


@post(f"{FAIR}/attendances", opt={"permission": EDIT}, tags=["job_fair"])
async def fair_attend(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Note several seekers (by key) as having come to the fair."""
    work = await enter(request, campaign, FAIRS)
    people = Named(keys=(await _checked(request, CAME))["seekers"])

    async def attend() -> dict[str, int]:
        return {"added": await doing.attend(work, key, people)}

    return await create_once(request, attend)


@post(f"{FAIR}/stages", opt={"permission": EDIT}, tags=["job_fair"], status_code=200)
async def fair_move(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> dict[str, int]:
    """Move applications of the fair (``seeker~position~ordinal``) to a stage."""
    work = await enter(request, campaign, FAIRS)
    found = await _checked(request, MOVED)
    return {"changed": await doing.move(work, key, found["applications"], found["stage"])}


DATA: list[Any] = [fair_attend, fair_move]
