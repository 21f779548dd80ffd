"""Whoever asks is answered alike by the server and beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar

from api.annex import Porter
from api.annex.porter import known
from api.kit import large
from api.kit.guards import handlers
from core.process import Process
from tests.fixtures.every_route import World, installed
from tests.fixtures.permission_table import ROLES, Case

ASKERS = (("viewer", "x1"), ("clerk", "elsewhere"), ("organiser", "city"), ("volunteer", "x1"))
# What belongs to one answer, whoever gives it: when it was made, and its name in the log.
OWN_HEADERS = frozenset({"x-request-id", "date"})


def large_routes(app: Litestar) -> set[tuple[str, str]]:
    """Method and address of every route that may be large in what it answers."""
    marked = large.ANSWER.items()
    return {
        (method, path.replace(":str", "").replace(":int", ""))
        for path, method, handler in handlers(app.routes)
        if marked <= handler.opt.items()
    }


@pytest.fixture
async def beside(process: Process) -> AsyncIterator[Porter]:
    """A porter whom nobody knows yet."""
    porter = Porter(process.settings)
    yield porter
    await porter.stop()


def told(answer: httpx.Response) -> tuple[int, dict[str, str], str]:
    """An answer without what differs from one to the next; of a spreadsheet, that it is one."""
    headers = {name: value for name, value in answer.headers.items() if name not in OWN_HEADERS}
    if headers.get("content-type", "").startswith("application/vnd"):
        return answer.status_code, {**headers, "content-length": ""}, "a spreadsheet"
    text = answer.text.replace(answer.headers["x-request-id"], "")
    return answer.status_code, headers, text


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_every_large_route_answers_alike_beside_the_server(
    world: World, built_app: Litestar, beside: Porter
) -> None:
    routes = large_routes(built_app)
    table = [case for case in installed(built_app) if (case.method, case.pattern) in routes]
    assert len(table) > 20
    statuses = set()
    for case in table:
        for role, office in ASKERS:
            writes = not case.reads and role in ROLES[case.permission]
            if case.uploads or writes:  # it would stay
                continue
            here = told(await ask(world, case, role, office))
            with known(beside):
                there = told(await ask(world, case, role, office))
            assert here == there, (case.route, role, office)
            statuses.add(here[0])
    assert statuses >= {200, 403, 404}
    assert beside.pid is not None


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_whoever_may_not_is_refused_without_a_process(
    world: World, built_app: Litestar, beside: Porter
) -> None:
    routes = large_routes(built_app)
    table = [case for case in installed(built_app) if (case.method, case.pattern) in routes]
    with known(beside):
        for case in table:
            if "monitor" not in ROLES[case.permission]:
                assert (await ask(world, case, "monitor", "city")).status_code == 403, case.route
        answer = await world.nobody.post("/api/v1/bundles", content=b" " * 300_000)
        assert answer.status_code == 401
    assert beside.pid is None


def test_every_large_route_asks_for_a_permission(built_app: Litestar) -> None:
    marked = [each for *_, each in handlers(built_app.routes) if each.opt.get(large.OPTION)]
    assert len(marked) > 20
    assert [each for each in marked if not each.opt.get("permission")] == []


async def ask(world: World, case: Case, role: str, office: str) -> httpx.Response:
    world.known["place"] = office
    if case.is_data:
        return await world.ask(world.nobody, case, await world.bearer(role, office))
    return await world.ask(await world.browser(role, office), case)
