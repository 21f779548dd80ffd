"""A plugin that answers whatever a test wants it to, in every hook it is asked through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core import bundles, database, plugins
from core.permissions import SYSTEM
from core.plugins import Plugins
from core.process import Process
from tests.core.bundle_samples import campaign
from tests.core.distributions import Install
from tests.core.plugins.test_plugins import ASKED, source_of

TITLE = "试用插件aaa"
KEY = "aaa"
CAMPAIGN = "generated-1"
OVERVIEW = f"/campaigns/{CAMPAIGN}"
SENTENCE = f"“{TITLE}”部分暂时无法统计"
SOURCE = (
    """
import asyncio, inspect

ANSWERS = {}

async def given(hook, arguments):
    answer = ANSWERS.get(hook)
    if callable(answer):
        answer = answer(**arguments)
    return await answer if inspect.isawaitable(answer) else answer

@hookimpl
def register_metrics():
    return [Metric("aaa.people", "人数", "人", "sum", daily=True)]

@hookimpl
def register_recap_templates():
    return [RecapTemplate("aaa", "试用", "共{aaa.people}。")]
"""
    + "".join(source_of(hook, f"return await given({hook!r}, locals())") for hook in ASKED)
    # Bundles: whatever ANSWERS says under "write", "read" and so on is done in its place.
    + """
class Section:
    key, in_envelope = "aaa", False

    def shape(self, value, path, problems):
        return ANSWERS["shape"]() if "shape" in ANSWERS else value

    def check(self, section, path, context):
        return ANSWERS["check"]() if "check" in ANSWERS else None

    async def write(self, section, context):
        return await given("write", {})

    async def finish(self, section, context):
        return await given("finish", {})

    async def read(self, campaign):
        return await given("read", {})

@hookimpl
def register_bundle_section():
    return Section()
"""
)


def answers() -> dict[str, Any]:
    """What the plugin answers now, by hook; a callable is called, and awaited if it asks for it."""
    module = plugins.installed().manager.get_plugin(KEY)
    found: dict[str, Any] = module.ANSWERS  # type: ignore[union-attr]
    return found


@pytest.fixture(autouse=True)
def at_fault(install: Install, load_again: Callable[[], Plugins]) -> dict[str, Any]:
    """What it answers; it is there before the application starts."""
    install(KEY, SOURCE)
    assert load_again().failures == {}
    return answers()


@pytest.fixture
async def loaded(at_fault: dict[str, Any], process: Process) -> Process:
    """A campaign that has it enabled."""
    await bundles.import_document(campaign(CAMPAIGN), process.plugins, process.catalogue, SYSTEM)
    await database.execute(
        "INSERT INTO campaign_plugin (campaign, plugin) SELECT id, 'aaa' FROM campaign"
    )
    return process
