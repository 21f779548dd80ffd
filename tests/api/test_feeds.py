"""A feed asked of the whole application, as calendar programmes ask for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import ics
import pytest
import vobject

from core import bundles, campaigns, database
from core.bundles import read_document
from core.moments import now
from core.permissions import SYSTEM
from core.process import Process
from events import calendar, feed_tokens, feeds
from tests.fixtures.application import CAMPAIGN_2022

OBSERVANCE = "第32次全国助残日"


async def feed_path(office: str = "city") -> str:
    campaign = await campaigns.find("2022-city")
    token = await feed_tokens.create(SYSTEM, campaign, office, now=now())
    return feed_tokens.path(token)


@pytest.fixture
def reader(browsers: Callable[[], httpx.AsyncClient]) -> httpx.AsyncClient:
    """A calendar programme: nobody that signs in."""
    return browsers()


@pytest.fixture
async def path(campaign_2022: str) -> str:
    """The path of a feed of the campaign's own office."""
    return await feed_path()


def document() -> Any:
    return read_document(CAMPAIGN_2022.read_bytes())


async def import_again(process: Process, changed: Any) -> None:
    await bundles.import_document(changed, process.plugins, process.catalogue, SYSTEM)


async def touched() -> None:
    """What every write to what belongs to a campaign says."""
    await campaigns.touch((await campaigns.find("2022-city")).id)


async def cancel(key: str, at: datetime) -> None:
    await touched()
    await database.execute(
        "UPDATE activity SET state = 'cancelled', cancelled_at = :at, modified_at = :at,"
        " sequence = sequence + 1 WHERE key = :key",
        at=at,
        key=key,
    )


async def test_two_parsers_find_the_same_events(reader: httpx.AsyncClient, path: str) -> None:
    answer = await reader.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("inline")
    assert "content-encoding" not in answer.headers
    activities = {item["title"]: item for item in document()["activities"]}

    parsed = ics.Calendar(answer.text)
    titles = sorted(event.name for event in parsed.events)
    assert titles == sorted([*(i["title"] for i in document()["activities"]), OBSERVANCE])
    for event in parsed.events:
        if event.name != OBSERVANCE:
            item = activities[event.name]
            assert event.begin == datetime.fromisoformat(item["starts_at"])
            assert event.end == datetime.fromisoformat(item["ends_at"])
    (day,) = [event for event in parsed.events if event.name == OBSERVANCE]
    assert (day.all_day, day.begin.date().isoformat()) == (True, "2022-05-15")

    events = vobject.readOne(answer.text).contents["vevent"]
    assert sorted(event.summary.value for event in events) == titles
    uids = {event.uid.value for event in events}
    assert len(uids) == len(events)
    assert len({uid.split("@")[1] for uid in uids}) == 1


async def test_an_office_sees_what_it_and_those_below_plan(
    reader: httpx.AsyncClient, campaign_2022: str
) -> None:
    parsed = ics.Calendar((await reader.get(await feed_path("x1"))).text)
    own = [item["title"] for item in document()["activities"] if item["organisation"] == "x1"]
    assert own
    assert sorted(event.name for event in parsed.events) == sorted([*own, OBSERVANCE])
    assert "（甲旗残联）" in (await reader.get(await feed_path("x1"))).text.replace("\r\n ", "")


