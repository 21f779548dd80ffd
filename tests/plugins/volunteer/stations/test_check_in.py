"""A volunteer at a station: scanning, pressing once or twice, too late; and what is counted."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
import pytest

from core import database, moments, privacy
from plugins.volunteer.stations import check_in_pages, codes
from tests.fixtures.application import ActorOf, SignIn

NONCE = re.compile(r'name="nonce" value="([^"]+)"')
MINUTE = timedelta(minutes=1)


@dataclass
class Clock:
    """The time that everybody's clock shows."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, minutes: float) -> None:
        self.at += minutes * MINUTE


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Half past the hour: a shift that began on the hour is under way."""
    shown = Clock(moments.now().replace(minute=30, second=0, microsecond=0))
    monkeypatch.setattr(moments, "now", shown)
    return shown


@pytest.fixture
async def shift(campaign_2022: str, clock: Clock) -> int:
    """A shift of 甲旗 that began half an hour ago and takes two hours."""
    found: int = await database.fetch_value(
        "INSERT INTO volunteer_shift (campaign, key, organisation, title, starts_at, ends_at,"
        " capacity, label, sequence, place, skills, tasks, risks, insurance)"
        " SELECT c.id, 'now', o.id, '引导', :starts, :ends, 20, '引导', 0, '人民广场', '[]', '[]',"
        " '', '' FROM campaign c, organisation o WHERE c.key = :key AND o.key = 'x1' RETURNING id",
        starts=clock.at - 30 * MINUTE,
        ends=clock.at + 90 * MINUTE,
        key=campaign_2022,
    )
    return found


@pytest.fixture
async def volunteer(shift: int, actor_of: ActorOf, sign_in: SignIn) -> httpx.AsyncClient:
    """The browser of somebody who has registered himself; he has signed up for nothing."""
    actor = await actor_of("volunteer", "x1")
    await database.execute(
        "INSERT INTO volunteer_profile (number, account, organisation, name_sealed, name_index,"
        " phone_sealed, phone_index, born_sealed, guardian_sealed, skills, consent, created_at)"
        " VALUES ('2612345678', :account, :office, :name, 'n', :name, 'p', '', '', '[]', :consent,"
        " :now)",
        account=actor.account_id,
        office=actor.grants[0].organisation_id,
        name=privacy.seal("赵晓明"),
        consent=json.dumps({}),
        now=moments.now(),
    )
    return await sign_in("volunteer", "x1")


async def scanned(browser: httpx.AsyncClient, shift: int, at: datetime) -> httpx.Response:
    """Open what the station showed at a moment, and where it leads."""
    answer = await browser.get(f"/volunteer/c/{shift}/{codes.code(shift, at)}")
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == f"/volunteer/c/{shift}"
    return await browser.get(answer.headers["location"])


async def press(
    browser: httpx.AsyncClient, shift: int, page: str, direction: str
) -> httpx.Response:
    nonce = NONCE.search(page)
    assert nonce
    form = {"nonce": nonce[1], "direction": direction}
    return await browser.post(f"/volunteer/c/{shift}", data=form)


async def punched() -> list[tuple[str, str, str | None]]:
    rows = await database.fetch("SELECT direction, source, code FROM volunteer_punch ORDER BY id")
    return [(row["direction"], row["source"], row["code"]) for row in rows]


async def test_somebody_comes_and_goes(
    volunteer: httpx.AsyncClient, shift: int, clock: Clock, sign_in: SignIn
) -> None:
    page = await scanned(volunteer, shift, clock.at)
    assert "赵晓明" in page.text
    assert ">签到</button>" in page.text
    scan = clock.at
    clock.pass_by(2)
    answer = await press(volunteer, shift, page.text, "in")
    told = await volunteer.get(answer.headers["location"])
    assert 'data-outcome="in"' in told.text
    again = await press(volunteer, shift, page.text, "in")
    assert again.headers["location"] == answer.headers["location"]
    assert await punched() == [("in", "self", None)]
    came = await database.fetch_value(
        "SELECT checked_in_at FROM volunteer_attendance WHERE shift = :shift", shift=shift
    )
    assert came == scan  # he was here when he scanned, however long he looked for the button
    clerk = await sign_in("clerk", "x1")
    station = await clerk.get("/campaigns/2022-city/volunteer/shifts/now/station")
    assert re.findall(r"<dd>(\d+)</dd>", station.text)[:3] == ["1", "1", "0"]
    assert f"/volunteer/c/{shift}/{codes.code(shift, clock.at)}" in station.text
    clock.pass_by(60)
    page = await scanned(volunteer, shift, clock.at)
    assert ">签退</button>" in page.text
    gone = await press(volunteer, shift, page.text, "out")
    assert 'data-outcome="out"' in (await volunteer.get(gone.headers["location"])).text
    station = await clerk.get("/campaigns/2022-city/volunteer/shifts/now/station")
    assert re.findall(r"<dd>(\d+)</dd>", station.text)[:3] == ["1", "0", "1"]
    minutes = await database.fetch_value(
        "SELECT credited_minutes FROM volunteer_attendance WHERE shift = :shift", shift=shift
    )
    assert minutes == 62


async def test_a_code_and_a_ticket_are_good_for_their_time_their_shift_and_their_browser(
    volunteer: httpx.AsyncClient, shift: int, clock: Clock, client: httpx.AsyncClient
) -> None:
    seen = clock.at
    clock.pass_by(1)
    late = await volunteer.get(f"/volunteer/c/{shift}/{codes.code(shift, seen)}")
    assert late.status_code == 410
    assert "每30秒更换" in late.text
    assert "请重新扫码" in (await volunteer.get(f"/volunteer/c/{shift}")).text
    page = await scanned(volunteer, shift, clock.at)
    assert "请重新扫码" in (await volunteer.get(f"/volunteer/c/{shift + 1}")).text
    clock.pass_by(3.1)
    answer = await press(volunteer, shift, page.text, "in")
    assert "请重新扫码" in (await volunteer.get(answer.headers["location"])).text
    assert await punched() == []
    await scanned(volunteer, shift, clock.at)
    bare = await volunteer.post(f"/volunteer/c/{shift}", data={"nonce": "1", "direction": "in"})
    assert bare.status_code == 303
    assert await punched() == []
    stranger = await client.get(f"/volunteer/c/{shift}/{codes.code(shift, clock.at)}")
    assert stranger.headers["location"] == f"/volunteer/sign-in?next=%2Fvolunteer%2Fc%2F{shift}"
    assert check_in_pages.TICKET in client.cookies


async def test_what_is_refused_says_why(
    volunteer: httpx.AsyncClient, shift: int, clock: Clock
) -> None:
    page = await scanned(volunteer, shift, clock.at)
    answer = await press(volunteer, shift, page.text, "out")
    told = (await volunteer.get(answer.headers["location"])).text
    assert 'data-outcome="refused"' in told
    assert "还没有签到" in told
    assert await punched() == [("out", "self", "not_in")]
    await database.execute(
        "UPDATE volunteer_shift SET cancelled_at = :now WHERE id = :id", now=clock.at, id=shift
    )
    page = await scanned(volunteer, shift, clock.at)
    answer = await press(volunteer, shift, page.text, "in")
    assert "班次已取消" in (await volunteer.get(answer.headers["location"])).text


@pytest.mark.parametrize(
    ("hours", "words"),
    [(-9, "还没有到签到的时候"), (9, "这个班次已经结束")],
)
@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_station_shows_no_code_out_of_hours(
    shift: int, clock: Clock, sign_in: SignIn, hours: int, words: str
) -> None:
    clock.pass_by(hours * 60)
    clerk = await sign_in("clerk", "x1")
    page = (await clerk.get("/campaigns/2022-city/volunteer/shifts/now/station")).text
    assert words in page
    assert f"/volunteer/c/{shift}" not in page
