"""The tree of offices through pages and JSON, as different people see and change it."""

from __future__ import annotations

import httpx
import pytest

from core import audit, database
from core.office_tree import LEVEL_LABELS, visible
from core.permissions import SYSTEM

OFFICES = "/api/v1/organisations"
TOWN = {"key": "x1-01", "name": "某某街道残联", "level": "town", "parent": "x1"}


@pytest.fixture
async def chief(campaign_2022, sign_in):
    """The administrator of the city, signed in."""
    return await sign_in("administrator", "city")


@pytest.fixture
async def programme(campaign_2022, bearer, client):
    """A programme with the administrator's role at the city."""
    client.headers.update(await bearer("administrator", "city"))
    return client


async def changes(campaign="2022-city"):
    return await database.fetch_value("SELECT changes FROM campaign WHERE key = :k", k=campaign)


async def participant(office, campaign="2022-city"):
    """How a campaign pictures an office: its name, its level and the key of its superior."""
    return await database.fetch_one(
        "SELECT p.name, p.level, a.key AS parent FROM campaign_participant p"
        " JOIN campaign c ON c.id = p.campaign JOIN organisation o ON o.id = p.organisation"
        " LEFT JOIN organisation a ON a.id = p.parent WHERE c.key = :campaign AND o.key = :office",
        campaign=campaign,
        office=office,
    )


async def test_the_page_shows_the_tree_and_finds_in_it(chief):
    page = (await chief.get("/organisations")).text
    assert "共 5 个" in page
    assert "下级 4 个" in page
    assert '<a href="/organisations/x1">甲旗残联</a>' in page
    found = (await chief.get("/organisations", params={"q": "县 x2"})).text
    assert "找到 1 个机构" in found
    assert "乙县残联" in found
    assert "甲旗残联" not in found
    nothing = (await chief.get("/organisations", params={"q": "外星"})).text
    assert "没有找到这样的机构" in nothing


async def test_who_is_below_sees_his_own_part_alone(campaign_2022, sign_in):
    clerk = await sign_in("clerk", "x1")
    page = (await clerk.get("/organisations")).text
    assert "甲旗残联" in page
    assert "共 1 个" in page
    assert "乙县残联" not in page
    assert "增加机构" not in page
    own = await clerk.get("/organisations/x1")
    assert own.status_code == 200
    assert "某市残联" not in own.text.split("<main", 1)[1]
    for key in ("city", "x2", "nobody"):
        assert (await clerk.get(f"/organisations/{key}")).status_code == 404
    assert (await clerk.get("/new-organisation")).status_code == 403
    assert (await clerk.post("/organisations/x1/edit", data={"name": "x"})).status_code == 403


async def test_an_administrator_below_changes_nothing_above_or_beside(campaign_2022, sign_in):
    lower = await sign_in("administrator", "x1")
    for key in ("city", "x2"):
        for act in ("edit", "move", "close"):
            page = f"/organisations/{key}/{act}"
            assert (await lower.get(page)).status_code == 404
            assert (await lower.post(page, data={"name": "x", "parent": "x1"})).status_code == 404
    refused = await lower.post("/new-organisation", data={**TOWN, "parent": "x2"})
    assert refused.status_code == 422
    assert "请从列出的选项里选" in refused.text
    moved = await lower.post("/organisations/x1/move", data={"parent": "x2"})
    assert moved.status_code == 422


async def test_an_office_is_added_by_its_page_and_joins_what_is_under_way(chief):
    form = (await chief.get("/new-organisation?parent=x1")).text
    assert '<option value="x1" selected>' in form
    assert '<option value="town" selected>' in form
    before = await changes()
    done = await chief.post("/new-organisation", data={**TOWN, "key": ""})
    assert done.headers["location"] == "/organisations/x1-01"
    assert "已增加“某某街道残联”。" in (await chief.get("/organisations/x1-01")).text
    town = {"name": TOWN["name"], "level": "town", "parent": "x1"}
    assert await participant("x1-01") == town
    assert await changes() == before + 1
    again = await chief.post("/new-organisation", data={**TOWN, "key": ""})
    assert again.headers["location"] == "/organisations/x1-02"


async def test_a_wrong_form_comes_back_with_what_was_typed(chief):
    bad = {"name": "", "parent": "x1", "level": "city", "key": "a/b"}
    page = await chief.post("/new-organisation", data=bad)
    assert page.status_code == 422
    assert "有2处要改" in page.text
    assert 'value="a/b"' in page.text
    level = await chief.post("/new-organisation", data={**TOWN, "level": "county"})
    assert "级别应当低于上级机构" in level.text
    taken = await chief.post("/new-organisation", data={**TOWN, "key": "x2"})
    assert "编号“x2”已经有机构在用" in taken.text


