"""A county sees its own records and nothing of the county beside it; names stay masked."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from core import database
from tests.fixtures.county_records import OWN
from tests.fixtures.every_route import CAMPAIGN, UndoneError, World
from tests.fixtures.record_routes import RECORDS

PAGES = "/campaigns/2022-city"
# What only x1 has, as it would be read; and the keys of its records.
NAMES = ("欧阳建国", "司马秀英")
TRACES = ("a-x1", "n-x1", "j-x1", "s-x1", "m-x1", "b-x1", "o-x1", "v-x1", "h-x1", "t-x1", "f-x1")
TELLING = (
    *(f"{plugin}/{kind}" for plugin, kind, *_ in RECORDS),
    "activities",
    "figures",
    "figures/condolence.people",
    "figures/job_fair.attendees",
    "figures/volunteer.people",
    "figures/culture.meets",
    "reported",
    "recap",
    "volunteer/stars",
    "publicity",
)


@pytest.mark.parametrize("role", ["clerk", "organiser"])
async def test_a_county_is_told_nothing_of_the_county_beside_it(world: World, role: str) -> None:
    browser = await world.browser(role, "x2")
    own = await world.browser(role, "x1")
    found, told = [], set()
    for path in TELLING:
        for address in (f"{PAGES}/{path}", f"{CAMPAIGN}/{path}"):
            answer = await browser.get(address)
            text = html.unescape(answer.text)
            known = html.unescape((await own.get(address)).text)
            traces = [*NAMES, *TRACES, "甲县助残日", "助残日走进甲县", "甲县填报"]
            found += [(address, trace) for trace in traces if trace in text]
            told |= {trace for trace in traces if trace in known}
    assert found == []
    assert told >= {"j-x1", "n-x1", "h-x1", "f-x1", "助残日走进甲县"}  # their owner is told


async def test_recap_and_figures_of_a_county_name_no_other_county(world: World) -> None:
    names = {
        row["key"]: row["name"]
        for row in await database.fetch(
            "SELECT o.key, p.name FROM campaign_participant p"
            " JOIN organisation o ON o.id = p.organisation"
        )
    }
    browser = await world.browser("clerk", "x1")
    for path in ("recap", "recap.html", "recap.md", "recap.json", "figures", "reported", "targets"):
        answer = await browser.get(f"{PAGES}/{path}")
        others = [name for key, name in names.items() if key not in {"x1", "city"}]
        assert [name for name in others if name in answer.text] == [], path
    for path in ("recap", "figures", "figures/condolence.people"):
        for other in ("x2", "city"):
            answer = await browser.get(f"{PAGES}/{path}?organisation={other}")
            assert answer.status_code == 404, (path, other)
            data = await browser.get(f"{CAMPAIGN}/{path}?organisation={other}")
            assert data.status_code == 404, (path, other)


async def test_names_are_masked_for_all_until_they_are_asked_for(world: World) -> None:
    for role in ("administrator", "organiser", "clerk", "reviewer", "viewer"):
        browser = await world.browser(role, "x1")
        for plugin, kind, key, names_people, _ in RECORDS:
            one = f"{plugin}/{kind}/{quote(key, safe='~')}"
            for path in (f"{plugin}/{kind}", one) if names_people else ():
                for address in (f"{PAGES}/{path}", f"{CAMPAIGN}/{path}"):
                    text = (await browser.get(address)).text
                    assert [name for name in NAMES if name in text] == [], (role, address)
    organiser = await world.browser("organiser", "x1")
    page = await organiser.post(f"{PAGES}/volunteer/volunteers/v-x1/unmask")
    assert "司马秀英" in page.text
    data = await organiser.post(f"{CAMPAIGN}/job_fair/seekers/s-x1/unmask")
    assert data.json()["name"] == "欧阳建国"


def renewed(item: dict[str, Any]) -> dict[str, Any]:
    """The same once more: without its key, and a name that is free."""
    fresh = {name: value for name, value in item.items() if name != "key"}
    return {**fresh, "name": "上官文静"} if "name" in fresh else fresh


async def _undone(world: World, role: str, place: str, *asked: tuple[str, str, Any]) -> list[int]:
    """The statuses of requests of which nothing stays."""
    headers, statuses = await world.bearer(role, place), []
    try:
        async with database.transaction():
            for method, address, body in asked:
                answer: httpx.Response = await world.nobody.request(
                    method, address, json=body, headers=headers
                )
                statuses.append(answer.status_code)
            raise UndoneError
    except UndoneError:
        return statuses


async def test_nobody_adds_to_the_office_beside_his_own(world: World) -> None:
    single = {f"{plugin}/{kind}": key for plugin, kind, key, *_ in RECORDS if "~" in key}
    for path, item in OWN:
        if path == "job_fair/employers":  # no office's own
            continue
        address, body = f"{CAMPAIGN}/{path}", renewed(dict(item))
        gone: list[tuple[str, str, Any]] = []
        if path in single:  # room is made for what there is only one of
            gone = [("DELETE", f"{address}/{single[path]}", None)]
        headers = await world.bearer("clerk", "x2")
        refused = await world.nobody.post(address, json=body, headers=headers)
        assert refused.status_code in {404, 422}, (path, refused.text)
        allowed = await _undone(world, "clerk", "x1", *gone, ("POST", address, body))
        assert allowed[-1] == 201, (path, allowed)


async def test_nobody_hands_his_record_to_the_office_beside_his_own(world: World) -> None:
    headers = await world.bearer("clerk", "x1")
    for path, item in OWN:
        if "organisation" not in item or path == "feeds":
            continue
        address = f"{CAMPAIGN}/{path}/{item['key']}"
        for other in ("x2", "city"):
            answer = await world.nobody.patch(
                address, json={"organisation": other}, headers=headers
            )
            assert answer.status_code in {404, 422}, (path, other, answer.text)
        assert (await world.nobody.get(address, headers=headers)).json()["organisation"] == "x1"


async def test_a_role_gives_nothing_where_it_is_not_held(world: World) -> None:
    """Two grants are never added up: a viewer of the city is no clerk of it for being one of x1."""
    city, county = await world.actor_of("viewer", "city"), await world.actor_of("clerk", "x1")
    assert city.account_id != county.account_id
    await database.execute(
        "UPDATE account_grant SET account = :both WHERE account = :one",
        both=county.account_id,
        one=city.account_id,
    )
    browser = await world.browser("clerk", "x1")
    assert (await browser.get(f"{PAGES}/volunteer/shifts/h00614")).status_code == 200
    assert (await browser.get(f"{PAGES}/volunteer/shifts/h00614/edit")).status_code == 404
    assert (await browser.get(f"{PAGES}/volunteer/shifts/h-x1/edit")).status_code == 200
    answer = await browser.delete(f"{CAMPAIGN}/volunteer/shifts/h00614")
    assert answer.status_code == 404
    assert re.search("没有", answer.json()["detail"])
