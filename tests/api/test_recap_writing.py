"""Writing a recap on pages and as JSON: order, texts, photos, and who comes too late."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from core import database
from tests.fixtures.application import Bearer, SignIn
from tests.fixtures.recap_photos import SAID, photo

PAGE = "/campaigns/2022-city/recap"
WRITE = f"{PAGE}/manuscript"
DATA = "/api/v1/campaigns/2022-city/recap"
ROW = re.compile(r'<li id="part-([a-z0-9._-]+)" tabindex="-1">')


@pytest.fixture
async def clerk(campaign_2022: str, sign_in: SignIn) -> httpx.AsyncClient:
    return await sign_in("clerk", "city")


def rows(page: str) -> list[str]:
    return [key for key in ROW.findall(page) if not key.startswith("work.")]


async def place(clerk: httpx.AsyncClient, key: str, act: str, revision: int) -> httpx.Response:
    form = {"key": key, "act": act, "revision": str(revision)}
    return await clerk.post(f"{WRITE}/place", data=form)


async def upload(
    clerk: httpx.AsyncClient, shade: int = 80, said: dict[str, str] | None = None
) -> httpx.Response:
    files = {"file": ("现场.png", photo(shade), "image/png")}
    return await clerk.post(f"{PAGE}/photos", data={**SAID, **(said or {})}, files=files)


async def test_moving_leads_back_to_what_was_moved(clerk: httpx.AsyncClient) -> None:
    before = rows((await clerk.get(WRITE)).text)
    assert before[:3] == ["overview", "leadership", "work"]
    answer = await place(clerk, "work", "up", 0)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{WRITE}?organisation=city#part-work"
    page = (await clerk.get(WRITE)).text
    assert rows(page) == ["overview", "work", "leadership", *before[3:]]
    assert "已上移“活动开展情况”" in page
    for number, act in enumerate(("hide", "show"), start=1):
        await place(clerk, "work.other", act, number)
        assert ("已隐藏" in (await clerk.get(WRITE)).text) == (act == "hide")


async def test_a_late_move_changes_nothing_and_says_what_was_done(
    clerk: httpx.AsyncClient,
) -> None:
    await place(clerk, "work", "up", 0)
    answer = await place(clerk, "thanks", "up", 0)
    assert answer.status_code == 409
    assert "移动了“活动开展情况”" in answer.text
    assert 'name="revision" value="1"' in answer.text
    assert rows(answer.text)[:2] == ["overview", "work"]


async def test_what_is_written_stands_in_the_recap(clerk: httpx.AsyncClient) -> None:
    head = {"title": "某市助残日工作总结", "recipient": "某省残联：", "revision": "0"}
    assert (await clerk.post(WRITE, data=head)).status_code == 303
    text = "一是回访{job_fair.intents}。\r\n二是补齐明细。<b>"
    form = {"title": "今后打算", "text": text, "revision": "1"}
    answer = await clerk.post(f"{WRITE}/parts/next", data=form)
    assert answer.headers["location"] == f"{WRITE}?organisation=city#part-next"
    form = {"title": "媒体报道", "text": "三家媒体作了报道。", "revision": "2"}
    answer = await clerk.post(f"{WRITE}/new", data=form)
    assert answer.headers["location"].endswith("#part-free-1")
    page = (await clerk.get(PAGE)).text
    for words in ("<h1>某市助残日工作总结", "某省残联：", "今后打算", "二是补齐明细。&lt;b&gt;"):
        assert words in page
    assert page.index("、媒体报道") < page.index("、今后打算")
    shown = (await clerk.get(f"{WRITE}/parts/next")).text
    assert 'value="3"' in shown
    assert "{job_fair.intents}" in shown
    asked = await clerk.get(f"{WRITE}/parts/free-1/delete")
    assert "删除“媒体报道”" in asked.text
    assert (await clerk.get(f"{WRITE}/parts/next/delete")).status_code == 404
    await clerk.post(f"{WRITE}/parts/free-1/delete", data={"revision": "3"})
    assert "媒体报道" not in (await clerk.get(PAGE)).text


async def test_a_text_that_came_too_late_is_not_lost(clerk: httpx.AsyncClient) -> None:
    form = {"text": "先写的。", "revision": "0"}
    await clerk.post(f"{WRITE}/parts/thanks", data=form)
    late = await clerk.post(f"{WRITE}/parts/thanks", data={"text": "后写的。", "revision": "0"})
    assert late.status_code == 409
    assert "先写的。" in late.text
    assert "后写的。</textarea>" in late.text
    assert 'name="revision" value="1"' in late.text
    again = {"text": "先写的。\n后写的。", "revision": "1"}
    assert (await clerk.post(f"{WRITE}/parts/thanks", data=again)).status_code == 303


@pytest.mark.parametrize(
    ("rest", "form", "words"),
    [
        ("", {"title": "字" * 101}, "最多 100 个字"),
        ("/parts/next", {"text": "{没有这项}"}, "没有这项"),
        ("/parts/next", {"text": "完成{job_fair.intents"}, "第1行"),
        ("/parts/overview", {"text": "自己写"}, "这一部分由系统写"),
        ("/new", {"title": "", "text": "文"}, "小标题"),
        ("/place", {"key": "next", "act": "away"}, "请从列出的操作里选"),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_what_is_wrong_is_said_at_its_field(
    rest: str, form: dict[str, str], words: str, clerk: httpx.AsyncClient
) -> None:
    answer = await clerk.post(f"{WRITE}{rest}", data={**form, "revision": "0"})
    assert answer.status_code == 422
    assert words in answer.text
    assert await database.fetch("SELECT id FROM recap_manuscript") == []


async def test_a_photo_goes_in_with_words_and_consent(clerk: httpx.AsyncClient) -> None:
    answer = await upload(clerk, 10)
    assert answer.status_code == 303, answer.text
    await upload(clerk, 20, {"people": "nobody", "caption": "残疾人运动会"})
    twice = await upload(clerk, 10)
    assert (twice.status_code, "照片：这张照片已经在里面了" in twice.text) == (409, True)
    page = (await clerk.get(f"{PAGE}/photos")).text
    assert "已征得同意：赵*、钱*（本人签了同意书）" in page
    assert "赵一" not in page
    first, second = re.findall(r'<li id="photo-([0-9a-f]{64})"', page)
    recap = (await clerk.get(PAGE)).text
    source = f"{PAGE}/photos/{first}/picture.jpg?organisation=city"
    assert f'src="{source}"' in recap
    assert 'alt="志愿者把手册递给坐轮椅的居民"' in recap
    picture = await clerk.get(source)
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.headers["cache-control"] == "private, no-cache"
    assert picture.headers["x-content-type-options"] == "nosniff"
    known = {"if-none-match": picture.headers["etag"]}
    assert (await clerk.get(source, headers=known)).status_code == 304
    moved = await clerk.post(f"{PAGE}/photos/{second}/move", data={"act": "up"})
    assert moved.headers["location"].endswith(f"#photo-{second}")
    recap = (await clerk.get(PAGE)).text
    assert recap.index(second) < recap.index(first)
    gone = await clerk.post(f"{PAGE}/photos/{first}/withdraw")
    assert gone.status_code == 303
    assert (await clerk.get(source)).status_code == 404
    assert first not in (await clerk.get(PAGE)).text


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_photo_without_words_or_consent_stays_out(clerk: httpx.AsyncClient) -> None:
    for said, words in (
        ({"caption": " "}, "图片说明：请填写这一项"),
        ({"people": ""}, "照片上的人：请填写这一项"),
        ({"names": ""}, "请写明是谁同意的"),
        ({"how": ""}, "请写明怎样同意的"),
    ):
        answer = await upload(clerk, said=said)
        assert (answer.status_code, words in answer.text) == (422, True), words
    files = {"file": ("图.png", b"<svg onload='alert(1)'/>", "image/png")}
    answer = await clerk.post(f"{PAGE}/photos", data=SAID, files=files)
    assert (answer.status_code, "不是完好的照片" in answer.text) == (422, True)
    answer = await clerk.post(f"{PAGE}/photos", data=SAID)
    assert (answer.status_code, "请选择文件" in answer.text) == (422, True)
    assert await database.fetch("SELECT id FROM recap_image") == []


async def test_what_is_said_of_a_photo_can_be_changed(clerk: httpx.AsyncClient) -> None:
    await upload(clerk)
    key = await database.fetch_value("SELECT key FROM recap_photo")
    form = (await clerk.get(f"{PAGE}/photos/{key}")).text
    assert "不变（已征得同意：赵*、钱*（本人签了同意书））" in form
    assert "赵一" not in form
    said = {"caption": "新说明", "description": "新描述", "people": "keep"}
    assert (await clerk.post(f"{PAGE}/photos/{key}", data=said)).status_code == 303
    page = (await clerk.get(f"{PAGE}/photos")).text
    assert "新说明" in page
    assert "赵*、钱*" in page
    wrong = await clerk.post(f"{PAGE}/photos/{key}", data={**said, "people": "agreed"})
    assert wrong.status_code == 422


async def test_programmes_write_it_in_one_piece(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    client.headers.update(await bearer("clerk", "city"))
    address = f"{DATA}/manuscript"
    given = (await client.get(address)).json()
    assert (given["revision"], given["usual_title"]) == (
        0,
        "关于第32次全国助残日活动开展情况的总结",
    )
    assert {part["kind"] for part in given["parts"]} == {"generated", "written"}
    parts = [
        {"key": "thanks", "text": "谢谢。"},
        {"key": "free-1", "title": "媒体报道", "text": "报道三篇。"},
    ]
    body: dict[str, Any] = {"revision": 0, "recipient": "某省残联", "parts": parts}
    made = await client.put(address, json=body)
    assert made.status_code == 200, made.text
    assert made.json()["revision"] == 1
    whole = [part for part in made.json()["parts"] if part["text"]]
    assert [(part["key"], part["kind"]) for part in whole] == [
        ("thanks", "written"),
        ("free-1", "written"),
    ]
    late = await client.put(address, json=body)
    assert (late.status_code, late.json()["code"]) == (409, "stale_revision")
    body = {"revision": 1, "parts": [{"key": "nothing"}, {"key": "next", "text": "{没有}"}]}
    wrong = await client.put(address, json=body)
    assert wrong.status_code == 422
    pointers = [error["pointer"] for error in wrong.json()["errors"]]
    assert pointers == ["/parts/0/key", "/parts/1/text"]


async def test_programmes_put_photos_in_once(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    client.headers.update(await bearer("clerk", "x1"))
    sent = client.build_request(
        "POST",
        f"{DATA}/photos",
        data=SAID,
        files={"file": ("现场.png", photo(), "image/png")},
        headers={"idempotency-key": "once"},
    )
    sent.read()
    first = await client.send(sent)
    assert first.status_code == 201, first.text
    kept = httpx.Request("POST", sent.url, headers=sent.headers, content=sent.content)
    repeat = await client.send(kept)
    assert (repeat.status_code, repeat.json()) == (201, first.json())
    assert repeat.headers["idempotency-replayed"] == "true"
    where = first.headers["location"]
    assert (await client.get(where)).json() == first.json()
    assert first.json()["consent"] == "已征得同意：赵*、钱*（本人签了同意书）"
    assert (await client.get(first.json()["picture"])).content.startswith(b"\xff\xd8")
    files = {"file": ("现场.png", photo(), "image/png")}
    again = await client.post(f"{DATA}/photos", data=SAID, files=files)
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")
    wrong = await client.post(f"{DATA}/photos", data={"caption": "x"})
    assert {error["pointer"] for error in wrong.json()["errors"]} >= {"/file", "/description"}
    assert (await client.post(f"{DATA}/photos", json=SAID)).status_code == 415
    changed = await client.patch(where, json={"caption": "新说明", "position": 5})
    assert (changed.json()["caption"], changed.json()["position"]) == ("新说明", 1)
    assert (await client.delete(where, params={"withdraw": "true"})).status_code == 204
    assert (await client.get(where)).status_code == 404
    assert (await client.get(f"{DATA}/photos")).json() == []


async def test_a_browsers_form_reaches_the_data_address_too(clerk: httpx.AsyncClient) -> None:
    token = clerk.headers.pop("x-csrf-token")
    files = {"file": ("现场.png", photo(), "image/png")}
    answer = await clerk.post(
        f"{DATA}/photos",
        data={**SAID, "csrf_token": token},
        files=files,
        headers={"idempotency-key": "form"},
    )
    assert answer.status_code == 201, answer.text
