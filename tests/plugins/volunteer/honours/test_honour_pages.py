"""The pages of honours, the 公示 that anybody reads, and the list for the ceremony."""

from __future__ import annotations

import io
from datetime import date, timedelta

import httpx
from openpyxl import load_workbook

from api.kit.records import Work
from core import database
from core.moments import today
from plugins.volunteer import stars
from plugins.volunteer.bundle_storage import read_star_scheme
from plugins.volunteer.honours import awarding, ceremony
from plugins.volunteer.honours.schemes import of_campaign, stored_text
from tests.fixtures.application import SignIn
from tests.plugins.volunteer.honours.conftest import Credit

HOME = "/campaigns/2022-city/volunteer/honours"
NOTICE = "/volunteer/notices/2022-city"
LAST = date(2022, 12, 31)


async def test_from_the_page_to_the_ceremony(
    *,
    work: Work,
    credit: Credit,
    typed_end: date | None,
    sign_in: SignIn,
    client: httpx.AsyncClient,
) -> None:
    await credit("v00602", 50)
    await credit("v00603", 100)
    browser = await sign_in("organiser", "city")
    seen = (await browser.get(HOME)).text
    assert "2人达到了星级" in seen
    assert "一星1人、二星1人" in seen
    assert "志愿者00602" not in seen
    wrong = await browser.post(f"{HOME}/proposals", data={"day": "2022-12-31"})
    assert wrong.status_code == 422
    assert "请先勾选要列入名单的人" in wrong.text
    assert "2人达到了星级" in wrong.text
    listed = {"day": "2022-12-31", "everybody": "1"}
    assert (await browser.post(f"{HOME}/proposals", data=listed)).status_code == 303
    few = await browser.post(f"{HOME}/announcements", data={"days": "2"})
    assert few.status_code == 422
    assert "公示3到20个工作日" in few.text
    assert "没有正在公示的名单" in (await client.get(NOTICE)).text
    period = {"days": "5", "until": typed_end.isoformat() if typed_end else ""}
    assert (await browser.post(f"{HOME}/announcements", data=period)).status_code == 303
    public = await client.get(NOTICE)
    assert public.headers["x-robots-tag"] == "noindex"
    assert "二星1人、一星1人" in public.text
    assert "志******2" in public.text
    assert "0602" in public.text
    assert "v00602" not in public.text
    assert "志愿者00602" not in public.text
    assert (await browser.post(f"{HOME}/withdrawals", data={"award": "x"})).status_code == 422
    gone = {"award": "987654321", "reason": "没有这一条"}
    assert (await browser.post(f"{HOME}/withdrawals", data=gone)).status_code == 404
    await database.execute(
        "UPDATE volunteer_star_award SET announced_on = :at, until = :until",
        at=today() - timedelta(days=7),
        until=today() - timedelta(days=1),
    )
    assert "志******2" not in (await client.get(NOTICE)).text
    assert "认定公示期满的2人" in (await browser.get(HOME)).text
    assert (await browser.post(f"{HOME}/decisions", data={"all": "1"})).status_code == 303
    assert "已认定2人" in (await browser.get(HOME)).text
    assert "志******2" in (await browser.get(f"{HOME}/ceremony")).text


async def given(work: Work, credit: Credit) -> None:
    """v00602 (of x1) has a star that is final."""
    await credit("v00602", 50)
    await awarding.propose(work, LAST)
    await database.execute(
        "UPDATE volunteer_star_award SET state = 'announced', announced_on = :until,"
        " until = :until",
        until=today() - timedelta(days=1),
    )
    await awarding.finalise(work)


def cells(answer: httpx.Response) -> list[tuple[object, ...]]:
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    return list(sheet.iter_rows(min_row=2, values_only=True))


async def test_the_list_has_full_names_for_who_may_read_them_and_says_who_did(
    work: Work, credit: Credit, sign_in: SignIn
) -> None:
    await given(work, credit)
    viewer, organiser = await sign_in("viewer", "city"), await sign_in("organiser", "city")
    path = f"{HOME}/ceremony.xlsx"
    (masked,) = cells(await viewer.get(path))
    assert masked[1:4] == ("一星", "志******2", "v00602")
    assert masked[5] == 50
    assert (await viewer.post(path)).status_code == 403
    (full,) = cells(await organiser.post(path))
    assert full[2] == "志愿者00602"
    told = await database.fetch_one("SELECT * FROM audit_entry ORDER BY id DESC LIMIT 1")
    assert told is not None
    assert (told["action"], told["actor"]) == ("personal.exported", "organiser-city")
    assert await ceremony.final(work)
    elsewhere = await sign_in("organiser", "x2")
    assert cells(await elsewhere.get(path)) == []
    assert "志******2" not in (await elsewhere.get(HOME)).text


async def test_everybodys_progress_is_read_in_pages(
    work: Work, credit: Credit, sign_in: SignIn
) -> None:
    await credit("v00602", 49)
    browser = await sign_in("viewer", "city")
    first = (await browser.get(f"{HOME}/progress")).text
    assert "再服务1小时达到一星" in first
    assert 'rel="next"' in first
    following = first.split('rel="next" href="')[1].split('"')[0]
    second = (await browser.get(following)).text
    assert "再服务1小时达到一星" not in second
    assert "回到第一页" in second
    assert (await browser.get(f"{HOME}/progress?cursor=x")).status_code == 422
    wrong = await browser.get(f"{HOME}?day={today() + timedelta(days=1)}")
    assert wrong.status_code == 422
    assert "不能晚于今天" in wrong.text


async def test_a_campaign_in_preparation_has_no_notice(
    work: Work, client: httpx.AsyncClient
) -> None:
    assert (await client.get("/volunteer/notices/nothing")).status_code == 404
    await database.execute("UPDATE campaign SET state = 'draft'")
    assert (await client.get(NOTICE)).status_code == 404


async def test_the_weekly_hour_is_chosen_beside_the_scheme(work: Work, sign_in: SignIn) -> None:
    page = "/campaigns/2022-city/volunteer/stars"
    browser = await sign_in("clerk", "city")
    chosen = {"scheme": "street-annual", "period": "year", "weekly": "every"}
    assert (await browser.post(page, data=chosen)).status_code == 303
    assert "一星还要求每一周都不少于1小时" in (await browser.get(page)).text
    scheme = await of_campaign(work.campaign.id)
    assert scheme.weekly is not None
    assert scheme.weekly.rule == "every"
    # A bundle knows nothing of it, and an import of the same scheme leaves it alone.
    assert await read_star_scheme(work.campaign.id) == "street-annual"
    await stars.choose(work, {"period": "all", "hours": [5]}, "average")
    own = await of_campaign(work.campaign.id)
    assert (own.hours, own.weekly and own.weekly.rule) == ((5,), "average")
    await stars.choose(work, "street-annual", "none")
    assert (await of_campaign(work.campaign.id)).weekly is None
    assert await stored_text(work.campaign.id) == '{"star_scheme":"street-annual","weekly":"none"}'
    unknown = await browser.post(page, data={**chosen, "weekly": "sometimes"})
    assert unknown.status_code == 422
