"""Who reaches a campaign, and from which office he looks at it. Both engines."""

from __future__ import annotations

import pytest

from core import campaign_access, campaign_lists, campaigns, closures, database
from core.campaign_lists import Wanted
from core.permissions import SYSTEM
from core.process import Process
from core.refusals import Missing
from tests.fixtures.application import ActorOf


async def found_office(key: str, parent: str | None) -> None:
    await database.execute(
        "INSERT INTO organisation (key, name, level, parent)"
        " VALUES (:key, :name, 'town',"
        " (SELECT id FROM organisation WHERE key = :parent))",
        key=key,
        name=f"{key}残联",
        parent=parent or "",
    )
    await closures.rebuild_organisations()


async def test_reach_answers_for_every_permission(campaign_2022: str, actor_of: ActorOf) -> None:
    campaign = await campaigns.find(campaign_2022)
    top = await campaign_access.reach(await actor_of("organiser", "city"), campaign)
    below = await campaign_access.reach(await actor_of("organiser", "x1"), campaign)
    clerk = await campaign_access.reach(await actor_of("clerk", "city"), campaign)
    assert (top.may("campaign.manage"), top.may_lead("campaign.manage")) == (True, True)
    assert (below.may("campaign.manage"), below.may_lead("campaign.manage")) == (True, False)
    assert (clerk.may("figure.report"), clerk.may_lead("campaign.manage")) == (True, False)
    assert (await campaign_access.reach(SYSTEM, campaign)).may_lead("campaign.manage")


async def test_who_takes_no_part_does_not_reach_it(campaign_2022: str, actor_of: ActorOf) -> None:
    await found_office("elsewhere", None)
    await found_office("founded-later", "x1")
    campaign = await campaigns.find(campaign_2022)
    for office in ("elsewhere", "founded-later"):
        actor = await actor_of("organiser", office)
        assert not (await campaign_access.reach(actor, campaign)).may("campaign.view")
        with pytest.raises(Missing):
            await campaign_access.view(actor, campaign, "campaign.view")
        assert await campaign_lists.listed(actor) == []


async def test_the_usual_view_is_the_topmost_office(campaign_2022: str, actor_of: ActorOf) -> None:
    campaign = await campaigns.find(campaign_2022)
    top = await campaign_access.view(await actor_of("viewer", "city"), campaign, "campaign.view")
    assert (top.scope.organisation, top.above) == ("city", ())
    assert [key for key, _ in top.below] == ["x1", "x2", "x3", "x4"]
    own = await campaign_access.view(await actor_of("viewer", "x2"), campaign, "campaign.view")
    assert (own.scope.organisation, own.name, own.above, own.below) == ("x2", "乙县残联", (), ())


async def test_a_view_from_below_leads_up_and_from_elsewhere_does_not_exist(
    campaign_2022: str, actor_of: ActorOf
) -> None:
    campaign = await campaigns.find(campaign_2022)
    actor = await actor_of("viewer", "city")
    view = await campaign_access.view(actor, campaign, "campaign.view", "x1")
    assert view.above == (("city", "某市残联"),)
    for office in ("x9", "city"):
        with pytest.raises(Missing):
            await campaign_access.view(
                await actor_of("viewer", "x1"), campaign, "campaign.view", office
            )
    with pytest.raises(Missing):  # a volunteer's role does not hold it
        await campaign_access.view(await actor_of("volunteer", "city"), campaign, "campaign.view")


async def test_lists_narrow_page_and_leave_archived_ones_out(
    process: Process, campaign_2022: str, actor_of: ActorOf
) -> None:
    for number in range(5):
        await database.execute(
            "INSERT INTO campaign (key, organisation, observance, year, title, theme, starts_on,"
            " ends_on, state, changes, modified_at) SELECT :key, organisation, NULL, :year, 'T',"
            " '', starts_on, ends_on, :state, 0, modified_at FROM campaign WHERE key = '2022-city'",
            key=f"c{number}",
            year=2022 + number % 2,
            state="archived" if number == 4 else "closed",
        )
    await database.execute(
        "INSERT INTO campaign_participant (campaign, organisation, parent, name, level)"
        " SELECT c.id, o.id, NULL, o.name, o.level FROM campaign c, organisation o"
        " WHERE c.key LIKE 'c%' AND o.key = 'city'"
    )
    actor = await actor_of("viewer", "city")
    everything = [c.key for c in await campaign_lists.listed(actor)]
    assert everything == ["c3", "c2", "c1", "c0", "2022-city"]
    paged: list[str] = []
    after = None
    while page := await campaign_lists.listed(actor, after=after, limit=2):
        paged += [c.key for c in page]
        after = (page[-1].starts_on, page[-1].id)
    assert paged == everything

    async def keys(wanted: Wanted) -> set[str]:
        return {c.key for c in await campaign_lists.listed(actor, wanted)}

    assert await keys(Wanted(year=2023)) == {"c1", "c3"}
    assert await keys(Wanted(states=("archived",))) == {"c4"}
    assert await keys(Wanted(states=("open",))) == {"2022-city"}
    assert await keys(Wanted(observance="national-disability-day")) == {"2022-city"}
    assert await keys(Wanted(office="x1")) == set()
    assert await keys(Wanted(office="city", year=2023, states=("closed",))) == {"c1", "c3"}
    below = await campaign_lists.listed(await actor_of("viewer", "x1"))
    assert [c.key for c in below] == ["2022-city"]
    choices = await campaign_lists.choices(actor)
    assert choices.years == (2023, 2022)
    assert [key for key, _ in choices.offices] == ["city"]


async def test_lists_cost_the_same_whatever_they_hold(
    campaign_2022: str, actor_of: ActorOf
) -> None:
    actor = await actor_of("viewer", "city")
    statements: list[str] = []
    async with database.watching(statements.append):
        await campaign_lists.listed(actor)
    assert len(statements) == 2
