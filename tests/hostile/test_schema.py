"""The OpenAPI document, believed and disbelieved: whatever is asked, the answer is one it names."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from api.kit.guards import handlers
from core.permissions import ROLES
from tests.fixtures.every_route import World, installed
from tests.hostile.tried import ASKERS, Answers, Trial


async def tried(world: World, app: Litestar, **how: Any) -> Answers:
    """What came of the requests."""
    document = (await world.nobody.get("/schema/openapi.json")).json()
    for role, office in ASKERS:
        if role:
            await world.bearer(role, office)
    trial = Trial(world, asyncio.get_running_loop(), document, installed(app))
    return await asyncio.to_thread(trial.run, **how)


def test_every_role_asks():
    assert {role for role, _ in ASKERS} == {*ROLES, ""}


@pytest.mark.slow
@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_every_answer_is_one_that_the_document_names(
    world: World, built_app: Litestar
) -> None:
    found = await tried(world, built_app, examples=4)
    assert found.wrong == {}, "\n\n".join(found.wrong.values())
    # It is no trial when nobody gets through, or nothing is refused.
    assert {200, 401, 403, 404, 422} <= set(found.counted)
    assert found.asked > 500


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"])
async def test_a_sample_is_answered_alike_on_postgresql(world: World, built_app: Litestar) -> None:
    found = await tried(world, built_app, examples=2, every=4)
    assert found.wrong == {}, "\n\n".join(found.wrong.values())
    assert found.asked > 50


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_the_document_names_every_refusal(world: World, built_app: Litestar) -> None:
    document = (await world.nobody.get("/schema/openapi.json")).json()
    described = {
        (path, method)
        for path, item in document["paths"].items()
        for method in item
        if method in {"get", "post", "put", "patch", "delete"}
    }
    included = {
        (re.sub(r":(str|int|path)", "", path), method.lower())
        for path, method, handler in handlers(built_app.routes)
        if isinstance(handler, HTTPRouteHandler) and handler.resolve_include_in_schema()
    }
    assert described == included
    for path, method in described:
        operation = document["paths"][path][method]
        refused = {status for status in operation["responses"] if int(status) >= 400}
        assert {"400", "404", "503"} <= refused
        assert ("401" in refused) == (operation.get("security") != [])
        for status in refused:
            content = operation["responses"][status]["content"]
            assert list(content) == ["application/problem+json"]
    limited = document["paths"]["/feeds/{name}"]["get"]["responses"]["429"]
    assert "Retry-After" in limited["headers"]
