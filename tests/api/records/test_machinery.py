"""The machinery for records, through the plugin that shows it: scopes, pages, states, numbers."""

from __future__ import annotations

import io
from collections.abc import Sequence

import httpx
import pytest
from openpyxl import Workbook

from api.kit.records import Work, add, change, put, remove
from api.kit.records.visits import record_href
from core import campaigns, database
from core.permissions import SYSTEM
from core.refusals import Conflict, Missing, Refusal
from plugins.condolence.records import LINES, RECIPIENTS, ROUNDS
from tests.fixtures.application import ActorOf, Bearer, SignIn

PAGE = "/campaigns/{}/condolence/recipients"
DATA = "/api/v1/campaigns/{}/condolence/recipients"
LINE_DATA = "/api/v1/campaigns/{}/condolence/lines"
PERSON = {"kind": "person", "name": "张三", "organisation": "x1"}


@pytest.fixture
async def work(campaign_2022: str) -> Work:
    return Work(SYSTEM, await campaigns.find(campaign_2022))


class Statements(list[str]):
    """What ran on the database."""

    def __call__(self, sql: str) -> None:
        self.append(sql)


async def test_offices_beside_see_and_touch_nothing(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer, sign_in: SignIn
) -> None:
    headers = await bearer("clerk", "x2")
    path = f"{DATA.format(campaign_2022)}/r00239"
    assert (await client.get(path, headers=headers)).status_code == 404
    assert (await client.patch(path, json={"members": 9}, headers=headers)).status_code == 404
    assert (await client.delete(path, headers=headers)).status_code == 404
    made = await client.post(DATA.format(campaign_2022), json=PERSON, headers=headers)
    assert [error["pointer"] for error in made.json()["errors"]] == ["/organisation"]
    browser = await sign_in("clerk", "x2")
    for end in ("", "/edit", "/delete"):
        answer = await browser.get(f"{PAGE.format(campaign_2022)}/r00239{end}")
        assert answer.status_code == 404, end
    above = await bearer("clerk", "city")
    assert (await client.patch(path, json={"members": 9}, headers=above)).status_code == 200