async def test_what_has_not_changed_is_the_same_bytes_and_is_not_sent_twice(
    reader: httpx.AsyncClient, process: Process, path: str
) -> None:
    first = await reader.get(path)
    await import_again(process, document())
    await campaigns.touch((await campaigns.find("2022-city")).id)
    second = await reader.get(path)
    assert second.content == first.content
    assert second.headers["etag"] == first.headers["etag"]

    tagged = await reader.get(path, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (tagged.status_code, tagged.content) == (304, b"")
    assert tagged.headers["etag"] == first.headers["etag"]
    dated = await reader.get(path, headers={"If-Modified-Since": second.headers["last-modified"]})
    assert (dated.status_code, dated.content) == (304, b"")
    earlier = await reader.get(path, headers={"If-Modified-Since": "Sat, 14 May 2022 01:00:00 GMT"})
    assert earlier.status_code == 200


async def test_the_tag_goes_before_the_date(reader: httpx.AsyncClient, path: str) -> None:
    first = await reader.get(path)
    since = first.headers["last-modified"]
    other = {"If-None-Match": '"other"', "If-Modified-Since": since}
    assert (await reader.get(path, headers=other)).status_code == 200
    same = {
        "If-None-Match": first.headers["etag"],
        "If-Modified-Since": "Sat, 14 May 2022 01:00:00 GMT",
    }
    assert (await reader.get(path, headers=same)).status_code == 304


async def test_head_tells_the_headers_alone(reader: httpx.AsyncClient, path: str) -> None:
    whole, head = await reader.get(path), await reader.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "last-modified", "content-type", "content-length", "cache-control"):
        assert head.headers[name] == whole.headers[name]
    tagged = await reader.head(path, headers={"If-None-Match": whole.headers["etag"]})
    assert tagged.status_code == 304


@pytest.mark.parametrize("name", ["", "x", "x.ics", ".ics", "a" * 3000 + ".ics", "%00.ics"])
async def test_an_unknown_address_is_not_found(
    reader: httpx.AsyncClient, path: str, name: str
) -> None:
    assert (await reader.get(f"/feeds/{name}")).status_code == 404
    assert (await reader.get(path.removesuffix(".ics"))).status_code == 404
    assert (await reader.get(path.swapcase())).status_code == 404


async def test_a_bad_authorization_header_does_not_close_a_feed(
    reader: httpx.AsyncClient, path: str
) -> None:
    answer = await reader.get(path, headers={"authorization": "Bearer nonsense"})
    assert answer.status_code == 200


async def test_the_secret_itself_is_stored_nowhere(path: str) -> None:
    token = path.removeprefix("/feeds/").removesuffix(".ics")
    assert len(token) == 43
    rows = await database.fetch("SELECT * FROM feed_token")
    entries = await database.fetch("SELECT * FROM audit_entry WHERE thing = 'feed'")
    assert [row["token_hash"] for row in rows] == [feed_tokens.token_hash(token)]
    assert [row["action"] for row in entries] == ["feed.created"]
    assert token not in f"{rows} {entries}"


async def test_a_changed_address_replaces_the_old_one_and_an_ended_one_is_gone(
    reader: httpx.AsyncClient, path: str
) -> None:
    campaign = await campaigns.find("2022-city")
    (feed,) = await feed_tokens.listed(SYSTEM, campaign)
    before = (await reader.get(path)).content
    new = feed_tokens.path(await feed_tokens.rotate(SYSTEM, campaign, feed.id, now=now()))
    assert (await reader.get(path)).status_code == 404
    assert (await reader.get(new)).content == before
    await feed_tokens.revoke(SYSTEM, campaign, feed.id, now=now())
    assert (await reader.get(new)).status_code == 404
    assert await feed_tokens.listed(SYSTEM, campaign) == []
    with pytest.raises(LookupError):
        await feed_tokens.rotate(SYSTEM, campaign, feed.id, now=now())


async def test_drafts_are_not_told(reader: httpx.AsyncClient, path: str) -> None:
    await database.execute("UPDATE activity SET state = 'draft' WHERE key = 'a14'")
    await touched()
    assert "惠残政策宣传" not in (await reader.get(path)).text
    await database.execute("UPDATE activity SET state = 'done' WHERE key = 'a14'")
    await touched()
    assert "惠残政策宣传" in (await reader.get(path)).text


async def test_a_cancelled_activity_stays_for_thirty_days(
    reader: httpx.AsyncClient, path: str
) -> None:
    before = await reader.get(path)
    await cancel("a14", now() - timedelta(days=30, minutes=-5))
    within = await reader.get(path)
    (event,) = [
        event
        for event in vobject.readOne(within.text).contents["vevent"]
        if event.status.value == "CANCELLED"
    ]
    assert event.summary.value == "【已取消】惠残政策宣传"
    assert event.sequence.value == "1"
    await cancel("a14", now() - timedelta(days=30, minutes=5))
    after = await reader.get(path, headers={"If-None-Match": within.headers["etag"]})
    assert after.status_code == 200
    assert "惠残政策宣传" not in after.text
    assert len({before.headers["etag"], within.headers["etag"], after.headers["etag"]}) == 3


