"""Plugins' routes: one that hangs ends with a sentence, one that cannot be built in is left out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from litestar import Litestar

from app import create_app
from core.plugins import Plugins
from core.plugins import limits as plugin_limits
from core.process import opened
from core.settings import Settings
from tests.core.distributions import Install, install, load_again

__all__ = ["install", "load_again"]
ROUTES = """
import asyncio, time
from litestar import get, post

@get("/aaa/good", opt={"public": True})
async def good() -> str:
    return "好"

@get("/aaa/waits", opt={"public": True})
async def waits() -> str:
    await asyncio.Event().wait()

@get("/aaa/blocks", opt={"public": True}, sync_to_thread=False)
def blocks() -> str:
    time.sleep(3600)

@hookimpl
def register_routes():
    return [good, waits, blocks]
"""
WRONG = {
    "bbb": '@get("/about", opt={"public": True})',  # there is one of ours
    "ccc": '@get("/ccc", opt={"permission": "no.such"})',  # which nobody may give
    "ddd": '@get("/aaa/good", opt={"public": True})',  # another plugin's
}
ONE = """
from litestar import get

{}
async def one() -> str:
    return ""

@hookimpl
def register_routes():
    return [one]
"""


@pytest.fixture
def engine_name() -> str:
    """No statement is asked."""
    return "sqlite"


@pytest.fixture
async def app(
    install: Install,
    load_again: Callable[[], Plugins],
    migrated_url: str,
    key_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Litestar]:
    """An application with the plugin, which it gives 0.8 seconds for a page."""
    monkeypatch.setattr(plugin_limits, "GRACE_SECONDS", 0.3)
    install("aaa", ROUTES)
    load_again()
    settings = Settings(migrated_url, key_file)
    made = create_app(settings)
    async with opened(settings) as process:
        process.plugins.seconds = 0.2
        made.state["process"] = process
        yield made


async def visit(app: Litestar, address: str, accept: str = "application/json") -> httpx.Response:
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.get(address, headers={"accept": accept})


@pytest.mark.parametrize("address", ["/aaa/waits", "/aaa/blocks"])
async def test_a_page_that_hangs_ends_with_a_sentence(app: Litestar, address: str) -> None:
    hanging = asyncio.create_task(visit(app, address))
    await asyncio.sleep(0.05)
    assert (await visit(app, "/aaa/good")).text == "好"
    answer = await asyncio.wait_for(hanging, 30)
    assert (answer.status_code, answer.json()["code"]) == (503, "plugin_too_slow")
    assert "“试用插件aaa”" in answer.json()["detail"]
    assert answer.headers["retry-after"]


async def test_the_sentence_stands_on_a_page_too(app: Litestar) -> None:
    page = await visit(app, "/aaa/waits", "text/html")
    assert (page.status_code, "“试用插件aaa”" in page.text) == (503, True)


def test_routes_that_cannot_be_built_in_are_left_out_and_named(
    install: Install, load_again: Callable[[], Plugins], tmp_path: Path
) -> None:
    install("aaa", ROUTES)
    for key, decorator in WRONG.items():
        install(key, ONE.format(decorator))
    found = load_again()
    brought = found.answers["register_routes"]
    for key in set(brought) - {"aaa", *WRONG}:  # to build hundreds of routes takes its time
        del brought[key]
    url = f"sqlite:///{quote(str(tmp_path / 'unused.db'))}"
    made = create_app(Settings(url, tmp_path / "unused.key"))
    assert set(found.failures) == set(WRONG)
    assert all("页面没有载入" in each for each in found.failures.values())
    assert {"/about", "/aaa/good"} <= {route.path for route in made.routes}
