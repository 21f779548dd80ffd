"""The table of targets as a page and as JSON."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from core import database
from tests.fixtures.application import Bearer, SignIn

PAGE = "/campaigns/2022-city/targets"
DATA = "/api/v1/campaigns/2022-city/targets"
PEOPLE, RATE = "condolence.people", "job_fair.intent_rate"


@pytest.fixture
async def chief(campaign_2022: str, sign_in: SignIn) -> httpx.AsyncClient:
    return await sign_in("organiser", "city")


@pytest.fixture
async def programme(campaign_2022: str, browsers: Any, bearer: Bearer) -> httpx.AsyncClient:
    client: httpx.AsyncClient = browsers()
    client.headers.update(await bearer("organiser", "city"))
    return client


async def stored() -> dict[tuple[str, str], str]:
    rows = await database.fetch(
        "SELECT t.metric, o.key, t.value FROM target t JOIN organisation o ON o.id = t.organisation"
    )
    return {(row["metric"], row["key"]): row["value"] for row in rows}


def form(**cells: str) -> dict[str, Any]:
    """A table of two metrics; ``x1`` names a cell of people, ``rate_x1`` one of the rate."""
    named = {
        f"{RATE}|{name.removeprefix('rate_')}"
        if name.startswith("rate_")
        else f"{PEOPLE}|{name}": value
        for name, value in cells.items()
    }
    return {"organisation": "city", "metric": [PEOPLE, RATE], **named}


async def test_without_targets_the_page_asks_which_metrics_to_aim_at(
    chief: httpx.AsyncClient,
) -> None:
    page = (await chief.get(PAGE)).text
    assert "先选出要下达任务的指标" in page
    assert "<table" not in page


async def test_the_table_is_filled_and_kept(chief: httpx.AsyncClient) -> None:
    table = (await chief.get(PAGE, params={"metric": [PEOPLE, RATE]})).text
    for office in ("city", "x1", "x2", "x3", "x4"):
        assert f'name="{PEOPLE}|{office}"' in table
    assert 'aria-label="甲旗残联，走访慰问人数"' in table
    done = await chief.post(PAGE, data=form(x1="１２０", x2=" 80 ", rate_city="40"))
    assert done.status_code == 303
    assert await stored() == {(PEOPLE, "x1"): "120", (PEOPLE, "x2"): "80", (RATE, "city"): "0.4"}
    after = (await chief.get(done.headers["location"])).text
    assert "已保存，改动了3处" in after
    assert f'name="{RATE}|city" value="40"' in after
    # A target shows where its figure does.
    figure = (
        await chief.get("/campaigns/2022-city/figures/condolence.people?organisation=x1")
    ).text
    assert "任务120人" in figure
    assert "100%" in figure


async def test_an_empty_cell_takes_the_target_back(chief: httpx.AsyncClient) -> None:
    await chief.post(PAGE, data=form(x1="120", x2="80"))
    seen = {f"seen|{PEOPLE}|x1": "120", f"seen|{PEOPLE}|x2": "80"}
    await chief.post(PAGE, data={**form(x1="", x2="80"), **seen})
    assert await stored() == {(PEOPLE, "x2"): "80"}


async def test_a_faulty_cell_keeps_the_whole_table_from_being_saved(
    chief: httpx.AsyncClient,
) -> None:
    page = await chief.post(PAGE, data=form(x1="120", x2="许多"))
    assert page.status_code == 422
    assert f'href="#field-{PEOPLE}|x2"' in page.text
    assert 'value="许多"' in page.text
    assert 'value="120"' in page.text
    assert await stored() == {}


async def test_what_somebody_else_has_set_meanwhile_is_not_overwritten(
    chief: httpx.AsyncClient,
) -> None:
    await chief.post(PAGE, data=form(x1="120"))
    page = await chief.post(PAGE, data=form(x1="130", x2="80"))
    assert page.status_code == 422
    assert "刚才有人把这里改成了120" in page.text
    assert await stored() == {(PEOPLE, "x1"): "120"}


async def test_a_table_as_it_was_shown_changes_nothing(chief: httpx.AsyncClient) -> None:
    await chief.post(PAGE, data=form(x1="120.50"))
    changes = await database.fetch_value("SELECT changes FROM campaign")
    done = await chief.post(PAGE, data={**form(x1="120.5"), f"seen|{PEOPLE}|x1": "120.5"})
    assert "没有改动" in (await chief.get(done.headers["location"])).text
    assert await database.fetch_value("SELECT changes FROM campaign") == changes + 1


async def test_an_organiser_below_sets_targets_below_only(
    campaign_2022: str, sign_in: SignIn
) -> None:
    organiser = await sign_in("organiser", "x1")
    table = (await organiser.get(PAGE, params={"metric": PEOPLE})).text
    assert f'name="{PEOPLE}|x1"' in table
    assert f'name="{PEOPLE}|x2"' not in table
    assert (await organiser.get(PAGE, params={"organisation": "city"})).status_code == 404
    posted = await organiser.post(PAGE, data=form(x2="80"))
    assert posted.status_code == 404
    await organiser.post(PAGE, data={**form(x1="9", x2="80"), "organisation": "x1"})
    assert await stored() == {(PEOPLE, "x1"): "9"}


async def test_targets_are_fixed_once_the_campaign_comes_to_its_end(
    chief: httpx.AsyncClient,
) -> None:
    await chief.post(PAGE, data=form(x1="120"))
    await database.execute("UPDATE campaign SET state = 'closing'")
    page = (await chief.get(PAGE)).text
    assert "任务只能看，不能改" in page
    assert "保存任务" not in page
    assert "120" in page
    assert (await chief.post(PAGE, data=form(x2="80"))).status_code == 422
    assert await stored() == {(PEOPLE, "x1"): "120"}


@pytest.mark.parametrize(("role", "status"), [("clerk", 403), ("viewer", 403), ("volunteer", 403)])
async def test_only_organisers_set_targets(
    campaign_2022: str, sign_in: SignIn, role: str, status: int
) -> None:
    person = await sign_in(role, "city")
    assert (await person.get(PAGE)).status_code == status
    assert (await person.post(PAGE, data=form(x1="1"))).status_code == status


async def test_programmes_set_many_and_read_them_back(programme: httpx.AsyncClient) -> None:
    given = [
        {"metric": PEOPLE, "organisation": office, "value": value}
        for office, value in (("x1", "120"), ("x2", "80"), ("city", "200"))
    ]
    assert (await programme.put(DATA, json=given)).json() == {"changed": 3}
    ordered = sorted(given, key=lambda each: each["organisation"])
    assert (await programme.get(DATA)).json() == {"items": ordered, "next": None}
    first = (await programme.get(DATA, params={"limit": 2})).json()
    rest = (await programme.get(DATA, params={"limit": 2, "cursor": first["next"]})).json()
    assert [*first["items"], *rest["items"]] == ordered
    below = (await programme.get(DATA, params={"organisation": "x2"})).json()
    assert [each["value"] for each in below["items"]] == ["80"]
    removal = [{"metric": PEOPLE, "organisation": "x1", "value": None}]
    assert (await programme.put(DATA, json=removal)).json() == {"changed": 1}
    assert len(await stored()) == 2


@pytest.mark.parametrize(
    ("item", "status", "pointer"),
    [
        ({"value": "much"}, 422, "/condolence.people/x1"),
        ({"metric": "no.such"}, 422, "/no.such/x1"),
        ({"organisation": "nowhere"}, 404, None),
    ],
)
async def test_one_fault_and_programmes_set_nothing(
    programme: httpx.AsyncClient, item: dict[str, str], status: int, pointer: str | None
) -> None:
    sound = {"metric": PEOPLE, "organisation": "x2", "value": "80"}
    faulty = {"metric": PEOPLE, "organisation": "x1", "value": "1", **item}
    refused = await programme.put(DATA, json=[sound, faulty])
    assert refused.status_code == status
    errors = refused.json().get("errors", [])
    assert [error["pointer"] for error in errors] == ([pointer] if pointer else [])
    twice = await programme.put(DATA, json=[sound, sound])
    assert twice.status_code == 422
    assert await stored() == {}
