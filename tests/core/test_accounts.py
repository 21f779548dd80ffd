from __future__ import annotations

import pytest

from core import accounts, audit, database
from core.account_views import find, listed, managed
from core.permissions import SYSTEM
from core.refusals import Conflict, Missing, Refusal
from tests.fixtures.people import PASSWORD

NEW = {"display_name": "张三", "password": PASSWORD, "role": "clerk"}


async def actions():
    return [entry.action for entry in await audit.entries(SYSTEM)][::-1]


async def roles(name):
    return [(role.role, role.organisation) for role in (await find(name)).roles]


async def test_an_account_is_made_with_its_role_and_leaves_a_trace(offices):
    await accounts.create(SYSTEM, " ＺhangSan ", organisation_id=offices["town-a"], **NEW)
    view = await find("ZHANGSAN")
    assert (view.name, view.display_name, view.active) == ("zhangsan", "张三", True)
    assert [(role.role, role.organisation) for role in view.roles] == [("clerk", "town-a")]
    assert await actions() == ["account.created", "account.granted"]


async def test_the_password_is_nowhere_in_the_database_in_clear(offices):
    await accounts.create(SYSTEM, "zhangsan", organisation_id=offices["town-a"], **NEW)
    dump = str(await database.fetch("SELECT * FROM account, audit_entry"))
    assert "zhangsan" in dump
    assert PASSWORD not in dump


async def test_all_faults_are_told_at_once_and_nothing_is_written(offices):
    with pytest.raises(Refusal) as refused:
        await accounts.create(
            SYSTEM,
            "a b",
            display_name="x" * 51,
            password="short",
            role="clerk",
            organisation_id=offices["city"],
        )
    assert [fault.pointer for fault in refused.value.faults] == [
        "/name",
        "/password",
        "/display_name",
    ]
    assert await database.fetch("SELECT id FROM account") == []


async def test_a_name_belongs_to_one(offices):
    await accounts.create(SYSTEM, "zhang", organisation_id=offices["city"], **NEW)
    with pytest.raises(Conflict):
        await accounts.create(SYSTEM, "ZHANG", organisation_id=offices["city"], **NEW)
    assert len(await database.fetch("SELECT id FROM account")) == 1


async def test_an_unknown_role_is_refused(offices):
    with pytest.raises(Refusal):
        await accounts.create(
            SYSTEM, "zhang", organisation_id=offices["city"], **{**NEW, "role": "emperor"}
        )


async def test_an_administrator_makes_accounts_in_his_subtree_only(offices):
    county = await offices.person("county", "administrator", "county-a")
    await accounts.create(county, "inside", organisation_id=offices["town-a"], **NEW)
    for outside in ("city", "county-b", "elsewhere"):
        with pytest.raises(Missing):
            await accounts.create(county, "outside", organisation_id=offices[outside], **NEW)
    organiser = await offices.person("organiser", "organiser", "city")
    with pytest.raises(Missing):
        await accounts.create(organiser, "outside", organisation_id=offices["city"], **NEW)


async def test_he_cannot_touch_an_account_that_has_a_role_above_him(offices):
    county = await offices.person("county", "administrator", "county-a")
    await offices.person("both", "clerk", "town-a")
    await accounts.grant(SYSTEM, "both", "viewer", offices["city"])
    assert [view.name for view in await listed(county)] == ["both", "county"]
    for attempt in (
        accounts.set_active(county, "both", False),
        accounts.grant(county, "both", "administrator", offices["county-a"]),
        managed(county, "both"),
    ):
        with pytest.raises(Missing):
            await attempt
    assert (await find("both")).active


async def test_he_cannot_give_a_role_above_himself(offices):
    county = await offices.person("county", "administrator", "county-a")
    await offices.person("clerk", "clerk", "town-a")
    with pytest.raises(Missing):
        await accounts.grant(county, "clerk", "administrator", offices["city"])
    assert await roles("clerk") == [("clerk", "town-a")]


async def test_granting_twice_is_granting_once(offices):
    await offices.person("clerk", "clerk", "town-a")
    for _ in range(2):
        await accounts.grant(SYSTEM, "clerk", "viewer", offices["city"])
    assert await roles("clerk") == [("clerk", "town-a"), ("viewer", "city")]


async def test_a_role_is_taken_away_but_not_the_last(offices):
    await offices.person("clerk", "clerk", "town-a")
    await accounts.grant(SYSTEM, "clerk", "viewer", offices["city"])
    first, second = (await find("clerk")).roles
    await accounts.revoke(SYSTEM, "clerk", first.id)
    assert await roles("clerk") == [("viewer", "city")]
    with pytest.raises(Refusal) as refused:
        await accounts.revoke(SYSTEM, "clerk", second.id)
    assert refused.value.code == "last_role"
    with pytest.raises(Missing):
        await accounts.revoke(SYSTEM, "clerk", first.id)
    assert (await actions())[-1] == "account.revoked"


async def test_nobody_changes_his_own_roles_or_disables_himself(offices):
    admin = await offices.person("admin", "administrator", "city")
    for attempt in (
        accounts.grant(admin, "admin", "organiser", offices["city"]),
        accounts.revoke(admin, "admin", 1),
        accounts.set_active(admin, "admin", False),
    ):
        with pytest.raises(Refusal) as refused:
            await attempt
        assert refused.value.code == "own_account"


async def test_ones_own_password_needs_the_present_one(offices):
    actor = await offices.person("zhang", "clerk", "city")
    with pytest.raises(Refusal) as refused:
        await accounts.change_own_password(actor, "wrong", "another good one", keep="")
    assert refused.value.faults[0].member == "current"
    before = await database.fetch_value("SELECT password_hash FROM account")
    await accounts.change_own_password(actor, PASSWORD, "another good one", keep="")
    after = await database.fetch_value("SELECT password_hash FROM account")
    assert before != after
    assert (await actions())[-1] == "account.password_set"


async def test_lists_go_by_name_after_a_name(offices):
    for name in ("chen", "bai", "an"):
        await offices.person(name, "clerk", "town-a")
    await offices.person("far", "clerk", "elsewhere")
    admin = await offices.person("admin", "administrator", "city")
    assert [view.name for view in await listed(admin)] == ["admin", "an", "bai", "chen"]
    assert [view.name for view in await listed(admin, "an", 1)] == ["bai"]
