"""An application with a few handlers of its own, and browsers and programmes that ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import msgspec
import pytest
from litestar import Litestar, Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from api.application import create
from api.kit import pages
from api.kit.guards import current_actor, require
from api.kit.idempotency import create_once
from core import audit
from core.permissions import SYSTEM
from core.refusals import Conflict, Fault, Missing, Refusal


class Line(msgspec.Struct, forbid_unknown_fields=True):
    quantity: Annotated[int, msgspec.Meta(ge=0)]


class Thing(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(max_length=5)]
    lines: list[Line] = []


@get("/silent", include_in_schema=False)
async def silent() -> str:
    return "nobody may read this"


@get("/api/v1/things/{office:int}", opt={"permission": "campaign.view"})
async def thing(request: Request[Any, Any, Any], office: FromPath[int]) -> dict[str, int]:
    await require(current_actor(request), "campaign.view", office)
    return {"office": office}


@get("/api/v1/list", opt={"public": True})
async def listing(size: FromQuery[int] = 1) -> list[str]:
    return ["张"] * size


@post("/api/v1/things", opt={"permission": "activity.manage"})
async def add_thing(
    request: Request[Any, Any, Any], data: JSONBody[Thing]
) -> Response[dict[str, Any]]:
    async def work() -> dict[str, Any]:
        await audit.record(SYSTEM, "thing.created", "thing", data.name)
        if data.name == "boom":
            raise Refusal(Fault("/name", "value", "不行"))
        return {"name": data.name, "secret": "s"}

    return await create_once(
        request, work, location=lambda made: f"/api/v1/things/{made['name']}", secret=["secret"]
    )


@post("/write", opt={"signed_in": True}, include_in_schema=False)
async def write(request: Request[Any, Any, Any]) -> Response[Any]:
    return pages.see_other(request, "/password", "写好了。")


@get("/fail/{how:str}", opt={"public": True}, include_in_schema=False)
async def fail(how: FromPath[str]) -> str:
    raise {
        "refusal": Refusal(Fault("/a", "value", "甲不对"), Fault("/b", "missing", "缺乙")),
        "conflict": Conflict.of("duplicate", "已经有了"),
        "missing": Missing("没有这次活动"),
        "bug": RuntimeError("张三 110101199001011237"),
    }[how]


HANDLERS = [silent, thing, listing, add_thing, write, fail]


@pytest.fixture
def small_application() -> Litestar:
    return create(HANDLERS, version="1.2.3")


Visit = Callable[..., Any]


@pytest.fixture
def visit(small_application: Litestar) -> Visit:
    """Give a way in: `async with visit(accept="text/html", token=…) as browser`."""

    @asynccontextmanager
    async def made(
        *, base: str = "http://localhost", token: str = "", **headers: str
    ) -> AsyncIterator[httpx.AsyncClient]:
        if token:
            headers["authorization"] = f"Bearer {token}"
        transport = httpx.ASGITransport(app=small_application, raise_app_exceptions=False)  # type: ignore[arg-type]
        # The application's lifespan holds nothing that its requests need: the database is the
        # fixture's, and a fixture may be torn down in another task than it was made in.
        async with httpx.AsyncClient(
            transport=transport, base_url=base, headers=headers
        ) as browser:
            yield browser

    return made
