"""Items, materials and outreach through JSON, pages and spreadsheets."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from openpyxl import Workbook, load_workbook

from api.kit.records import Work, change, put
from core import bundles, campaigns, database
from core.permissions import SYSTEM
from core.process import Process
from core.refusals import Conflict, Refusal
from plugins.publicity.records import AUDIENCE, ITEMS, MATERIALS
from tests.fixtures.application import ActorOf, Bearer, SignIn
from tests.plugins.publicity.records_made import (
    ITEM,
    MATERIAL,
    OUTREACH,
    add_item,
    add_material,
    add_outreach,
)

BASE = "/campaigns/2022-city/publicity"
DATA = f"/api/v1{BASE}"
# A list, a record of it, and what is changed of that.
Case = tuple[str, dict[str, Any], dict[str, Any]]
CASES: tuple[Case, ...] = (
    ("items", ITEM, {"outlet": "乙日报"}),
    ("materials", MATERIAL, {"quantity": 7}),
    ("outreach", OUTREACH, {"people": 8}),
)


@pytest.fixture
async def work(campaign_2022: str) -> Work:
    return Work(SYSTEM, await campaigns.find(campaign_2022))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
async def test_a_programme_adds_reads_changes_and_removes(
    campaign_2022: str,
    client: httpx.AsyncClient,
    bearer: Bearer,
    case: Case,
) -> None:
    resource, record, changed = case
    headers = await bearer("clerk", "x1")
    path = f"{DATA}/{resource}"
    made = await client.post(path, json={"key": "made", **record}, headers=headers)
    assert made.status_code == 201, made.text
    assert made.json() == {"key": "made", **record}
    assert made.headers["location"] == f"{path}/made"
    answer = await client.patch(f"{path}/made", json=changed, headers=headers)
    assert answer.json() == {"key": "made", **record, **changed}
    listed = await client.get(path, params={"organisation": "x1"}, headers=headers)
    assert listed.json()["items"] == [answer.json()]
    assert (await client.delete(f"{path}/made", headers=headers)).status_code == 204
    assert (await client.get(f"{path}/made", headers=headers)).status_code == 404


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
async def test_offices_beside_see_and_touch_nothing(
    campaign_2022: str,
    client: httpx.AsyncClient,
    bearer: Bearer,
    sign_in: SignIn,
    case: Case,
) -> None:
    resource, record, changed = case
    path = f"{DATA}/{resource}"
    own, beside = await bearer("clerk", "x1"), await bearer("clerk", "x2")
    await client.post(path, json={"key": "made", **record}, headers=own)
    assert (await client.get(f"{path}/made", headers=beside)).status_code == 404
    answer = await client.patch(f"{path}/made", json=changed, headers=beside)
    assert answer.status_code == 404
    assert (await client.delete(f"{path}/made", headers=beside)).status_code == 404
    refused = await client.post(path, json={"key": "other", **record}, headers=beside)
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/organisation"]
    assert "made" not in str((await client.get(path, headers=beside)).json())
    browser = await sign_in("clerk", "x2")
    for end in ("", "/edit", "/delete"):
        assert (await browser.get(f"{BASE}/{resource}/made{end}")).status_code == 404
    above = await bearer("clerk", "city")
    assert (await client.patch(f"{path}/made", json=changed, headers=above)).status_code == 200
    viewer = await bearer("viewer", "x1")
    assert (await client.get(f"{path}/made", headers=viewer)).status_code == 200
    assert (await client.patch(f"{path}/made", json=changed, headers=viewer)).status_code == 403
    volunteer = await bearer("volunteer", "x1")
    assert (await client.get(path, headers=volunteer)).status_code == 403


async def test_lists_are_narrowed_by_kind_level_office_and_day(
    work: Work, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    await add_item(work, "a", kind="tv", outlet_level="nation", published_on="2022-05-02")
    await add_item(work, "b", reprint_of="a", url=None, published_on="2022-05-01")
    await add_item(work, "c", organisation="x2", published_on="2022-06-02")
    for number, day in enumerate(("2022-05-14", "2022-05-15", "2022-05-16")):
        await add_material(work, f"b{number}", on=day)
        await add_outreach(work, f"o{number}", on=day)
    headers = await bearer("viewer", "city")

    async def keys(resource: str, **asked: str) -> list[str]:
        answer = await client.get(f"{DATA}/{resource}", params=asked, headers=headers)
        assert answer.status_code == 200, answer.text
        return [item["key"] for item in answer.json()["items"]]

    assert await keys("items", kind="tv") == ["a"]
    assert await keys("items", outlet_level="nation") == ["a"]
    assert await keys("items", organisation="x2") == ["c"]
    assert await keys("items", organisation="x1") == ["a", "b"]
    assert await keys("items", published_on_until="2022-05-02") == ["a", "b"]
    assert await keys("items", published_on_from="2022-06-01") == ["c"]
    assert await keys("items", reprint="yes") == ["b"]
    assert await keys("items", reprint_of="a") == ["b"]
    assert await keys("items", issues="没有网址") == ["b"]
    assert await keys("items", issues="不在活动期间") == ["c"]
    assert await keys("items", issues="早于原报道") == ["b"]
    assert await keys("items", title="走进", organisation="x2") == ["c"]
    for resource, letter in (("materials", "b"), ("outreach", "o")):
        narrowed = {"organisation": "x1", "on_from": "2022-05-15"}
        assert await keys(resource, **narrowed) == [f"{letter}2", f"{letter}1"]
        assert await keys(resource, organisation="x1", on_until="2022-05-14") == [f"{letter}0"]
    assert await keys("materials", kind="leaflet", organisation="x1") == ["b2", "b1", "b0"]
    assert await keys("materials", kind="sms", organisation="x1") == []


async def test_lists_of_days_come_in_pages(
    work: Work, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    for number in range(5):
        await add_material(work, f"b{number}", on=f"2022-05-{15 + number // 2}")
    headers = await bearer("viewer", "x1")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        asked = {"cursor": cursor, "limit": "2"}
        page = (await client.get(f"{DATA}/materials", params=asked, headers=headers)).json()
        seen += [item["key"] for item in page["items"]]
        cursor = page["next"]
    assert seen == ["b4", "b3", "b2", "b1", "b0"]


async def test_the_same_address_is_refused_and_the_earlier_item_named(
    work: Work, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    await add_item(work, "a", url="https://www.example.org/news/1/?utm_source=x")
    headers = await bearer("clerk", "x1")
    again = {**ITEM, "url": "http://EXAMPLE.org/news/1#top"}
    answer = await client.post(f"{DATA}/items", json=again, headers=headers)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/url", "duplicate_url")
    assert fault["message"] == "这个网址已经登记过了：“助残日走进社区”（甲旗残联，编号 a）"
    # Of an office that he may not look at, a clerk learns nothing but that it is so.
    beside = await bearer("clerk", "x2")
    answer = await client.post(
        f"{DATA}/items", json={**again, "organisation": "x2"}, headers=beside
    )
    assert [fault["message"] for fault in answer.json()["errors"]] == [
        "这个网址别的单位已经登记过了"
    ]
    kept = await client.patch(
        f"{DATA}/items/a", json={"url": "https://example.org/news/1"}, headers=headers
    )
    assert kept.status_code == 200
    for blank in (None, "", " "):
        for _ in range(2):
            made = await client.post(f"{DATA}/items", json={**ITEM, "url": blank}, headers=headers)
            assert made.status_code == 201, made.text


async def test_a_reprint_of_itself_is_refused(work: Work) -> None:
    await add_item(work, "a")
    await add_item(work, "b", reprint_of="a")
    await add_item(work, "c", reprint_of="b")
    with pytest.raises(Refusal) as refused:
        await change(work, ITEMS, "a", {"reprint_of": "c"})
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
        ("/reprint_of", "cycle")
    ]
    await change(work, ITEMS, "c", {"reprint_of": "a"})


async def test_an_original_stays_while_it_has_reprints(work: Work, sign_in: SignIn) -> None:
    await add_item(work, "a")
    await add_item(work, "b", reprint_of="a")
    browser = await sign_in("clerk", "x1")
    page = await browser.get(f"{BASE}/items/a/delete")
    assert "还有1条转载用到它" in page.text
    assert (await browser.post(f"{BASE}/items/a/delete")).status_code == 409
    gone = await browser.post(f"{BASE}/items/b/delete")
    assert (gone.status_code, gone.headers["location"]) == (303, f"{BASE}/items/a")
    gone = await browser.post(f"{BASE}/items/a/delete")
    assert (gone.status_code, gone.headers["location"]) == (303, f"{BASE}/items")


async def test_addresses_may_be_exchanged_in_one_step(work: Work) -> None:
    await add_item(work, "a")
    await add_item(work, "b")
    items = [
        {**ITEM, "key": "a", "url": "https://example.org/b"},
        {**ITEM, "key": "b", "url": "https://example.org/a"},
        {**ITEM, "key": "c", "url": "https://example.org/c"},
    ]
    await put(work, ITEMS, items)
    with pytest.raises(Refusal) as refused:
        await put(work, ITEMS, [{**items[0], "url": "https://example.org/c"}, items[1]])
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/0/url", "duplicate_url")]
    with pytest.raises(Refusal) as refused:
        await put(work, ITEMS, [items[0], {**items[1], "url": "https://example.org/b/"}])
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.message) == (
        "/1/url", "和前面的“助残日走进社区”是同一个网址",
    )  # fmt: skip


async def test_what_is_entered_travels_in_the_bundle(process: Process, work: Work) -> None:
    await add_item(work, "a")
    await add_item(work, "b", reprint_of="a")
    await add_material(work, "q", activity="a01")
    await add_outreach(work, "o", activity="a02")
    data = await bundles.export_bundle(work.campaign.key, process.plugins)
    await bundles.import_bundle(data.encode(), process.plugins, process.catalogue, SYSTEM)
    assert await bundles.export_bundle(work.campaign.key, process.plugins) == data


async def test_closed_campaigns_take_nothing(work: Work, actor_of: ActorOf) -> None:
    await database.execute("UPDATE campaign SET state = 'closed'")
    clerk = Work(await actor_of("clerk", "x1"), await campaigns.find(work.campaign.key))
    for resource, item in ((ITEMS, ITEM), (MATERIALS, MATERIAL), (AUDIENCE, OUTREACH)):
        with pytest.raises(Conflict):
            await put(clerk, resource, [item])


async def test_writing_is_logged_and_counted(work: Work, actor_of: ActorOf) -> None:
    before = (await campaigns.find(work.campaign.key)).changes
    clerk = Work(await actor_of("clerk", "x1"), work.campaign)
    await add_item(clerk, "a")
    assert (await campaigns.find(work.campaign.key)).changes > before
    entry = await database.fetch_one("SELECT * FROM audit_entry ORDER BY id DESC LIMIT 1")
    assert entry is not None
    assert (entry["action"], entry["actor"]) == ("publicity.items.added", "clerk-x1")


# Pages


@pytest.mark.parametrize("resource", ["items", "materials", "outreach"])
async def test_pages_work(work: Work, sign_in: SignIn, resource: str) -> None:
    await add_item(work, "r")
    await add_material(work, "r")
    await add_outreach(work, "r")
    browser = await sign_in("clerk", "x1")
    for path in ("", "/new", "/import", "/r", "/r/edit", "/r/delete"):
        answer = await browser.get(f"{BASE}/{resource}{path}")
        assert answer.status_code == 200, (path, answer.text)
    for path in ("/template.xlsx", "/export.xlsx"):
        answer = await browser.get(f"{BASE}/{resource}{path}")
        assert load_workbook(io.BytesIO(answer.content)).active is not None


async def test_only_addresses_of_the_web_are_links(work: Work, sign_in: SignIn) -> None:
    addresses = {
        "good": "https://example.org/1?a=1&b=2",
        "script": "javascript:alert(1)",
        "bare": "www.example.org/2",
        "quoted": 'https://example.org/"><script>alert(1)</script>',
    }
    for key, url in addresses.items():
        await add_item(work, key, url=url)
    browser = await sign_in("viewer", "x1")
    page = {key: (await browser.get(f"{BASE}/items/{key}")).text for key in addresses}
    link = '<a href="https://example.org/1?a=1&amp;b=2" rel="noopener">'
    assert link in page["good"]
    assert 'href="javascript:' not in page["script"]
    assert "javascript:alert(1)" in page["script"]
    assert 'href="www.' not in page["bare"]
    assert "<script>alert" not in page["quoted"]


async def test_an_item_shows_its_original_and_its_reprints(work: Work, sign_in: SignIn) -> None:
    await add_item(work, "a")
    await add_item(work, "b", outlet="乙网", reprint_of="a")
    await add_item(work, "c", outlet="丙网", reprint_of="a", organisation="x2")
    browser = await sign_in("clerk", "x1")
    original = (await browser.get(f"{BASE}/items/a")).text
    assert "已登记转载1篇" in original
    assert f'href="{BASE}/items/b"' in original
    assert "丙网" not in original
    assert f"{BASE}/items/new?reprint_of=a" in original
    reprint = (await browser.get(f"{BASE}/items/b")).text
    assert f'<a href="{BASE}/items/a">助残日走进社区 · 甲日报〔a〕</a>' in reprint
    assert "new?reprint_of" not in reprint
    viewer = await sign_in("viewer", "x1")
    assert "new?reprint_of" not in (await viewer.get(f"{BASE}/items/a")).text
    made = await browser.post(
        f"{BASE}/items/new?reprint_of=a",
        data={
            "kind": "article", "outlet": "丁网", "outlet_level": "nation",
            "published_on": "2022-05-18", "organisation": "x1",
        },
    )  # fmt: skip
    assert (made.status_code, made.headers["location"]) == (303, f"{BASE}/items/a")
    assert "已登记转载2篇" in (await browser.get(f"{BASE}/items/a")).text


async def test_an_original_is_chosen_or_named_by_its_key(work: Work, sign_in: SignIn) -> None:
    await add_item(work, "a")
    browser = await sign_in("clerk", "x1")
    assert "助残日走进社区 · 甲日报〔a〕</option>" in (await browser.get(f"{BASE}/items/new")).text
    form = {
        "kind": "article", "outlet": "丁网", "outlet_level": "nation", "key": "b",
        "published_on": "2022-05-18", "organisation": "x1", "reprint_of": "a", "title": "",
    }  # fmt: skip
    assert (await browser.post(f"{BASE}/items/new", data=form)).status_code == 303
    row = await database.fetch_one("SELECT * FROM publicity_item WHERE key = 'b'")
    assert row is not None
    assert row["title"] == ""
    assert row["url"] is None
    assert row["reprint_of"] == await database.fetch_value(
        "SELECT id FROM publicity_item WHERE key = 'a'"
    )


async def test_a_form_says_all_that_is_wrong_and_keeps_what_was_typed(
    work: Work, sign_in: SignIn
) -> None:
    await add_item(work, "a", url="https://example.org/a")
    browser = await sign_in("clerk", "x1")
    form = {"title": "我的题目", "kind": "article", "outlet": "", "url": "example.org/a"}
    answer = await browser.post(f"{BASE}/items/new", data=form)
    assert answer.status_code == 422
    for name in ("outlet", "outlet_level", "published_on", "organisation"):
        assert f'href="#field-{name}"' in answer.text, name
    assert "我的题目" in answer.text
    form |= {
        "outlet": "甲日报", "outlet_level": "city", "published_on": "2022-05-16",
        "organisation": "x1",
    }  # fmt: skip
    answer = await browser.post(f"{BASE}/items/new", data=form)
    assert answer.status_code == 422
    assert "这个网址已经登记过了：“助残日走进社区”" in answer.text


# Spreadsheets

HEAD = ["标题", "类别", "媒体名称", "媒体级别", "刊发日期", "报送单位", "网址", "转自", "编号"]


def xlsx(*rows: Sequence[object]) -> bytes:
    """A workbook with these rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def upload(browser: httpx.AsyncClient, resource: str, data: bytes) -> str:
    """Upload a file; answers the address of its preview."""
    answer = await browser.post(
        f"{BASE}/{resource}/import",
        files={"file": ("宣传.xlsx", data, "application/octet-stream")},
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def count(table: str = "publicity_item") -> int:
    return int(await database.fetch_value(f"SELECT COUNT(*) FROM {table}"))


async def test_a_preview_shows_every_error_at_its_cell_and_nothing_is_written(
    work: Work, sign_in: SignIn
) -> None:
    await add_item(work, "a", url="https://example.org/a")
    browser = await sign_in("clerk", "x1")
    before = await count()
    preview = await upload(
        browser, "items",
        xlsx(
            HEAD,
            ["题一", "稿件", "甲日报", "市级", "2022-5-16", "", "http://example.org/a/", "", ""],
            ["题二", "报纸", "", "乡级", "五月", "没有的残联", "https://example.org/2", "没有", ""],
            ["题三", "稿件", "甲日报", "市级", "2022-5-16", "", "https://example.org/2", "", "k"],
            ["题四", "稿件", "甲日报", "市级", "2022-5-16", "", "", "m2", "m1"],
            ["题五", "稿件", "甲日报", "市级", "2022-5-16", "", "", "m1", "m2"],
        ),
    )  # fmt: skip
    shown = (await browser.get(preview)).text
    for cell in ("G2", "B3", "C3", "D3", "E3", "F3", "H3", "G4", "H5", "H6"):
        assert f'id="cell-{cell}"' in shown, cell
    assert "和前面的“题二”是同一个网址" in shown
    assert "确认导入" not in shown
    assert (await browser.post(preview)).status_code == 422
    assert await count() == before


async def test_a_reprint_may_stand_above_its_original_in_the_same_file(
    work: Work, sign_in: SignIn
) -> None:
    await add_item(work, "old", title="旧题")
    browser = await sign_in("clerk", "x1")
    rows = (
        ["", "稿件", "丙网", "省级", "2022-5-17", "", "", "n1", "n2"],
        ["题一", "稿件", "甲日报", "市级", "2022-5-16", "甲旗残联", "https://a.org/1", "old", "n1"],
        ["旧题改", "稿件", "甲日报", "市级", "2022-5-16", "x1", "", "", "old"],
        ["", "稿件", "丁网", "省级", "2022-5-17", "", "", "old", ""],
    )
    preview = await upload(browser, "items", xlsx(HEAD, *rows))
    shown = (await browser.get(preview)).text
    assert "将新增3条，更新1条" in shown, shown
    assert (await browser.post(preview)).status_code == 303
    links = await database.fetch(
        "SELECT i.key, i.outlet, o.key AS original FROM publicity_item i"
        " LEFT JOIN publicity_item o ON o.id = i.reprint_of"
        " WHERE i.organisation = (SELECT id FROM organisation WHERE key = 'x1') ORDER BY i.outlet"
    )
    found = {(row["outlet"], row["original"]) for row in links}
    assert found == {("丙网", "n1"), ("甲日报", "old"), ("甲日报", None), ("丁网", "old")}
    assert (
        await database.fetch_value("SELECT title FROM publicity_item WHERE key='old'") == "旧题改"
    )


@pytest.mark.parametrize("resource", ["items", "materials", "outreach"])
async def test_an_export_comes_back_without_a_change(
    work: Work, sign_in: SignIn, resource: str
) -> None:
    await add_item(work, "a", title="")
    await add_item(work, "b", title="", reprint_of="a", url=None)
    await add_item(work, "c", title="", reprint_of="b")
    await add_material(work, "q", activity="a01")
    await add_outreach(work, "o")
    browser = await sign_in("clerk", "x1")
    table = {"items": "publicity_item", "materials": "publicity_material"}.get(
        resource, "publicity_outreach"
    )
    before = await database.fetch(f"SELECT * FROM {table} ORDER BY id")
    exported = await browser.get(f"{BASE}/{resource}/export.xlsx")
    preview = await upload(browser, resource, exported.content)
    shown = (await browser.get(preview)).text
    assert "将更新" in shown, shown
    assert "新增" not in shown
    assert (await browser.post(preview)).status_code == 303
    assert await database.fetch(f"SELECT * FROM {table} ORDER BY id") == before


async def test_statements_do_not_grow_with_the_number_of_records(
    work: Work, sign_in: SignIn
) -> None:
    browser = await sign_in("clerk", "x1")

    async def statements(size: int, start: int) -> list[int]:
        rows = [
            [f"题{n}", "稿件", "甲日报", "市级", "2022-5-16", "", f"https://a.org/{n}",
             f"k{start}" if n > start else "", f"k{n}"]
            for n in range(start, start + size)
        ]  # fmt: skip
        counted = []
        preview = await upload(browser, "items", xlsx(HEAD, *rows))
        for ask in (lambda: browser.get(preview), lambda: browser.post(preview),
                    lambda: browser.get(f"{BASE}/items"),
                    lambda: browser.get(f"{BASE}/items/k{start}")):  # fmt: skip
            ran: list[str] = []
            async with database.watching(ran.append):
                answer = await ask()
            assert answer.status_code in {200, 303}, answer.text
            counted.append(len(ran))
        return counted

    first = await statements(2, 0)
    assert await statements(1000, 10) == first
    assert await count() == 1202