async def test_viewers_look_and_volunteers_do_not_even_that(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    path = DATA.format(campaign_2022)
    viewer = await bearer("viewer", "x1")
    assert (await client.get(path, headers=viewer)).status_code == 200
    assert (await client.post(path, json=PERSON, headers=viewer)).status_code == 403
    volunteer = await bearer("volunteer", "x1")
    assert (await client.get(path, headers=volunteer)).status_code == 403


async def test_a_plugin_that_is_not_used_has_no_pages(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer, sign_in: SignIn
) -> None:
    await database.execute("DELETE FROM campaign_plugin WHERE plugin = 'condolence'")
    headers = await bearer("clerk", "x1")
    assert (await client.get(DATA.format(campaign_2022), headers=headers)).status_code == 404
    browser = await sign_in("clerk", "x1")
    assert (await browser.get(PAGE.format(campaign_2022))).status_code == 404


async def test_a_list_is_paged_without_gap_or_repeat(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    headers = await bearer("viewer", "city")
    for path, total in ((DATA, 360), (LINE_DATA, 360)):
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = (
                await client.get(
                    path.format(campaign_2022),
                    params={"cursor": cursor, "limit": 100},
                    headers=headers,
                )
            ).json()
            seen += [item.get("key") or item["recipient"] for item in page["items"]]
            cursor = page["next"]
        assert len(seen) == len(set(seen)) == total


async def test_lists_are_narrowed(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    headers = await bearer("viewer", "city")

    async def count(path: str, **given: str) -> int:
        asked = {**given, "limit": "200"}
        answer = await client.get(path.format(campaign_2022), params=asked, headers=headers)
        assert answer.status_code == 200, answer.text
        return len(answer.json()["items"])

    assert await count(DATA, organisation="x1") == 120
    assert await count(DATA, organisation="city") == 200
    assert await count(DATA, kind="institution") == 0
    assert await count(LINE_DATA, recipient="r00239") == 1
    assert await count(LINE_DATA, recipient="对象00239") == 1
    assert await count(LINE_DATA, status="planned") == 0
    assert await count(LINE_DATA, round="n00359") == 120
    rounds = "/api/v1/campaigns/{}/condolence/rounds"
    assert await count(rounds, visited_on_from="2022-05-12", visited_on_until="2022年5月12日") == 2
    assert await count(rounds, visited_on_from="2022-05-13") == 0
    bad = await client.get(
        rounds.format(campaign_2022), params={"visited_on_from": "soon"}, headers=headers
    )
    assert bad.status_code == 422


async def test_a_repeated_request_makes_one_record(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    headers = {**await bearer("clerk", "x1"), "idempotency-key": "once"}
    first = await client.post(DATA.format(campaign_2022), json=PERSON, headers=headers)
    again = await client.post(DATA.format(campaign_2022), json=PERSON, headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.headers["location"] == again.headers["location"]
    rows = await database.fetch_value("SELECT COUNT(*) FROM condolence_recipient")
    assert rows == 361


async def test_an_unchanged_list_is_not_sent_again(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    headers = await bearer("viewer", "x1")
    first = await client.get(DATA.format(campaign_2022), headers=headers)
    again = await client.get(
        DATA.format(campaign_2022), headers={**headers, "if-none-match": first.headers["etag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("state", "recipients", "rounds"),
    [
        ("draft", True, False),
        ("open", True, True),
        ("closing", True, True),
        ("closed", False, False),
        ("archived", False, False),
    ],
)
async def test_the_campaign_s_state_says_what_may_be_written(
    work: Work, sign_in: SignIn, state: str, recipients: bool, rounds: bool
) -> None:
    await database.execute("UPDATE campaign SET state = :state", state=state)
    new_round = {
        "occasion": "春节",
        "organisation": "x1",
        "activity": None,
        "visited_on": "2022-05-12",
    }
    for resource, item, allowed in (
        (RECIPIENTS, PERSON, recipients),
        (ROUNDS, new_round, rounds),
    ):
        if allowed:
            await add(work, resource, item)
            continue
        with pytest.raises(Conflict) as refused:
            await add(work, resource, item)
        assert refused.value.code == "campaign_state"
    browser = await sign_in("clerk", "x1")
    page = await browser.get(PAGE.format("2022-city"))
    assert page.status_code == 200
    assert ("从表格导入" in page.text) == recipients


async def test_what_is_in_use_stays(work: Work) -> None:
    with pytest.raises(Conflict, match="还有1条走访明细用到它"):
        await remove(work, RECIPIENTS, "r00239")
    await remove(work, LINES, "n00359~r00239")
    await remove(work, RECIPIENTS, "r00239")
    with pytest.raises(Missing):
        await remove(work, RECIPIENTS, "r00239")


async def test_a_round_goes_with_its_lines(work: Work) -> None:
    await remove(work, ROUNDS, "n00359")
    left = await database.fetch_value("SELECT COUNT(*) FROM condolence_line")
    assert left == 240


async def test_an_identity_stays_as_it_is(work: Work) -> None:
    with pytest.raises(Refusal) as refused:
        await change(work, RECIPIENTS, "r00239", {"key": "other"})
    assert [fault.pointer for fault in refused.value.faults] == ["/key"]


async def test_every_write_counts_as_a_change_of_the_campaign(work: Work) -> None:
    sql = "SELECT changes FROM campaign"
    before = await database.fetch_value(sql)
    await add(work, RECIPIENTS, {"key": "r1", **PERSON})
    await change(work, RECIPIENTS, "r1", {"members": 1})
    await remove(work, RECIPIENTS, "r1")
    assert await database.fetch_value(sql) == before + 3


async def test_many_are_written_all_or_none(work: Work) -> None:
    good = [{**PERSON, "key": f"k{n}"} for n in range(50)]
    with pytest.raises(Refusal) as refused:
        await put(work, RECIPIENTS, [*good, {**PERSON, "organisation": "nowhere"}])
    assert [fault.pointer for fault in refused.value.faults] == ["/50/organisation"]
    assert await database.fetch_value("SELECT COUNT(*) FROM condolence_recipient") == 360
    await put(work, RECIPIENTS, good)
    assert await database.fetch_value("SELECT COUNT(*) FROM condolence_recipient") == 410


async def test_writing_a_thousand_takes_as_many_statements_as_writing_two(work: Work) -> None:
    counts = []
    for amount in (2, 1000):
        told = Statements()
        async with database.watching(told):
            await put(work, RECIPIENTS, [{**PERSON, "name": f"甲{n}"} for n in range(amount)])
            await put(
                work,
                LINES,
                [
                    {
                        "round": "n00359",
                        "recipient": f"r00{n}",
                        "cash": "1.00",
                        "status": "delivered",
                        "goods": [],
                    }
                    for n in range(239, 239 + (amount if amount < 100 else 120))
                ],
            )
        counts.append(len(told))
    assert counts[0] == counts[1]


async def test_looking_at_a_thousand_takes_as_many_statements_as_at_one(
    work: Work, sign_in: SignIn
) -> None:
    browser = await sign_in("clerk", "city")
    paths = (
        PAGE.format("2022-city"),
        f"{PAGE.format('2022-city')}/export.xlsx",
        "/campaigns/2022-city/condolence/rounds",
        "/campaigns/2022-city/condolence/rounds/n1",
        "/campaigns/2022-city/condolence/lines",
    )
    new_round = {"occasion": "春节", "activity": None, "visited_on": "2022-05-12"}
    counts: list[list[int]] = []
    await database.execute("DELETE FROM condolence_goods")
    await database.execute("DELETE FROM condolence_line")
    await database.execute("DELETE FROM condolence_recipient")
    await add(work, ROUNDS, {**new_round, "key": "n1", "organisation": "x1"})
    for amount in (1, 1000):
        given = [{**PERSON, "key": f"p{amount}-{n}"} for n in range(amount)]
        await put(work, RECIPIENTS, given)
        line = {"round": "n1", "cash": "1.00", "status": "delivered", "goods": []}
        await put(work, LINES, [{**line, "recipient": each["key"]} for each in given])
        counts.append([])
        for path in paths:
            told = Statements()
            async with database.watching(told):
                answer = await browser.get(path)
            assert answer.status_code == 200, path
            counts[-1].append(len(told))
    assert counts[0] == counts[1]


def xlsx(*rows: Sequence[object]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def test_a_waiting_file_is_its_sender_s_alone(campaign_2022: str, sign_in: SignIn) -> None:
    browser = await sign_in("clerk", "x1")
    page = PAGE.format(campaign_2022)
    data = xlsx(["姓名或名称", "类别"], ["王五", "个人"])
    sent = await browser.post(f"{page}/import", files={"file": ("a.xlsx", data)})
    preview = sent.headers["location"]
    other = await sign_in("clerk", "city")
    assert (await other.get(preview)).status_code == 404
    assert (await browser.get(preview)).status_code == 200
    stored = await database.fetch_value("SELECT content_sealed FROM upload")
    assert stored.startswith("v1:")
    await database.execute("UPDATE upload SET created_at = :old", old=_long_ago())
    assert (await browser.get(preview)).status_code == 404


def _long_ago() -> object:
    from datetime import timedelta

    from core.moments import now

    return now() - timedelta(hours=2)


async def test_an_upload_that_is_no_table_says_so(campaign_2022: str, sign_in: SignIn) -> None:
    browser = await sign_in("clerk", "x1")
    page = PAGE.format(campaign_2022)
    nothing = await browser.post(f"{page}/import", data={"x": "y"})
    assert nothing.status_code == 422
    assert "请选择文件" in nothing.text
    wrong = await browser.post(f"{page}/import", files={"file": ("a.pdf", b"%PDF")})
    assert wrong.status_code == 422
    broken = await browser.post(f"{page}/import", files={"file": ("a.xlsx", b"no zip")})
    preview = await browser.get(broken.headers["location"])
    assert preview.status_code == 200
    assert "确认导入" not in preview.text


async def test_the_only_office_need_not_be_named_and_two_need(
    campaign_2022: str, actor_of: ActorOf
) -> None:
    campaign = await campaigns.find(campaign_2022)
    own = Work(await actor_of("clerk", "x1"), campaign)
    blank = {"kind": "person", "name": "张三"}
    batch = await put(own, RECIPIENTS, [blank], by_label=True)
    assert batch.entries[0].given["organisation"] == "x1"
    above = Work(await actor_of("clerk", "city"), campaign)
    with pytest.raises(Refusal) as refused:
        await put(above, RECIPIENTS, [blank], by_label=True)
    assert [fault.pointer for fault in refused.value.faults] == ["/0/organisation"]


async def test_forms_keep_what_was_typed_and_say_what_is_wrong(
    campaign_2022: str, sign_in: SignIn
) -> None:
    browser = await sign_in("clerk", "x1")
    new = f"{PAGE.format(campaign_2022)}/new"
    form = {"name": "张三丰", "kind": "", "organisation": "x1", "members": "三", "key": ""}
    again = await browser.post(new, data=form)
    assert again.status_code == 422
    assert 'value="张三丰"' in again.text
    assert 'href="#field-kind"' in again.text
    assert 'href="#field-members"' in again.text
    done = await browser.post(new, data={**form, "kind": "person", "members": "３"})
    assert done.status_code == 303, done.text
    record = await browser.get(done.headers["location"])
    assert "张*丰" in record.text
    edit = f"{done.headers['location']}/edit"
    assert "张三丰" not in (await browser.get(edit)).text
    changed = {"name": "", "kind": "household", "organisation": "x1", "members": ""}
    assert (await browser.post(edit, data=changed)).status_code == 303
    row = await database.fetch_one("SELECT * FROM condolence_recipient ORDER BY id DESC LIMIT 1")
    assert row is not None
    assert (row["kind"], row["members"]) == ("household", None)
    assert "张*丰" in (await browser.get(done.headers["location"])).text


@pytest.mark.parametrize("key", ["new", "import", "template.xlsx", "export.xlsx"])
async def test_a_key_that_is_a_word_of_an_address_has_a_page(
    work: Work, sign_in: SignIn, key: str
) -> None:
    await add(work, RECIPIENTS, {**PERSON, "key": key})
    browser = await sign_in("clerk", "x1")
    answer = await browser.get(record_href(work, RECIPIENTS, key))
    assert "张*" in answer.text


async def test_the_openapi_document_tells_what_a_resource_takes(
    campaign_2022: str, client: httpx.AsyncClient
) -> None:
    document = (await client.get("/schema/openapi.json")).json()
    paths = document["paths"]["/api/v1/campaigns/{campaign}/condolence/rounds"]
    asked = {each["name"] for each in paths["get"]["parameters"]}
    assert asked >= {"cursor", "limit", "organisation", "visited_on_from", "visited_on_until"}
    item = paths["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(item["properties"]) == {
        *("key", "occasion", "organisation", "activity", "visited_on", "funder")
    }
    assert set(item["required"]) == {"occasion", "organisation", "visited_on"}
