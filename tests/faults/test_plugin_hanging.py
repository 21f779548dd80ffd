"""A plugin that hangs, waiting or not: nobody waits, and nothing that it shares in is half done."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from core import bundles, campaign_cloning, campaigns, database, personal
from core.campaign_plans import Plan
from core.permissions import SYSTEM
from core.plugins import limits as plugin_limits
from core.process import Process
from core.refusals import Conflict
from tests.core.bundle_samples import campaign
from tests.core.distributions import install, load_again
from tests.faults.plugin_at_fault import CAMPAIGN, KEY, OVERVIEW, SENTENCE, TITLE, at_fault, loaded
from tests.fixtures.application import SignIn

__all__ = ["at_fault", "install", "load_again", "loaded"]


@pytest.fixture
def impatient(loaded: Process, monkeypatch: pytest.MonkeyPatch) -> Process:
    """A process that waits a moment for a plugin."""
    monkeypatch.setattr(plugin_limits, "GRACE_SECONDS", 0.3)
    loaded.plugins.seconds = 0.3
    return loaded


async def forever(**_: Any) -> None:
    await asyncio.Event().wait()


async def stubborn(**_: Any) -> None:
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            continue


def blocking(**_: Any) -> None:
    time.sleep(3600)


def spinning(**_: Any) -> None:
    while True:
        try:
            while True:
                pass
        except Exception:  # noqa: BLE001 — as careless code does
            continue


async def counting(**_: Any) -> list[Any]:
    """A statement that does not end."""
    return await database.fetch(
        "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT MAX(x) AS m FROM c"
    )


@pytest.mark.parametrize("way", [forever, stubborn, blocking, spinning, counting])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_page_does_not_wait_for_a_plugin_that_hangs(
    way: Any, impatient: Process, at_fault: dict[str, Any], sign_in: SignIn
) -> None:
    viewer = await sign_in("viewer", "city")
    at_fault["findings"] = way
    page = await asyncio.wait_for(viewer.get(OVERVIEW), 30)
    assert (page.status_code, SENTENCE in page.text) == (200, True)
    # Nobody waits for it again for a while, nor for what it holds.
    asked = await asyncio.wait_for(
        impatient.plugins.ask("findings", [KEY], scope=await scope()), 30
    )
    assert [each.failed for each in asked if each.plugin == KEY] == [True]
    at_fault.clear()
    statements = [database.fetch_value("SELECT 1 AS one") for _ in range(8)]
    assert await asyncio.wait_for(asyncio.gather(*statements), 30) == [1] * 8


async def scope() -> Any:
    return await campaigns.scope(await campaigns.find(CAMPAIGN))


async def failing(**_: Any) -> None:
    raise ValueError("on purpose")


def failing_at_once() -> None:
    raise ValueError("on purpose")


@pytest.mark.parametrize("part", ["shape", "check", "write", "finish", "read"])
@pytest.mark.parametrize("way", ["raises", "hangs"])
async def test_an_import_or_export_is_given_up_whole_with_a_sentence(
    part: str, way: str, impatient: Process, at_fault: dict[str, Any]
) -> None:
    impatient.plugins.seconds = 0.03  # ten times as long for a part of a bundle
    at_once = part in ("shape", "check")
    if way == "raises":
        at_fault[part] = failing_at_once if at_once else failing
    else:
        at_fault[part] = blocking if at_once else forever
    before = await database.fetch("SELECT key, changes FROM campaign ORDER BY key")
    document = {**campaign(CAMPAIGN), "plugins": {KEY: {}}}
    document["campaign"] = {**document["campaign"], "key": "another"}
    if part == "read":
        work: Any = bundles.export_bundle(CAMPAIGN, impatient.plugins)
    else:
        work = bundles.import_document(document, impatient.plugins, impatient.catalogue, SYSTEM)
    said = "的记录没有读出来" if part == "read" else "没有办成，什么都没有改动"
    with pytest.raises(Conflict, match=f"“{TITLE}”{said}"):
        await work
    assert await database.fetch("SELECT key, changes FROM campaign ORDER BY key") == before


@pytest.mark.parametrize("way", [failing, forever])
async def test_nobody_is_half_erased(
    way: Any, impatient: Process, at_fault: dict[str, Any]
) -> None:
    at_fault["personal_data"] = way
    before = await database.fetch_value("SELECT COUNT(*) AS n FROM audit_entry")
    with pytest.raises(Conflict, match="什么都没有改动"):
        await personal.ask(SYSTEM, impatient.plugins, "张三", personal.ERASE)
    assert await database.fetch_value("SELECT COUNT(*) AS n FROM audit_entry") == before


async def test_a_clone_names_what_it_could_not_carry_over(
    impatient: Process, at_fault: dict[str, Any]
) -> None:
    async def half_and_hang(target: int, **_: Any) -> None:
        await database.execute("UPDATE campaign SET theme = '半途' WHERE id = :id", id=target)
        await asyncio.Event().wait()

    at_fault["campaign_cloned"] = half_and_hang
    plan = Plan(year=2027, key="next")
    cloned = await campaign_cloning.clone(
        SYSTEM, CAMPAIGN, plan, impatient.catalogue, impatient.plugins
    )
    assert cloned.failed == (TITLE,)
    theme = await database.fetch_value("SELECT theme FROM campaign WHERE key = 'next'")
    assert theme != "半途"
