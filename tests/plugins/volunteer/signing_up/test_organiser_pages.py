"""Publishing, cancelling and staffing, and the public list, as pages."""

from __future__ import annotations

import httpx
import pytest

from api.kit.records import Work, add, change, find
from core import campaigns, database
from core.permissions import SYSTEM
from core.refusals import Conflict, Refusal
from plugins.volunteer.records import ATTENDANCES, SHIFTS
from plugins.volunteer.signing_up import joining, publishing
from plugins.volunteer.signing_up.engagements import signed_up
from tests.fixtures.application import SignIn
from tests.plugins.volunteer.signing_up.volunteers_made import (
    TOLD,
    in_days,
    open_shift,
    shift,
    volunteer,
)

CAMPAIGN = "2022-city"
HOME = f"/campaigns/{CAMPAIGN}/volunteer"
OFFER = f"/volunteer/shifts/{CAMPAIGN}/one"


@pytest.fixture
async def work(campaign_2022: str) -> Work:
    return Work(SYSTEM, await campaigns.find(campaign_2022))


async def test_a_shift_is_published_once_the_law_is_satisfied(
    work: Work, sign_in: SignIn, client: httpx.AsyncClient
) -> None:
    clerk = await sign_in("clerk", "x1")
    await add(work, SHIFTS, shift("one", risks="", insurance=" "))
    assert (await client.get(OFFER)).status_code == 404
    page = f"{HOME}/shifts/one"
    answer = await clerk.post(f"{page}/recruiting", data={"act": "publish"})
    assert answer.status_code == 303
    assert "要写明可能的风险、保险，" in (await clerk.get(page)).text
    await change(work, SHIFTS, "one", TOLD)
    await clerk.post(f"{page}/recruiting", data={"act": "publish"})
    public = (await client.get(OFFER)).text
    for told in (*TOLD.values(), "需要1人，还剩1个名额", "甲旗残联"):
        assert told in public
    assert OFFER in (await client.get("/volunteer")).text
    # What the law wants said stays said.
    with pytest.raises(Refusal) as refused:
        await change(work, SHIFTS, "one", {"risks": ""})
    assert [fault.pointer for fault in refused.value.faults] == ["/risks"]
    await clerk.post(f"{page}/recruiting", data={"act": "withdraw"})
    assert (await client.get(OFFER)).status_code == 404
    assert OFFER not in (await client.get("/volunteer")).text
    await database.execute(
        "UPDATE volunteer_shift SET starts_at = :past WHERE key = 'one'", past=in_days(-1, 8)
    )
    with pytest.raises(Conflict):
        await publishing.publish(work, "one")


async def test_the_public_list_is_narrowed_and_turned(
    work: Work, client: httpx.AsyncClient
) -> None:
    for number in range(32):
        await open_shift(work, f"h{number:02}", day=3 + number % 2, begin=8)
    await open_shift(work, "far", day=9, organisation="x2")
    await add(work, SHIFTS, shift("hidden"))

    async def listed(address: str) -> set[str]:
        text = (await client.get(address)).text
        return {
            key
            for key in (*(f"h{n:02}" for n in range(32)), "far", "hidden")
            if f'/volunteer/shifts/{CAMPAIGN}/{key}"' in text
        }

    first = await listed("/volunteer")
    text = (await client.get("/volunteer")).text
    following = text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = await listed(following)
    assert (len(first), len(second), first & second) == (30, 3, set())
    assert "far" in second
    assert await listed("/volunteer?organisation=x2") == {"far"}
    assert len(await listed("/volunteer?organisation=city")) == 30
    day = in_days(9, 12).date().isoformat()
    assert await listed(f"/volunteer?on={day}") == {"far"}
    assert await listed("/volunteer?on=nonsense&organisation=nobody") == first
    for cursor in ("x", "WzEsMl0", "WyIyMDI2IiwxXQ"):
        assert (await client.get(f"/volunteer?cursor={cursor}")).status_code == 422


