"""Hours and stars of a volunteer, and the campaign's way of giving them."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx
import pytest

from api.kit.records import Work, find
from core import campaigns, database
from core.moments import from_local
from core.permissions import SYSTEM
from core.refusals import Missing, Refusal
from plugins.volunteer import stars
from plugins.volunteer.bundle_storage import read_star_scheme
from plugins.volunteer.records import VOLUNTEERS
from tests.fixtures.application import ActorOf, Bearer, SignIn

DATA = "/api/v1/campaigns/{}/volunteer/star-scheme"
PAGE = "/campaigns/{}/volunteer"


@pytest.fixture
async def work(campaign_2022: str) -> Work:
    return Work(SYSTEM, await campaigns.find(campaign_2022))


async def credit(minutes: int, status: str = "confirmed") -> None:
    await database.execute(
        "UPDATE volunteer_attendance SET credited_minutes = :minutes, status = :status"
        " WHERE volunteer = (SELECT id FROM volunteer_person WHERE key = 'v00602')",
        minutes=minutes,
        status=status,
    )


async def stand(work: Work) -> stars.Standing:
    return await stars.standing(work, await find(work, VOLUNTEERS, "v00602"))


async def test_stars_go_by_confirmed_minutes_of_the_year(work: Work) -> None:
    await credit(50 * 60 - 1)
    found = await stand(work)
    assert (found.year, found.year_minutes, found.stars, found.drawn) == (2022, 2999, 0, "☆☆☆")
    assert found.wanting == "再服务1分钟达到一星"
    await credit(50 * 60)
    found = await stand(work)
    assert (found.name, found.drawn, found.wanting) == ("一星", "★☆☆", "再服务50小时达到二星")
    await credit(150 * 60)
    assert (await stand(work)).wanting == ""
    await credit(150 * 60, "pending")
    found = await stand(work)
    assert (found.year_minutes, found.pending_minutes, found.stars) == (0, 9000, 0)


async def test_a_year_ends_at_midnight_in_china(work: Work) -> None:
    await credit(60)
    await database.execute(
        "UPDATE volunteer_shift SET starts_at = :at", at=from_local(date(2022, 12, 31))
    )
    assert (await stand(work)).year_minutes == 60
    await database.execute(
        "UPDATE volunteer_shift SET starts_at = :at", at=from_local(date(2023, 1, 1))
    )
    found = await stand(work)
    assert (found.year_minutes, found.all_minutes, found.counted) == (0, 60, 0)
    await stars.choose(work, "national-cumulative")
    found = await stand(work)
    assert (found.counted, found.drawn) == (60, "☆☆☆☆☆")


async def test_the_same_volunteer_is_known_in_another_campaign(work: Work) -> None:
    await credit(60)
    number = await database.fetch_value(
        "INSERT INTO campaign (key, organisation, year, title, theme, starts_on, ends_on, state,"
        " changes, modified_at) SELECT '2022-b', organisation, 2022, 'b', '', starts_on,"
        " ends_on, 'open', 0, modified_at FROM campaign WHERE key = '2022-city' RETURNING id"
    )
    await database.execute(
        "INSERT INTO volunteer_person (campaign, key, name_sealed, name_index, organisation)"
        " SELECT CAST(:number AS BIGINT), key, name_sealed, name_index, organisation"
        " FROM volunteer_person WHERE key IN ('v00602', 'v00603')",
        number=number,
    )
    other = await database.fetch(
        "SELECT id, key FROM volunteer_person WHERE campaign = :number ORDER BY key", number=number
    )
    found = await stars.standing(work, other[0])
    assert found.year_minutes == 60
    await database.execute("UPDATE volunteer_person SET name_index = '' WHERE key = 'v00602'")
    assert (await stars.standing(work, other[0])).year_minutes == 0
    assert (await stand(work)).year_minutes == 60


@pytest.mark.parametrize(
    "stated", ["nobody's", {"period": "year", "hours": []}, {"period": "year", "hours": [9, 3]}, 3]
)
async def test_a_scheme_that_is_none(work: Work, stated: Any) -> None:
    with pytest.raises(Refusal):
        await stars.choose(work, stated)
    assert await read_star_scheme(work.campaign.id) == "street-annual"


async def test_only_the_campaigns_own_office_chooses(work: Work, actor_of: ActorOf) -> None:
    for role, office in (("organiser", "x1"), ("viewer", "city")):
        with pytest.raises(Missing):
            await stars.choose(
                Work(await actor_of(role, office), work.campaign), "national-cumulative"
            )
    own = {"period": "all", "hours": [10, 20]}
    await stars.choose(Work(await actor_of("clerk", "city"), work.campaign), own)
    assert await read_star_scheme(work.campaign.id) == own
    action = await database.fetch_value("SELECT action FROM audit_entry ORDER BY id DESC LIMIT 1")
    assert action == "volunteer.stars.chosen"


async def test_the_scheme_as_json(work: Work, client: httpx.AsyncClient, bearer: Bearer) -> None:
    path = DATA.format(work.campaign.key)
    viewer, clerk = await bearer("viewer", "x1"), await bearer("clerk", "city")
    assert (await client.get(path, headers=viewer)).json() == {"star_scheme": "street-annual"}
    own = {"star_scheme": {"period": "year", "hours": [5, 10]}}
    assert (await client.put(path, json=own, headers=viewer)).status_code == 403
    below = await client.put(path, json=own, headers=await bearer("clerk", "x1"))
    assert below.status_code == 404
    assert (await client.put(path, json=own, headers=clerk)).json() == own
    assert (await client.put(path, json={}, headers=clerk)).status_code == 422


async def test_the_page_of_stars(work: Work, sign_in: SignIn) -> None:
    page = f"{PAGE.format(work.campaign.key)}/stars"
    browser = await sign_in("clerk", "city")
    assert "现在用的是街道年度星级，按年度：50小时一星、100小时二星、150小时三星" in (
        (await browser.get(page)).text
    )
    wrong = {"scheme": "own", "period": "year", "hours": "100、50"}
    answer = await browser.post(page, data=wrong)
    assert answer.status_code == 422
    assert "小时数应当从少到多" in answer.text
    assert 'value="100、50"' in answer.text
    good = {"scheme": "own", "period": "all", "hours": "10，20"}
    assert (await browser.post(page, data=good)).status_code == 303
    assert await read_star_scheme(work.campaign.id) == {"period": "all", "hours": [10, 20]}
    assert "累计：10小时一星、20小时二星" in (await browser.get(page)).text
    below = await sign_in("clerk", "x1")
    assert "由主办这次活动的机构来定" in (await below.get(page)).text
    assert (await below.post(page, data=good)).status_code == 404


async def test_the_page_of_a_volunteer(work: Work, sign_in: SignIn) -> None:
    page = f"{PAGE.format(work.campaign.key)}/volunteers/v00602"
    seen = (await (await sign_in("clerk", "x1")).get(page)).text
    assert "2022年服务2小时20分钟，还没有达到一星" in seen
    assert "再服务47小时40分钟达到一星" in seen
    assert "志愿者00602" not in seen
    assert "助残服务" in seen
    assert (await (await sign_in("clerk", "x2")).get(page)).status_code == 404
    organiser = await sign_in("organiser", "x1")
    assert "志愿者00602" in (await organiser.post(f"{page}/unmask")).text
