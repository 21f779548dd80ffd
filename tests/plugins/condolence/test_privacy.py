"""Names: sealed in the database, masked in lists, read in full by few and on record."""

from __future__ import annotations

import httpx

from core import database
from tests.fixtures.application import Bearer, SignIn

PAGE = "/campaigns/{}/condolence/recipients"
DATA = "/api/v1/campaigns/{}/condolence/recipients"


async def test_lists_pages_and_json_mask(
    campaign_2022: str, sign_in: SignIn, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    browser = await sign_in("organiser", "city")
    for path in ("", "/r00239", "/r00239/edit", "/r00239/delete"):
        text = (await browser.get(PAGE.format(campaign_2022) + path)).text
        assert "对象00239" not in text
        assert "对*****9" in text
    headers = await bearer("organiser", "city")
    answer = await client.get(DATA.format(campaign_2022), headers=headers)
    assert "对象00239" not in answer.text


async def test_an_institution_has_no_secret_name(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    made = await client.post(
        DATA.format(campaign_2022),
        json={"kind": "institution", "name": "甲旗托养中心", "organisation": "x1"},
        headers=await bearer("clerk", "x1"),
    )
    assert made.json()["name"] == "甲旗托养中心"


async def test_the_full_name_is_shown_to_those_who_may_and_that_is_on_record(
    campaign_2022: str, sign_in: SignIn
) -> None:
    path = f"{PAGE.format(campaign_2022)}/r00239/unmask"
    clerk = await sign_in("clerk", "x1")
    assert (await clerk.post(path)).status_code == 403
    beside = await sign_in("organiser", "x2")
    assert (await beside.post(path)).status_code == 404
    organiser = await sign_in("organiser", "x1")
    shown = await organiser.post(path)
    assert shown.status_code == 200
    assert "对象00239" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    entries = await database.fetch(
        "SELECT actor, thing, thing_key FROM audit_entry WHERE action = 'personal.unmasked'"
    )
    assert entries == [
        {"actor": "organiser-x1", "thing": "condolence.recipients", "thing_key": "r00239"}
    ]


async def test_a_full_export_holds_full_names_of_the_own_offices_alone(
    campaign_2022: str, sign_in: SignIn
) -> None:
    organiser = await sign_in("organiser", "x1")
    answer = await organiser.post(f"{PAGE.format(campaign_2022)}/export.xlsx")
    assert answer.status_code == 200
    entries = await database.fetch(
        "SELECT after FROM audit_entry WHERE action = 'personal.exported'"
    )
    assert [row["after"] for row in entries] == ['{"records": 120}']


async def test_a_name_is_found_by_its_exact_spelling(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    headers = await bearer("clerk", "x1")
    path = DATA.format(campaign_2022)
    found = await client.get(path, params={"name": "对象 00239"}, headers=headers)
    assert [item["key"] for item in found.json()["items"]] == ["r00239"]
    part = await client.get(path, params={"name": "对象"}, headers=headers)
    assert part.json()["items"] == []


async def test_a_masked_name_sent_back_changes_nothing_and_makes_nobody(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    headers = await bearer("clerk", "x1")
    path = DATA.format(campaign_2022)
    index = "SELECT name_index FROM condolence_recipient WHERE key = 'r00239'"
    before = await database.fetch_value(index)
    item = (await client.get(f"{path}/r00239", headers=headers)).json()
    assert (await client.patch(f"{path}/r00239", json=item, headers=headers)).status_code == 200
    assert await database.fetch_value(index) == before
    refused = await client.post(path, json={**item, "key": "r9"}, headers=headers)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/name"]


async def test_the_log_and_the_database_hold_no_name(
    campaign_2022: str, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    headers = await bearer("clerk", "x1")
    item = {"kind": "person", "name": "欧阳锋锋", "organisation": "x1"}
    await client.post(DATA.format(campaign_2022), json=item, headers=headers)
    rows = await database.fetch("SELECT * FROM condolence_recipient")
    logged = await database.fetch("SELECT * FROM audit_entry")
    assert "欧阳锋锋" not in str(rows)
    assert "欧阳锋锋" not in str(logged)
    assert "欧**锋" in str(logged)