async def test_name_and_level_change_here_and_in_campaigns_under_way_alone(chief):
    await chief.post("/new-organisation", data=TOWN)
    changed = await chief.post(
        "/organisations/x1/edit", data={"name": "甲县残联", "level": "county"}
    )
    assert changed.headers["location"] == "/organisations/x1"
    assert (await participant("x1"))["name"] == "甲县残联"
    for level, sentence in (("city", "级别应当低于上级机构"), ("town", "级别应当高于下级机构")):
        page = await chief.post("/organisations/x1/edit", data={"name": "甲", "level": level})
        assert sentence in page.text
    await database.execute("UPDATE campaign SET state = 'closed'")
    before = await changes()
    await chief.post("/organisations/x1/edit", data={"name": "甲区残联", "level": "county"})
    assert (await participant("x1"))["name"] == "甲县残联"
    assert await changes() == before
    assert "甲区残联" in (await chief.get("/organisations")).text


async def test_an_office_is_moved_with_what_is_below_it(chief, actor_of):
    await chief.post("/new-organisation", data=TOWN)
    form = (await chief.get("/organisations/x1-01/move")).text
    assert 'value="x1-01"' not in form
    moved = await chief.post("/organisations/x1-01/move", data={"parent": "x2"})
    assert moved.headers["location"] == "/organisations/x1-01"
    assert (await participant("x1-01"))["parent"] == "x2"
    assert "x1-01" in (await visible(await actor_of("viewer", "x2"))).by_key
    assert "x1-01" not in (await visible(await actor_of("viewer", "x1"))).by_key
    below = await chief.post("/organisations/x2/move", data={"parent": "x1-01"})
    assert below.status_code == 422


async def test_closing_asks_first_and_keeps_the_open_ones_a_tree(chief):
    await chief.post("/new-organisation", data=TOWN)
    assert "停用“甲旗残联”？" in (await chief.get("/organisations/x1/close")).text
    refused = await chief.post("/organisations/x1/close", data={"on": "2022-06-01"})
    assert "它还有1个下级机构没有停用" in refused.text
    late = await chief.post("/organisations/x1-01/close", data={"on": "2100-01-01"})
    assert "停用日期不能晚于今天" in late.text
    for key in ("x1-01", "x1"):
        done = await chief.post(f"/organisations/{key}/close", data={"on": "2022-06-01"})
        assert done.headers["location"] == f"/organisations/{key}"
    assert "从2022年6月1日起停用" in (await chief.get("/organisations/x1")).text
    assert "共 4 个" in (await chief.get("/organisations")).text
    early = await chief.post("/organisations/x1-01/reopen", data={})
    assert "上级“甲旗残联”还停用着" in early.text
    under = await chief.post("/new-organisation", data={**TOWN, "key": "x1-09"})
    assert under.status_code == 422
    for key in ("x1", "x1-01"):
        assert (await chief.post(f"/organisations/{key}/reopen", data={})).status_code == 303
    assert "共 6 个" in (await chief.get("/organisations")).text
    assert await participant("x1-01") is not None


async def test_the_export_is_what_the_import_takes(chief):
    file = await chief.get("/organisations.xlsx")
    assert "attachment" in file.headers["content-disposition"]
    preview = await chief.post("/import-organisations", files={"file": ("机构.xlsx", file.content)})
    assert "上级编号" in preview.text
    rest = (await chief.get("/api/v1/organisation-tree")).json()
    assert [each["key"] for each in rest[0]["children"]] == ["x1", "x2", "x3", "x4"]