async def test_the_public_list_costs_as_much_for_many(
    work: Work, client: httpx.AsyncClient, sign_in: SignIn
) -> None:
    clerk = await sign_in("clerk", "x1")

    async def told() -> list[int]:
        counts = []
        for browser, address in (
            (client, "/volunteer"),
            (clerk, f"{HOME}/staffing"),
            (clerk, f"{HOME}/staffing?past=true"),
        ):
            seen: list[str] = []
            async with database.watching(seen.append):
                assert (await browser.get(address)).status_code == 200
            counts.append(len(seen))
        return counts

    await open_shift(work, "one")
    person = await volunteer(1)
    await joining.join(*person, CAMPAIGN, "one")
    await told()
    few = await told()
    for number in range(8):
        await open_shift(work, f"more-{number}", begin=13 + number, end=14 + number)
        await joining.join(*person, CAMPAIGN, f"more-{number}")
    assert await told() == few


async def test_cancelling_tells_and_frees_those_who_signed_up(
    work: Work, sign_in: SignIn, client: httpx.AsyncClient
) -> None:
    await open_shift(work, "one")
    await open_shift(work, "two")
    first, second = await volunteer(1), await volunteer(2)
    await joining.join(*first, CAMPAIGN, "one")
    await joining.join(*second, CAMPAIGN, "one")
    clerk = await sign_in("clerk", "x1")
    assert "报了名的1人" in (await clerk.get(f"{HOME}/shifts/one/cancel")).text
    before = await find(work, SHIFTS, "one")
    await clerk.post(f"{HOME}/shifts/one/cancel")
    assert "班次已经取消" in (await clerk.get(f"{HOME}/shifts/one")).text
    (engagement,) = await signed_up(first[1].id)
    assert engagement.cancelled_at is not None
    assert (engagement.stands, engagement.sequence) == (False, 1)
    assert await signed_up(second[1].id) == []
    assert before["recruiting"] == "published"
    assert await joining.join(*first, CAMPAIGN, "two") == "signed_up"
    assert "这个班次已经取消" in (await client.get(OFFER)).text
    again = await clerk.post(f"{HOME}/shifts/one/recruiting", data={"act": "publish"})
    assert again.status_code == 303
    assert "班次已经取消" in (await clerk.get(f"{HOME}/shifts/one")).text
    # Once somebody has come there is nothing to cancel.
    await database.execute("UPDATE volunteer_attendance SET status = 'open'")
    with pytest.raises(Conflict) as refused:
        await publishing.cancel(work, "two")
    assert refused.value.code == "checked_in"


async def test_where_people_are_missing(work: Work, sign_in: SignIn) -> None:
    await open_shift(work, "one", capacity=3)
    await open_shift(work, "elsewhere", organisation="x2")
    people = [await volunteer(number) for number in range(2)]
    for each in people:
        await joining.join(*each, CAMPAIGN, "one")
    clerk = await sign_in("clerk", "x1")
    page = (await clerk.get(f"{HOME}/staffing")).text
    assert "2人，需要3人" in page
    assert "缺1人" in page
    assert "还没开始" in page
    assert "elsewhere" not in page
    await database.execute(
        "UPDATE volunteer_shift SET starts_at = :past WHERE key = 'one'", past=in_days(-1, 8)
    )
    (engagement,) = await signed_up(people[0][1].id)
    await change(
        work,
        ATTENDANCES,
        engagement.attendance or "",
        {"status": "open", "checked_in_at": "2026-01-01T08:00:00+08:00"},
    )
    under_way = (await clerk.get(f"{HOME}/staffing")).text
    assert "1人没到" in under_way
    assert f"{HOME}/shifts/one?status=signed_up" in under_way
    assert "正在进行" in under_way
    past = (await clerk.get(f"{HOME}/staffing?past=true")).text
    assert f"{HOME}/shifts/one" not in past
    assert "助残服务" in past
