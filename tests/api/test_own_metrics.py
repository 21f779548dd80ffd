"""A campaign's own metrics through pages and JSON."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from core import database
from tests.fixtures.application import Bearer, SignIn

PAGE = "/campaigns/2022-city/metrics"
DATA = "/api/v1/campaigns/2022-city/metrics"
BOOKS = {"label": "发放盲文教材", "unit": "册", "aggregation": "sum"}


@pytest.fixture
async def chief(campaign_2022: str, sign_in: SignIn) -> httpx.AsyncClient:
    return await sign_in("organiser", "city")


@pytest.fixture
async def programme(campaign_2022: str, browsers: Any, bearer: Bearer) -> httpx.AsyncClient:
    client: httpx.AsyncClient = browsers()
    client.headers.update(await bearer("organiser", "city"))
    return client


async def own() -> dict[str, dict[str, Any]]:
    rows = await database.fetch("SELECT key, label, unit, aggregation FROM metric")
    return {row.pop("key"): row for row in rows}


async def test_a_metric_is_added_and_can_be_reported_at_once(chief: httpx.AsyncClient) -> None:
    assert "发放辅助器具" in (await chief.get(PAGE)).text
    done = await chief.post(PAGE, data=BOOKS)
    assert done.status_code == 303
    assert (await own())["own.1"] == BOOKS
    assert "发放盲文教材（册）" in (await chief.get("/campaigns/2022-city/reported/new")).text
    await chief.post(PAGE, data={**BOOKS, "label": "发放大字教材"})
    assert (await own())["own.2"]["label"] == "发放大字教材"


async def test_a_faulty_form_comes_back_with_every_fault(chief: httpx.AsyncClient) -> None:
    before = await own()
    page = await chief.post(PAGE, data={"label": "", "unit": "", "aggregation": "average"})
    assert page.status_code == 422
    for name in ("label", "unit", "aggregation"):
        assert f'href="#field-{name}"' in page.text
    ratio = await chief.post(PAGE, data={"label": "率", "unit": "%", "aggregation": "ratio"})
    assert ratio.status_code == 422
    assert 'href="#field-numerator"' in ratio.text
    assert await own() == before


async def test_a_metric_is_changed_and_removed(chief: httpx.AsyncClient) -> None:
    await chief.post(PAGE, data=BOOKS)
    address = f"{PAGE}/own.1"
    assert 'value="发放盲文教材"' in (await chief.get(address)).text
    await chief.post(address, data={**BOOKS, "unit": "本"})
    assert (await own())["own.1"]["unit"] == "本"
    assert (await chief.post(address, data={**BOOKS, "unit": ""})).status_code == 422
    await chief.post(f"{address}/delete")
    assert "own.1" not in await own()
    assert (await chief.get(address)).status_code == 404


async def test_a_metric_in_use_stays_and_the_page_says_why(chief: httpx.AsyncClient) -> None:
    done = await chief.post(f"{PAGE}/assistive.items/delete")
    assert "条填报的数据" in (await chief.get(done.headers["location"])).text
    assert "assistive.items" in await own()


@pytest.mark.parametrize(
    ("who", "status"),
    [(("organiser", "x1"), 404), (("clerk", "city"), 403), (("viewer", "city"), 403)],
)
async def test_only_who_leads_the_campaign_defines_its_metrics(
    campaign_2022: str, sign_in: SignIn, who: tuple[str, str], status: int
) -> None:
    person = await sign_in(*who)
    before = await own()
    for method, path in (
        ("GET", PAGE),
        ("POST", PAGE),
        ("GET", f"{PAGE}/assistive.items"),
        ("POST", f"{PAGE}/assistive.items"),
        ("POST", f"{PAGE}/assistive.items/delete"),
    ):
        data = BOOKS if method == "POST" else None
        assert (await person.request(method, path, data=data)).status_code == status
    assert await own() == before


async def test_programmes_define_list_change_and_remove(programme: httpx.AsyncClient) -> None:
    made = await programme.post(DATA, json={**BOOKS, "key": "braille.books"})
    assert made.status_code == 201
    assert made.json()["key"] == "braille.books"
    listed = {each["key"]: each for each in (await programme.get(DATA)).json()}
    assert listed["braille.books"] == made.json()
    assert listed["condolence.cash"]["plugin"] == "condolence"
    assert listed["job_fair.intent_rate"]["definition"] == "达成初步就业意向除以提供岗位"
    changed = await programme.put(f"{DATA}/braille.books", json={**BOOKS, "unit": "本"})
    assert changed.json()["unit"] == "本"
    refused = await programme.put(
        f"{DATA}/braille.books", json={**BOOKS, "aggregation": "ratio", "numerator": "no.such"}
    )
    assert {error["pointer"] for error in refused.json()["errors"]} == {
        "/numerator",
        "/denominator",
    }
    assert (await programme.delete(f"{DATA}/braille.books")).status_code == 204
    assert (await programme.delete(f"{DATA}/braille.books")).status_code == 404
    assert (await programme.delete(f"{DATA}/assistive.items")).status_code == 409
