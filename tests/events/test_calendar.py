"""From stored activities, the observance and plugins to calendar entries."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pluggy
import pytest

from core import campaigns, database, hookspecs, installation
from core.calendar_entries import CalendarEntry
from core.hookspecs import hookimpl
from core.permissions import SYSTEM
from core.plugins import ActivityKind, PluginInfo, Plugins
from core.process import Process
from core.scopes import Scope
from events import activities, calendar, kinds
from events.calendar import activity_entry

NOW = datetime(2022, 5, 9, tzinfo=UTC)


class Reminding:
    """A plugin with an entry of its own, for the subtree it is asked about."""

    @hookimpl
    def register_activity_kinds(self) -> list[ActivityKind]:
        return [ActivityKind("training", "培训班"), ActivityKind("reading", "读书")]

    @hookimpl
    async def calendar_entries(self, scope: Scope) -> list[CalendarEntry]:
        deadline = date(2022, 5, 25)
        return [
            CalendarEntry(
                uid=f"deadline-{scope.organisation}@here",
                title="报送截止",
                starts=deadline,
                ends=deadline,
                modified_at=NOW,
                sequence=0,
                url="/campaigns/2022-city/reported",
            )
        ]


class Failing:
    """A plugin that raises."""

    @hookimpl
    async def calendar_entries(self, scope: Scope) -> list[CalendarEntry]:
        raise RuntimeError(scope.campaign)


def plugins_of(**modules: Any) -> Plugins:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    found = Plugins(manager)
    for key, module in modules.items():
        manager.register(module, name=key)
        found.infos[key] = PluginInfo(key, f"{key}模块", "1")
        for hook in found.hooks_of(key):
            if hook.startswith("register_"):
                found.answers.setdefault(hook, {})[key] = found.caller(hook, key)()[0]
    return found


async def read(
    process: Process, plugins: Plugins, office: str | None = None, site: str = ""
) -> Any:
    campaign = replace(await campaigns.find("2022-city"), enabled=tuple(plugins.keys))
    scope = await campaigns.scope(campaign, office)
    return await calendar.read(campaign, scope, plugins, process.catalogue, now=NOW, site=site)


async def test_plugins_add_entries_and_one_that_fails_is_named(
    process: Process, campaign_2022: str, caplog: pytest.LogCaptureFixture
) -> None:
    plugins = plugins_of(failing=Failing(), reminding=Reminding())
    found = await read(process, plugins, "x1", "https://example.org")
    (added,) = [entry for entry in found.entries if entry.uid == "deadline-x1@here"]
    assert added.url == "https://example.org/campaigns/2022-city/reported"
    assert found.failures == ("failing模块",)
    assert "failing" in caplog.text
    assert len(found.entries) > 2
    without = await read(process, plugins, "x1")
    assert {entry.url for entry in without.entries} == {""}


async def test_the_name_says_what_and_whose(process: Process, campaign_2022: str) -> None:
    found = await read(process, process.plugins, "x1")
    assert found.name == "第32次全国助残日（甲旗残联）"


async def test_a_campaign_of_no_observance_has_no_day(process: Process, campaign_2022: str) -> None:
    await database.execute("UPDATE campaign SET observance = NULL, title = '春季走访'")
    found = await read(process, process.plugins)
    assert found.name == "春季走访（某市残联）"
    assert [entry.uid for entry in found.entries if entry.all_day] == []


async def test_a_week_lasts_seven_days(process: Process, campaign_2022: str) -> None:
    campaign = replace(
        await campaigns.find("2022-city"), observance="disability-fitness-week", year=2022
    )
    entry = calendar.observance_entry(campaign, process.catalogue, "here")
    assert entry is not None
    assert entry.ends == entry.starts + timedelta(days=7)
    assert len(calendar.observance_days(campaign, process.catalogue)) == 7


async def test_another_date_of_the_day_is_another_entry(
    process: Process, campaign_2022: str
) -> None:
    campaign = await campaigns.find("2022-city")
    entry = calendar.observance_entry(campaign, process.catalogue, "here")
    next_year = calendar.observance_entry(replace(campaign, year=2023), process.catalogue, "here")
    assert entry is not None
    assert next_year is not None
    assert (entry.uid, entry.starts) == (
        f"observance-{campaign.id}-20220515@here",
        date(2022, 5, 15),
    )
    assert entry.uid != next_year.uid


async def test_the_installation_names_itself_once(process: Process) -> None:
    first = await installation.identifier()
    assert len(first) == 36
    assert await installation.identifier() == first
    rows = await database.fetch("SELECT * FROM installation WHERE name = 'identifier'")
    assert [row["value"] for row in rows] == [first]


async def test_inner_notes_and_whom_to_call_stay_inside(campaign_2022: str) -> None:
    await database.execute(
        "UPDATE activity SET person_in_charge = '张三 13800000000', notes = '领导出席',"
        " place = '文化馆', address = '某路1号', hosts = '某市残联、某区残联' WHERE key = 'a14'"
    )
    campaign = await campaigns.find(campaign_2022)
    activity = await activities.find(SYSTEM, campaign.id, "a14", "activity.view")
    entry = activity_entry(activity, campaign, {}, "here", "https://example.org")
    assert entry.place == "文化馆（某路1号）"
    assert entry.description == f"类别：{activity.kind}\n主办：某市残联、某区残联"
    assert entry.url == "https://example.org/campaigns/2022-city/activities/a14"
    assert entry.uid == f"activity-{activity.id}@here"


def test_plugins_name_kinds_before_the_general_ones(process: Process) -> None:
    plugins = plugins_of(reminding=Reminding())
    assert kinds.kind_labels(plugins) == {"training": "培训班", "reading": "读书"}
    assert kinds.kind_labels(plugins, []) == {}
    here = kinds.kind_labels(process.plugins)
    assert here["training"] == "培训"
    assert kinds.kind_label("made-up", here) == "made-up"
    offered = kinds.kind_labels(process.plugins, ["volunteer"])
    assert set(offered) & {"condolence", "job_fair", "volunteer", "publicity"} == {"volunteer"}
