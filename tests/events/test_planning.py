"""Planning activities: contents, states, sequence, and who may."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core import audit, campaigns, database
from core.campaigns import Campaign
from core.permissions import SYSTEM
from core.refusals import Conflict, Missing, Refusal
from events import activities, planning
from events.activities import Activity, Wanted
from events.plan import Plan
from events.planning import Act
from tests.fixtures.application import ActorOf

NOW = datetime(2022, 5, 3, 2, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
PLAN = Plan(
    title="辅具适配进社区",
    kind="assistive",
    organisation="x1",
    starts_at=datetime(2022, 5, 20, 1, tzinfo=UTC),
    ends_at=datetime(2022, 5, 20, 3, tzinfo=UTC),
    place="甲旗文化馆",
    accessibility=("sign_language", "轮椅升降机"),
)


@pytest.fixture
async def campaign(campaign_2022: str) -> Campaign:
    return await campaigns.find(campaign_2022)


async def stored(campaign: Campaign, key: str) -> Activity:
    return await activities.find(SYSTEM, campaign.id, key, "activity.view")


async def in_state(campaign: Campaign, state: str) -> Campaign:
    await database.execute("UPDATE campaign SET state = :s WHERE id = :id", s=state, id=campaign.id)
    return await campaigns.find(campaign.key)


async def codes(work) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as refused:
        await work
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


async def test_what_is_added_is_what_is_read(campaign: Campaign) -> None:
    key = await planning.add(SYSTEM, campaign, PLAN, now=NOW)
    found = await stored(campaign, key)
    assert Plan.of(found) == replace(PLAN, accessibility=tuple(sorted(PLAN.accessibility)))
    assert (found.state, found.sequence, found.modified_at) == ("draft", 0, NOW)
    assert found.organisation_name == "甲旗残联"
    after = await campaigns.find(campaign.key)
    assert after.changes == campaign.changes + 1
    (entry,) = await audit.entries(SYSTEM, audit.Filter(action="activity.created"))
    assert (entry.thing_key, entry.organisation, entry.campaign) == (key, "x1", campaign.key)


async def test_keys_are_made_one_after_another(campaign: Campaign) -> None:
    rows = await database.fetch("SELECT key FROM activity WHERE key LIKE 'a%'")
    last = max(int(row["key"][1:]) for row in rows)
    made = [await planning.add(SYSTEM, campaign, PLAN, now=NOW) for _ in range(3)]
    assert made == [f"a{last + step:02}" for step in (1, 2, 3)]


async def test_a_key_of_ones_own_is_taken_once(campaign: Campaign) -> None:
    assert await planning.add(SYSTEM, campaign, PLAN, now=NOW, key="own.1") == "own.1"
    with pytest.raises(Conflict):
        await planning.add(SYSTEM, campaign, PLAN, now=NOW, key="own.1")


async def test_every_fault_is_told(campaign: Campaign) -> None:
    before = await database.fetch_value("SELECT COUNT(*) AS n FROM activity")
    wrong = Plan(
        title=" ",
        kind="Bad Kind",
        organisation="x1",
        starts_at=datetime(1, 1, 1, tzinfo=UTC),
        ends_at=datetime(1, 1, 1, tzinfo=UTC) - timedelta(0),
        place="甲" * 501,
        capacity=-1,
        accessibility=("", "字\x00幕"),
    )
    wrong = replace(wrong, starts_at=datetime(9999, 1, 1, tzinfo=UTC))
    found = await codes(planning.add(SYSTEM, campaign, wrong, now=NOW, key="不行"))
    assert sorted(found) == sorted(
        [
            ("/title", "missing"),
            ("/kind", "value"),
            ("/key", "value"),
            ("/place", "too_long"),
            ("/capacity", "value"),
            ("/accessibility/0", "value"),
            ("/accessibility/1", "value"),
            ("/starts_at", "value"),
            ("/ends_at", "value"),
            ("/ends_at", "ends_before_starts"),
        ]
    )
    assert await database.fetch_value("SELECT COUNT(*) AS n FROM activity") == before


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"starts_at": datetime(2022, 5, 20, 0, tzinfo=UTC)}, 1),
        ({"ends_at": datetime(2022, 5, 20, 4, tzinfo=UTC)}, 1),
        ({"place": "乙处"}, 1),
        ({"address": "某路1号"}, 1),
        ({"title": "新名称"}, 0),
        ({"notes": "带投影"}, 0),
        ({"accessibility": ("captions",)}, 0),
        ({"capacity": 30}, 0),
    ],
)
async def test_sequence_grows_with_time_and_place_alone(
    campaign: Campaign, change: dict[str, Any], step: int
) -> None:
    key = await planning.add(SYSTEM, campaign, PLAN, now=NOW, draft=False)
    await planning.edit(SYSTEM, campaign, key, replace(PLAN, **change), now=LATER)
    found = await stored(campaign, key)
    assert (found.sequence, found.modified_at) == (step, LATER)
    (entry,) = await audit.entries(SYSTEM, audit.Filter(action="activity.changed"))
    assert set(entry.after or {}) == set(change)


async def test_an_edit_that_changes_nothing_writes_nothing(campaign: Campaign) -> None:
    key = await planning.add(SYSTEM, campaign, PLAN, now=NOW)
    before = await campaigns.find(campaign.key)
    same = replace(PLAN, accessibility=PLAN.accessibility[::-1])
    found = await planning.edit(SYSTEM, campaign, key, same, now=LATER, seen=NOW)
    assert found.modified_at == NOW
    assert (await campaigns.find(campaign.key)).changes == before.changes


async def test_nobody_overwrites_what_he_has_not_seen(campaign: Campaign) -> None:
    key = await planning.add(SYSTEM, campaign, PLAN, now=NOW)
    await planning.edit(SYSTEM, campaign, key, replace(PLAN, title="先改"), now=LATER, seen=NOW)
    with pytest.raises(Conflict) as refused:
        await planning.edit(SYSTEM, campaign, key, replace(PLAN, title="后改"), now=LATER, seen=NOW)
    assert refused.value.code == "changed"
    assert (await stored(campaign, key)).title == "先改"


async def test_the_life_of_an_activity(campaign: Campaign) -> None:
    """State, sequence and the time of cancellation after each act."""
    key = await planning.add(SYSTEM, campaign, PLAN, now=NOW)
    after = PLAN.starts_at + timedelta(hours=1)
    seen = []
    acts: list[tuple[Act, datetime]] = [
        ("publish", NOW),
        ("cancel", LATER),
        ("reopen", LATER),
        ("finish", after),
        ("reopen", after),
    ]
    for act, at in acts:
        told = await planning.change_state(SYSTEM, campaign, key, act, now=at)
        found = await stored(campaign, key)
        assert told == found
        seen.append((found.state, found.sequence, found.modified_at, found.cancelled_at))
    assert seen == [
        ("published", 0, NOW, None),
        ("cancelled", 1, LATER, LATER),
        ("published", 2, LATER, None),
        ("done", 2, after, None),
        ("published", 2, after, None),
    ]


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        ("draft", {"finish", "cancel", "reopen"}),
        ("published", {"publish", "reopen"}),
        ("done", {"publish", "finish", "cancel"}),
        ("cancelled", {"publish", "finish", "cancel"}),
    ],
)
async def test_acts_that_a_state_does_not_allow(
    campaign: Campaign, state: str, refused: set[Act]
) -> None:
    await database.execute("UPDATE activity SET state = :state WHERE key = 'a14'", state=state)
    late = datetime(2030, 1, 1, tzinfo=UTC)
    for act in sorted(refused):
        with pytest.raises(Conflict):
            await planning.change_state(SYSTEM, campaign, "a14", act, now=late)
    assert (await stored(campaign, "a14")).state == state


async def test_what_has_not_begun_cannot_be_finished(campaign: Campaign) -> None:
    key = await planning.add(SYSTEM, campaign, PLAN, now=NOW, draft=False)
    with pytest.raises(Conflict):
        await planning.change_state(SYSTEM, campaign, key, "finish", now=NOW)


async def test_only_a_draft_without_records_can_be_removed(campaign: Campaign) -> None:
    key = await planning.add(SYSTEM, campaign, PLAN, now=NOW)
    await planning.delete(SYSTEM, campaign, key)
    with pytest.raises(Missing):
        await stored(campaign, key)
    (entry,) = await audit.entries(SYSTEM, audit.Filter(action="activity.deleted"))
    assert (entry.before or {})["title"] == PLAN.title

    published = await planning.add(SYSTEM, campaign, PLAN, now=NOW, draft=False)
    with pytest.raises(Conflict):
        await planning.delete(SYSTEM, campaign, published)


async def test_what_a_plugin_or_a_report_refers_to_stays(campaign: Campaign) -> None:
    """v00 has a shift; the report is written here."""
    await database.execute("UPDATE activity SET state = 'draft' WHERE key = 'v00'")
    with pytest.raises(Conflict) as refused:
        await planning.delete(SYSTEM, campaign, "v00")
    assert refused.value.code == "in_use"
    key = await planning.add(SYSTEM, campaign, PLAN, now=NOW)
    await database.execute(
        "INSERT INTO reported_figure (campaign, key, metric, organisation, activity, value, basis,"
        " approximate, source) SELECT campaign, 'new', metric, organisation, :key, value,"
        " 'additional', approximate, source FROM reported_figure LIMIT 1",
        key=key,
    )
    with pytest.raises(Conflict):
        await planning.delete(SYSTEM, campaign, key)
    assert (await stored(campaign, "v00")).state == "draft"
    assert (await stored(campaign, key)).state == "draft"


async def test_what_each_state_of_the_campaign_lets_be_done(campaign: Campaign) -> None:
    key = await planning.add(SYSTEM, campaign, PLAN, now=NOW)
    closing = await in_state(campaign, "closing")
    with pytest.raises(Conflict):
        await planning.add(SYSTEM, closing, PLAN, now=NOW)
    with pytest.raises(Conflict):
        await planning.delete(SYSTEM, closing, key)
    await planning.change_state(SYSTEM, closing, key, "publish", now=NOW)
    for state in ("closed", "archived"):
        closed = await in_state(campaign, state)
        with pytest.raises(Conflict):
            await planning.edit(SYSTEM, closed, key, replace(PLAN, title="改"), now=LATER)
        with pytest.raises(Conflict):
            await planning.change_state(SYSTEM, closed, key, "cancel", now=LATER)
    draft = await in_state(campaign, "draft")
    await planning.add(SYSTEM, draft, PLAN, now=NOW)
    await planning.edit(SYSTEM, draft, key, replace(PLAN, title="改"), now=LATER)
    assert (await stored(campaign, key)).title == "改"


async def test_an_office_plans_for_itself_and_those_below(
    campaign: Campaign, actor_of: ActorOf
) -> None:
    own, beside = await actor_of("clerk", "x1"), await actor_of("clerk", "x2")
    above, viewer = await actor_of("clerk", "city"), await actor_of("viewer", "x1")
    key = await planning.add(own, campaign, PLAN, now=NOW)
    for actor in (beside, viewer):
        assert await codes(planning.add(actor, campaign, PLAN, now=NOW)) == [
            ("/organisation", "unknown_reference")
        ]
        with pytest.raises(Missing):
            await planning.edit(actor, campaign, key, PLAN, now=NOW)
        with pytest.raises(Missing):
            await planning.change_state(actor, campaign, key, "publish", now=NOW)
        with pytest.raises(Missing):
            await planning.delete(actor, campaign, key)
    assert await codes(
        planning.edit(own, campaign, key, replace(PLAN, organisation="x2"), now=LATER)
    ) == [("/organisation", "unknown_reference")]
    await planning.edit(above, campaign, key, replace(PLAN, organisation="x2"), now=LATER)
    assert (await stored(campaign, key)).organisation == "x2"


async def test_an_office_that_takes_no_part_has_no_activities(campaign: Campaign) -> None:
    await database.execute(
        "INSERT INTO organisation (key, name, level) VALUES ('other', '外县残联', 'county')"
    )
    plan = replace(PLAN, organisation="other")
    assert await codes(planning.add(SYSTEM, campaign, plan, now=NOW)) == [
        ("/organisation", "unknown_reference")
    ]


async def test_lists_narrow_and_go_on_where_they_ended(
    campaign: Campaign, actor_of: ActorOf
) -> None:
    everything = await activities.listed(SYSTEM, campaign.id)
    assert [each.key for each in everything] == [
        each.key for each in sorted(everything, key=lambda each: (each.starts_at, each.key))
    ]
    shown: list[Activity] = []
    after = None
    while page := await activities.listed(SYSTEM, campaign.id, Wanted(after=after), 5):
        shown += page
        after = (page[-1].starts_at, page[-1].key)
    assert shown == everything

    county = await actor_of("viewer", "x1")
    own = await activities.listed(county, campaign.id)
    assert {each.organisation for each in own} == {"x1"}
    fairs = await activities.listed(SYSTEM, campaign.id, Wanted(kind="job_fair"))
    assert {each.kind for each in fairs} == {"job_fair"}
    key = await planning.add(SYSTEM, campaign, PLAN, now=NOW)
    signed = await activities.listed(SYSTEM, campaign.id, Wanted(service="sign_language"))
    assert [each.key for each in signed] == [key]
    assert await activities.listed(SYSTEM, campaign.id, Wanted(service="sign%language")) == []
    assert await activities.listed(SYSTEM, campaign.id, Wanted(service="language")) == []


async def test_a_stretch_of_time_holds_what_overlaps_with_it(campaign: Campaign) -> None:
    key = await planning.add(SYSTEM, campaign, PLAN, now=NOW)

    async def within(since: datetime, until: datetime) -> bool:
        wanted = Wanted(since=since, until=until)
        found = await activities.listed(SYSTEM, campaign.id, wanted)
        return key in [each.key for each in found]

    starts, ends, hour = PLAN.starts_at, PLAN.ends_at, timedelta(hours=1)
    assert await within(starts - hour, starts + hour)
    assert await within(starts + hour, ends + hour)
    assert not await within(ends, ends + hour)
    assert not await within(starts - hour, starts)


async def test_the_next_activities_of_an_office(campaign: Campaign) -> None:
    scope = await campaigns.scope(campaign, "x1")
    at = datetime(2022, 5, 9, 2, tzinfo=UTC)  # the fifth is going on
    found = await activities.upcoming(scope, at, 2)
    assert [each.title for each in found] == ["志愿助残第5次", "志愿助残第9次"]
    await planning.change_state(SYSTEM, campaign, found[1].key, "cancel", now=at)
    await planning.add(SYSTEM, campaign, PLAN, now=at)
    assert [each.title for each in await activities.upcoming(scope, at, 9)] == ["志愿助残第5次"]
