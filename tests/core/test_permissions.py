from __future__ import annotations

import pytest

from core import database
from core.permissions import (
    CORE_PERMISSIONS,
    ROLES,
    SYSTEM,
    Actor,
    Grant,
    Permission,
    PermissionRegistry,
    campaign_scope_sql,
    may,
    may_everywhere,
    may_in_campaign,
    registry,
    scope_sql,
    use,
)

WRITING = {
    "organisation.manage",
    "campaign.manage",
    "activity.manage",
    "figure.report",
    "target.set",
    "bundle.import",
    "account.manage",
    "token.manage",
    "feed.manage",
    "observance.manage",
}
PERSONAL = {"personal.unmask", "bundle.export"}


def somebody(role, office):
    return Actor("x", "x", 1, (Grant(role, office),), "session")


def of(role):
    return {each.key for each in registry().of_role(role)}


async def ids(sql, parameters):
    rows = await database.fetch(f"SELECT id FROM organisation WHERE id IN ({sql})", **parameters)
    return {row["id"] for row in rows}


def test_the_administrator_holds_everything():
    # Core's own registry: the process's may hold what plugins brought.
    held = {each.key for each in PermissionRegistry().of_role("administrator")}
    assert held == {each.key for each in CORE_PERMISSIONS}


def test_the_organiser_holds_everything_but_offices_accounts_tokens_and_metrics():
    missing = {"organisation.manage", "account.manage", "token.manage", "system.metrics"}
    assert of("administrator") - of("organiser") == missing


def test_the_clerk_writes_records_but_sets_no_target_and_runs_no_campaign():
    assert of("clerk") & WRITING == {"activity.manage", "figure.report", "feed.manage"}
    assert not of("clerk") & PERSONAL


def test_the_reviewer_sees_the_audit_and_writes_nothing():
    assert "audit.view" in of("reviewer")
    assert not of("reviewer") & (WRITING | PERSONAL)


def test_the_viewer_only_looks_and_never_at_persons():
    assert of("viewer") == {key for key in of("viewer") if key.endswith(".view")} != set()
    assert "audit.view" not in of("viewer")


def test_the_volunteer_holds_nothing_of_core():
    assert not of("volunteer") & {each.key for each in CORE_PERMISSIONS}


def test_a_permission_that_nobody_registered_is_a_keyerror():
    with pytest.raises(KeyError):
        registry()["campaign.destroy"]
    with pytest.raises(KeyError):
        SYSTEM.holds("campaign.destroy")


@pytest.mark.parametrize(
    "permission",
    [
        Permission("campaign.view", "again", ROLES),
        Permission("x.y", "unknown role", frozenset({"emperor"})),
    ],
)
def test_a_permission_that_cannot_be_is_refused_at_start(permission):
    with pytest.raises(ValueError, match=r"registered twice|names no role"):
        PermissionRegistry([permission])


def test_a_plugins_permission_counts_once_its_registry_is_in_use():
    before = registry()
    try:
        use(PermissionRegistry([Permission("own.self", "自己的", frozenset({"volunteer"}))]))
        assert somebody("volunteer", 1).holds("own.self")
        assert not somebody("clerk", 1).holds("own.self")
    finally:
        use(before)


async def test_a_grant_reaches_its_subtree_and_nothing_above_or_beside(offices):
    organiser = somebody("organiser", offices["county-a"])
    reached = {key for key in offices.ids if await may(organiser, "campaign.manage", offices[key])}
    assert reached == {"county-a", "town-a"}
    assert not await may(organiser, "campaign.manage", 999_999)


async def test_the_scope_as_sql_is_the_same_set(offices):
    organiser = somebody("organiser", offices["county-a"])
    found = await ids(*scope_sql(organiser, "campaign.manage"))
    assert found == {offices["county-a"], offices["town-a"]}


async def test_without_the_permission_the_scope_is_empty(offices):
    viewer = somebody("viewer", offices["city"])
    assert await ids(*scope_sql(viewer, "target.set")) == set()
    assert not await may(viewer, "target.set", offices["city"])


async def test_several_grants_reach_several_subtrees_each_with_its_role(offices):
    grants = (Grant("clerk", offices["town-a"]), Grant("organiser", offices["county-b"]))
    actor = Actor("x", "x", 1, grants, "session")
    assert await ids(*scope_sql(actor, "activity.manage")) == {
        offices["town-a"],
        offices["county-b"],
    }
    assert await ids(*scope_sql(actor, "target.set")) == {offices["county-b"]}


async def test_the_command_line_reaches_every_office(offices):
    assert await ids(*scope_sql(SYSTEM, "campaign.view")) == set(offices.ids.values())
    assert await may(SYSTEM, "campaign.view", offices["elsewhere"])


async def test_everywhere_means_at_the_root_of_a_tree(offices):
    assert await may_everywhere(somebody("administrator", offices["city"]), "audit.view")
    assert not await may_everywhere(somebody("administrator", offices["county-a"]), "audit.view")
    assert not await may_everywhere(somebody("viewer", offices["city"]), "audit.view")


async def test_a_town_sees_the_campaign_it_takes_part_in_and_no_other(offices):
    made = {}
    for key, members in (("one", ("city", "county-a", "town-a")), ("two", ("elsewhere",))):
        made[key] = await database.fetch_value(
            "INSERT INTO campaign (key, organisation, year, theme, starts_on, ends_on, state,"
            " changes, modified_at) SELECT :key, :office, 2022, '', created.day, created.day,"
            " 'open', 0, created.at FROM (SELECT CAST('2022-05-01' AS DATE) AS day,"
            " CURRENT_TIMESTAMP AS at) AS created RETURNING id"
            if database.is_postgresql()
            else "INSERT INTO campaign (key, organisation, year, theme, starts_on, ends_on, state,"
            " changes, modified_at) VALUES (:key, :office, 2022, '', '2022-05-01', '2022-05-31',"
            " 'open', 0, '2022-05-01 00:00:00+00:00') RETURNING id",
            key=key,
            office=offices[members[0]],
        )
        for member in members:
            await database.execute(
                "INSERT INTO campaign_participant (campaign, organisation, name, level)"
                " VALUES (:campaign, :organisation, '', 'city')",
                campaign=made[key],
                organisation=offices[member],
            )
    clerk = somebody("clerk", offices["town-a"])
    sql, parameters = campaign_scope_sql(clerk, "campaign.view")
    rows = await database.fetch(f"SELECT id FROM campaign WHERE id IN ({sql})", **parameters)
    assert [row["id"] for row in rows] == [made["one"]]
    assert await may_in_campaign(clerk, "campaign.view", made["one"])
    assert not await may_in_campaign(clerk, "campaign.view", made["two"])
    beside = somebody("clerk", offices["county-b"])
    assert not await may_in_campaign(beside, "campaign.view", made["one"])