async def test_the_same_by_json(programme: httpx.AsyncClient):
    listed = (await programme.get(OFFICES)).json()
    assert [each["key"] for each in listed["items"]] == ["city", "x1", "x2", "x3", "x4"]
    made = await programme.post(OFFICES, json=TOWN, headers={"Idempotency-Key": "k"})
    assert made.status_code == 201
    assert made.json() == {**TOWN, "closed_on": None}
    repeated = await programme.post(OFFICES, json=TOWN, headers={"Idempotency-Key": "k"})
    assert (repeated.status_code, repeated.json()) == (201, made.json())
    assert (await programme.post(OFFICES, json=TOWN)).status_code == 409
    place = made.headers["location"]
    assert (await programme.get(place)).json() == made.json()
    named = await programme.patch(place, json={"name": "新街道残联"})
    assert named.json()["name"] == "新街道残联"
    assert (await programme.post(f"{place}/move", json={"parent": "x3"})).json()["parent"] == "x3"
    shut = await programme.post(f"{place}/close", json={"on": "2022-06-01"})
    assert shut.json()["closed_on"] == "2022-06-01"
    assert (await programme.get(f"{OFFICES}?q=新街道")).json()["items"] == []
    assert len((await programme.get(f"{OFFICES}?q=新街道&closed=true")).json()["items"]) == 1
    assert (await programme.post(f"{place}/reopen")).json()["closed_on"] is None
    actions = [e.action for e in await audit.entries(SYSTEM, audit.Filter(thing_key="x1-01"))]
    assert actions == [
        f"organisation.{a}" for a in ("reopened", "closed", "moved", "renamed", "created")
    ]


async def test_json_lists_are_paged_filtered_and_tagged(programme):
    first = await programme.get(OFFICES, params={"limit": 3})
    assert [each["key"] for each in first.json()["items"]] == ["city", "x1", "x2"]
    cursor = first.json()["next"]
    rest = (await programme.get(OFFICES, params={"limit": 3, "cursor": cursor})).json()
    assert [each["key"] for each in rest["items"]] == ["x3", "x4"]
    assert rest["next"] is None
    counties = (await programme.get(OFFICES, params={"level": "county"})).json()["items"]
    assert {each["level"] for each in counties} == {"county"}
    tag = {"If-None-Match": first.headers["etag"]}
    assert (await programme.get(OFFICES, params={"limit": 3}, headers=tag)).status_code == 304


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"key": "a b"}, "/key"),
        ({"name": ""}, "/name"),
        ({"level": "village"}, "/level"),
        ({"level": "province"}, "/level"),
        ({"parent": "nobody"}, "/parent"),
    ],
)
async def test_json_refuses_with_the_place(programme, change, pointer):
    answer = await programme.post(OFFICES, json={**TOWN, **change})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert (await programme.get(f"{OFFICES}/x1-01")).status_code == 404


async def test_json_beyond_ones_offices_does_not_exist(campaign_2022, bearer, client):
    client.headers.update(await bearer("administrator", "x1"))
    assert (await client.get(f"{OFFICES}/city")).status_code == 404
    assert (await client.patch(f"{OFFICES}/x2", json={"name": "乙"})).status_code == 404
    assert (await client.post(f"{OFFICES}/x2/close", json={})).status_code == 404
    assert (await client.post(f"{OFFICES}/x1/move", json={"parent": "x2"})).status_code == 422
    above = await client.post(OFFICES, json={**TOWN, "parent": "city"})
    assert above.json()["errors"][0]["pointer"] == "/parent"
    rootless = await client.post(OFFICES, json={**TOWN, "parent": None})
    assert rootless.status_code == 422


async def test_two_thousand_offices_cost_no_more_statements_than_five(chief, actor_of):
    async def statements(page):
        seen: list[str] = []
        async with database.watching(seen.append):
            assert (await chief.get(page)).status_code == 200
        return len(seen)

    pages = ("/organisations", "/organisations/x1", "/organisations?q=村", "/api/v1/organisations")
    few = [await statements(page) for page in pages]
    parent = await database.fetch_value("SELECT id FROM organisation WHERE key = 'x1'")
    for level in list(LEVEL_LABELS)[-2:]:
        rows = [
            {"key": f"{level}{n}", "name": f"第{n}村", "level": level, "parent": parent}
            for n in range(1000)
        ]
        await database.execute_many(
            "INSERT INTO organisation (key, name, level, parent)"
            " VALUES (:key, :name, :level, :parent)",
            rows,
        )
    await database.execute(
        "INSERT INTO organisation_closure (ancestor, descendant, depth)"
        " SELECT k.ancestor, o.id, k.depth + 1 FROM organisation o"
        " JOIN organisation_closure k ON k.descendant = o.parent"
        " WHERE o.name LIKE '第%'"
    )
    await database.execute(
        "INSERT INTO organisation_closure (ancestor, descendant, depth)"
        " SELECT id, id, 0 FROM organisation WHERE name LIKE '第%'"
    )
    assert len((await visible(await actor_of("administrator", "city"))).by_key) == 2005
    assert [await statements(page) for page in pages] == few