async def test_the_lapse_of_a_cancellation_is_a_change_in_time(
    process: Process, campaign_2022: str
) -> None:
    campaign = await campaigns.find(campaign_2022)
    scope = await campaigns.scope(campaign)
    at = datetime(2030, 5, 1, tzinfo=UTC)
    await cancel("a14", at)

    async def read(moment: datetime) -> calendar.Calendar:
        return await calendar.read(campaign, scope, process.plugins, process.catalogue, now=moment)

    within, after = await read(at + timedelta(days=29)), await read(at + timedelta(days=31))
    assert within.modified_at == at
    assert after.modified_at == at + feeds.CANCELLED_STAYS
    shown = feeds.render_feed("甲", "", after.entries, now=at + timedelta(days=31))
    assert "惠残政策宣传" not in shown.decode()


async def test_a_removal_is_a_change_in_time(
    reader: httpx.AsyncClient, process: Process, path: str
) -> None:
    long_ago = datetime(2022, 5, 1, tzinfo=UTC)
    for table in ("activity", "campaign"):
        await database.execute(f"UPDATE {table} SET modified_at = :at", at=long_ago)
    before = await reader.get(path)
    assert before.headers["last-modified"] == "Sun, 01 May 2022 00:00:00 GMT"
    less = document()
    less["activities"] = [item for item in less["activities"] if item["key"] != "v00"]
    plugin = less["plugins"]["volunteer"]
    gone = {shift["key"] for shift in plugin["shifts"] if shift["activity"] == "v00"}
    plugin["shifts"] = [shift for shift in plugin["shifts"] if shift["key"] not in gone]
    plugin["attendances"] = [a for a in plugin["attendances"] if a["shift"] not in gone]
    await import_again(process, less)
    since = {"If-Modified-Since": before.headers["last-modified"]}
    after = await reader.get(path, headers=since)
    assert after.status_code == 200
    assert "志愿助残第1次" not in after.text


async def test_sequence_grows_when_an_import_moves_an_activity_and_only_then(
    reader: httpx.AsyncClient, process: Process, path: str
) -> None:
    changed = document()
    moved, renamed = changed["activities"][0], changed["activities"][1]
    moved["starts_at"] = "2022-05-01T08:00:00+08:00"
    renamed["title"] = "改了名字的活动"
    await import_again(process, changed)
    events = vobject.readOne((await reader.get(path)).text).contents["vevent"]
    sequences = {event.summary.value: event.sequence.value for event in events}
    assert sequences.pop(moved["title"]) == "1"
    assert "改了名字的活动" in sequences
    assert set(sequences.values()) == {"0"}


async def test_services_are_told_in_words_and_as_categories(
    reader: httpx.AsyncClient, process: Process, path: str
) -> None:
    changed = document()
    changed["activities"][0]["accessibility"] = ["sign_language", "captions", "陪诊"]
    title = changed["activities"][0]["title"]
    await import_again(process, changed)
    events = vobject.readOne((await reader.get(path)).text).contents["vevent"]
    (event,) = [event for event in events if event.summary.value == title]
    assert "无障碍服务：手语翻译、字幕、陪诊" in event.description.value
    assert set(event.categories.value) >= {"手语翻译", "字幕", "陪诊"}


async def test_a_feed_costs_the_same_statements_whatever_its_size(
    reader: httpx.AsyncClient, path: str
) -> None:
    async def statements() -> int:
        told: list[str] = []
        async with database.watching(told.append):
            assert (await reader.get(path)).status_code == 200
        return len(told)

    await reader.get(path)
    assert await statements() == 1
    await touched()

    few = await statements()
    assert few > 5
    row = await database.fetch_one("SELECT * FROM activity WHERE key = 'a14'")
    assert row is not None
    del row["id"]
    await database.execute_many(
        f"INSERT INTO activity ({', '.join(row)}) VALUES ({', '.join(':' + n for n in row)})",
        [{**row, "key": f"copy{number}"} for number in range(300)],
    )
    await touched()
    assert await statements() == few
