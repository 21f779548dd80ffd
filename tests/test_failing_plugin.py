"""A plugin that raises in every hook it is asked through, in a campaign that uses it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from core import bundles, campaign_cloning, campaigns, database, reports
from core.campaign_plans import Plan
from core.moments import now
from core.permissions import SYSTEM
from core.plugins import Plugins
from core.process import Process
from core.recap import build
from core.recap.formats import html, markdown
from core.recap.formats.as_json import report_as_json
from events import feed_tokens
from tests.core.bundle_samples import campaign
from tests.core.distributions import Install, install, load_again
from tests.core.plugins.test_plugins import ASKED, source_of
from tests.fixtures.application import SignIn

__all__ = ["install", "load_again"]
TITLE = "试用插件aaa"
KEY = "generated-1"
EXPECTED = Path(__file__).parent / "campaigns" / f"{KEY}.expected.json"


@pytest.fixture(autouse=True)
def failing(install: Install, load_again: Callable[[], Plugins]) -> None:
    """It is there before the application starts."""
    install("aaa", "".join(source_of(hook, "raise ValueError('on purpose')") for hook in ASKED))
    assert "aaa" in load_again().infos


@pytest.fixture
async def loaded(failing: None, process: Process) -> Process:
    """A campaign that has it enabled."""
    await bundles.import_document(campaign(KEY), process.plugins, process.catalogue, SYSTEM)
    await database.execute(
        "INSERT INTO campaign_plugin (campaign, plugin) SELECT id, 'aaa' FROM campaign"
    )
    return process


async def test_the_other_figures_stay_what_they_are_and_the_recap_names_it(
    loaded: Process,
) -> None:
    found = await campaigns.find(KEY)
    report = await reports.read(found, None, loaded.plugins, loaded.catalogue)
    assert report.failed == [TITLE]
    stated = report_as_json(report, loaded.catalogue)
    expected = json.loads(EXPECTED.read_bytes())["figures"]
    for office, figures in expected.items():
        values = {f["metric"]: f["value"] for f in stated["by_organisation"][office]}
        assert values == {metric: figure["value"] for metric, figure in figures.items()}
    document = await build.document(report, loaded.plugins, loaded.catalogue)
    sentence = f"“{TITLE}”部分暂时无法统计"
    assert markdown.render(document).count(sentence) == 1
    assert html.render(document).count(sentence) == 1


async def test_the_pages_stand_and_name_it(loaded: Process, sign_in: SignIn) -> None:
    viewer = await sign_in("viewer", "city")
    overview = await viewer.get(f"/campaigns/{KEY}")
    assert overview.status_code == 200
    assert f"“{TITLE}”部分暂时无法统计" in overview.text
    for tab in ("总览", "日程", "数据", "总结"):
        assert f">{tab}</a>" in overview.text
    for view in ("", "?view=week", "?view=month&on=2026-03-03"):
        page = await viewer.get(f"/campaigns/{KEY}/activities{view}")
        assert page.status_code == 200
        assert TITLE in page.text


async def test_the_feed_goes_on(
    loaded: Process, running_app: Litestar, client: httpx.AsyncClient
) -> None:
    found = await campaigns.find(KEY)
    token = await feed_tokens.create(SYSTEM, found, "city", "", now=now())
    answer = await client.get(feed_tokens.path(token))
    assert answer.status_code == 200
    assert "SUMMARY:活动0" in answer.text
    assert running_app.state["feeds"].size == 0  # the next one is whole again


async def test_a_clone_is_made_and_names_it(loaded: Process) -> None:
    plan = Plan(year=2027, key="next")
    cloned = await campaign_cloning.clone(SYSTEM, KEY, plan, loaded.catalogue, loaded.plugins)
    assert cloned.failed == (TITLE,)
    days = await database.fetch("SELECT starts_on FROM campaign WHERE key = 'next'")
    assert days[0]["starts_on"] == date(2027, 2, 20)
    assert await database.fetch_value(
        "SELECT COUNT(*) FROM activity a JOIN campaign c ON c.id = a.campaign WHERE c.key = 'next'"
    )


async def test_statements_that_fail_in_a_clone_leave_the_rest_whole(
    install: Install, load_again: Callable[[], Plugins], loaded: Process
) -> None:
    """On PostgreSQL a failing statement spoils its transaction: it has a savepoint of its own."""
    statements = "from core import database\n" + source_of(
        "campaign_cloned",
        "await database.execute('INSERT INTO no_such_table VALUES (1)')",
    )
    install("bbb", statements)
    plugins = load_again()
    await database.execute(
        "INSERT INTO campaign_plugin (campaign, plugin) SELECT id, 'bbb' FROM campaign"
    )
    plan = Plan(year=2027, key="next")
    cloned = await campaign_cloning.clone(SYSTEM, KEY, plan, loaded.catalogue, plugins)
    assert cloned.failed == (TITLE, "试用插件bbb")


async def test_an_export_leaves_out_what_has_no_part_in_bundles(loaded: Process) -> None:
    """It is enabled and has no records: the bundle is that of the others."""
    exported = json.loads(await bundles.export_bundle(KEY, loaded.plugins))
    assert "aaa" not in exported["plugins"]


async def test_a_plugin_that_is_gone_is_not_in_the_way(loaded: Process, sign_in: SignIn) -> None:
    """Taken from the machine, though campaigns still have it enabled."""
    await database.execute("UPDATE campaign_plugin SET plugin = 'gone' WHERE plugin = 'aaa'")
    report = await reports.read(await campaigns.find(KEY), None, loaded.plugins, loaded.catalogue)
    assert report.failed == []
    viewer = await sign_in("viewer", "city")
    assert (await viewer.get(f"/campaigns/{KEY}")).status_code == 200
