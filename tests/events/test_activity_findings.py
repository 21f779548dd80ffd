"""What is noticed about activities, and how services are named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core import campaigns, reports
from core.permissions import SYSTEM
from core.process import Process
from events import accessibility, findings, planning
from events.plan import Plan

NOW = datetime(2022, 5, 3, 2, tzinfo=UTC)
PLAN = Plan(
    title="读书会",
    kind="culture",
    organisation="x1",
    starts_at=datetime(2022, 5, 20, 1, tzinfo=UTC),
    ends_at=datetime(2022, 5, 20, 3, tzinfo=UTC),
)


async def found(key: str, office: str | None = None) -> list[tuple[str, str, str]]:
    scope = await campaigns.scope(await campaigns.find(key), office)
    return [(each.code, each.organisation, each.href) for each in await findings.read(scope)]


@pytest.mark.parametrize(
    ("starts", "days", "outside"),
    [
        (datetime(2022, 4, 30, 16, tzinfo=UTC), 0, False),  # midnight of 1 May in China
        (datetime(2022, 4, 30, 15, tzinfo=UTC), 0, True),
        (datetime(2022, 5, 31, 14, tzinfo=UTC), 0, False),
        (datetime(2022, 5, 31, 14, tzinfo=UTC), 1, True),
        (datetime(2022, 5, 31, 16, tzinfo=UTC), 0, True),
    ],
)
async def test_days_outside_the_campaigns_are_noticed(
    campaign_2022: str, starts: datetime, days: int, outside: bool
) -> None:
    campaign = await campaigns.find(campaign_2022)
    assert await found(campaign_2022) == []
    ends = starts + timedelta(days=days)
    plan = replace(PLAN, starts_at=starts, ends_at=ends)
    key = await planning.add(SYSTEM, campaign, plan, now=NOW, draft=False)
    href = f"/campaigns/2022-city/activities/{key}"
    expected = [(findings.OUTSIDE_WINDOW, "x1", href)] if outside else []
    assert await found(campaign_2022) == expected
    assert await found(campaign_2022, "x2") == []


async def test_a_need_is_noticed_until_it_is_seen_to(process: Process, campaign_2022: str) -> None:
    campaign = await campaigns.find(campaign_2022)
    asking = replace(
        PLAN, accessibility=("captions",), accessibility_asked=("captions", "sign_language", "陪诊")
    )
    key = await planning.add(SYSTEM, campaign, asking, now=NOW)
    assert await found(campaign_2022) == []  # a draft is nobody's business yet
    await planning.change_state(SYSTEM, campaign, key, "publish", now=NOW)
    report = await reports.read(campaign, None, process.plugins, process.catalogue)
    (finding,) = [each for each in report.findings if each.code == findings.UNMET]
    assert finding.message == "“读书会”有人需要手语翻译、陪诊，还没有安排，请落实。"
    met = replace(asking, accessibility=asking.accessibility_asked)
    await planning.edit(SYSTEM, campaign, key, met, now=NOW)
    assert await found(campaign_2022) == []


async def test_a_cancelled_activity_needs_nothing(campaign_2022: str) -> None:
    campaign = await campaigns.find(campaign_2022)
    asking = replace(PLAN, accessibility_asked=("guide",))
    key = await planning.add(SYSTEM, campaign, asking, now=NOW, draft=False)
    assert len(await found(campaign_2022)) == 1
    await planning.change_state(SYSTEM, campaign, key, "cancel", now=NOW)
    assert await found(campaign_2022) == []


words = some.lists(some.sampled_from([*accessibility.SERVICES, "陪诊", "x"]), max_size=6)


@given(words, words)
def test_what_is_missing_is_what_was_asked_for_less_what_is_offered(
    asked: list[str], offered: list[str]
) -> None:
    missing = accessibility.unmet(asked, offered)
    assert set(missing) == set(asked) - set(offered)
    assert len(missing) == len(set(missing))


def test_labels_stand_in_the_order_of_the_list_and_unknown_words_after_it() -> None:
    assert accessibility.labels(["陪诊", "guide_dog", "sign_language", "guide_dog"]) == (
        "手语翻译",
        "导盲犬通行",
        "陪诊",
    )
    assert len(set(accessibility.SERVICES.values())) == len(accessibility.SERVICES)
