"""Whole campaigns in and out over HTTP: who may, what is refused, what is noted."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from api.kit.conditional import strong_etag
from core import bundles, database
from core.process import Process
from tests.core.bundle_samples import campaign as sample
from tests.core.stored import everything
from tests.fixtures.application import Bearer, SignIn

PAGE = "/import-campaign"
DATA = "/api/v1/bundles"
UNSEEN = ("api_token", "session")


@pytest.fixture
async def programme(campaign_2022: str, browsers: Any, bearer: Bearer) -> Any:
    """``await programme("organiser", "city")``: a programme with that role."""

    async def make(role: str, office: str) -> httpx.AsyncClient:
        client: httpx.AsyncClient = browsers()
        client.headers.update(await bearer(role, office))
        return client

    return make


def below_x1(key: str = "own-campaign") -> dict[str, Any]:
    """A campaign of x1, with a town that is new."""
    return {
        "format": "campaign-bundle",
        "version": 1,
        "organisations": [
            {"key": "x1", "name": "甲旗残联", "level": "county", "parent": None},
            {"key": "x1-new", "name": "甲旗一镇残联", "level": "town", "parent": "x1"},
        ],
        "campaign": {
            "key": key,
            "observance": "ear-care-day",
            "year": 2023,
            "organisation": "x1",
            "starts_on": "2023-03-01",
            "ends_on": "2023-03-31",
        },
        "activities": [],
    }


async def post(client: httpx.AsyncClient, document: Any, **parameters: str) -> httpx.Response:
    return await client.post(DATA, content=json.dumps(document), params=parameters)


async def test_an_organiser_brings_in_a_campaign_of_his_office(programme: Any) -> None:
    client = await programme("organiser", "x1")
    made = await post(client, below_x1())
    assert (made.status_code, made.json()) == (201, {"campaign": "own-campaign"})
    assert made.headers["location"] == "/api/v1/campaigns/own-campaign"
    town = await database.fetch_one(
        "SELECT a.key FROM organisation o JOIN organisation a ON a.id = o.parent"
        " WHERE o.key = 'x1-new'"
    )
    assert town == {"key": "x1"}
    county = await database.fetch_value(
        "SELECT a.key FROM organisation o JOIN organisation a ON a.id = o.parent WHERE o.key = 'x1'"
    )
    assert county == "city"


async def test_nobody_moves_or_renames_offices_of_others_by_a_bundle(programme: Any) -> None:
    client = await programme("organiser", "x1")
    before = await everything(*UNSEEN)
    theirs = {"key": "x2", "name": "改名了", "level": "town", "parent": "x1"}
    taken = below_x1()
    taken["organisations"].append(theirs)
    refused = await post(client, taken)
    assert refused.status_code == 422
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/organisations/2/key", "forbidden")
    ]
    above = below_x1()
    above["organisations"][0]["key"] = "new-city"
    above["organisations"][1]["parent"] = "new-city"
    above["campaign"]["organisation"] = "new-city"
    refused = await post(client, above)
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/organisations/0/key", "forbidden")
    ]
    assert await everything(*UNSEEN) == before


async def test_a_campaign_of_others_is_not_replaced(programme: Any) -> None:
    client = await programme("organiser", "x1")
    before = await everything(*UNSEEN)
    refused = await post(client, below_x1("2022-city"), replace="true")
    assert (refused.status_code, refused.json()["code"]) == (409, "duplicate")
    assert await everything(*UNSEEN) == before


async def test_a_campaign_is_replaced_only_when_that_is_said(programme: Any) -> None:
    client = await programme("organiser", "city")
    document = sample("2022-city")
    document["campaign"]["theme"] = "改过的主题"
    before = await everything(*UNSEEN)
    refused = await post(client, document)
    assert (refused.status_code, refused.json()["code"]) == (409, "exists")
    assert await everything(*UNSEEN) == before
    assert (await post(client, document, replace="true")).status_code == 201
    assert await database.fetch_value("SELECT theme FROM campaign") == "改过的主题"


@pytest.mark.parametrize("state", ["closed", "archived"])
async def test_a_closed_campaign_is_not_replaced(programme: Any, state: str) -> None:
    client = await programme("administrator", "city")
    await database.execute("UPDATE campaign SET state = :state", state=state)
    refused = await post(client, sample("2022-city"), replace="true")
    assert (refused.status_code, refused.json()["code"]) == (409, "campaign_state")


async def test_every_fault_is_told_with_its_place_and_nothing_is_written(programme: Any) -> None:
    client = await programme("administrator", "city")
    document = below_x1()
    document["organisations"][1]["level"] = "city"
    document["campaign"]["observance"] = "no-such-day"
    del document["campaign"]["year"]
    before = await everything(*UNSEEN)
    refused = await post(client, document)
    assert refused.status_code == 422
    assert {(e["pointer"], e["code"]) for e in refused.json()["errors"]} == {
        ("/organisations/1/level", "level"),
        ("/campaign/observance", "unknown_observance"),
        ("/campaign/year", "missing"),
    }
    broken = await client.post(DATA, content=b"{")
    assert [e["code"] for e in broken.json()["errors"]] == ["syntax"]
    assert await everything(*UNSEEN) == before


async def test_a_repeated_import_answers_as_the_first(programme: Any) -> None:
    client = await programme("organiser", "x1")
    client.headers["idempotency-key"] = "once"
    first, again = await post(client, below_x1()), await post(client, below_x1())
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotency-replayed"] == "true"
    imports = "SELECT COUNT(*) FROM audit_entry WHERE action = 'import' AND campaign = :key"
    assert await database.fetch_value(imports, key="own-campaign") == 1


@pytest.mark.parametrize("role", ["clerk", "reviewer", "viewer", "volunteer"])
async def test_who_does_not_organise_neither_imports_nor_exports(programme: Any, role: str) -> None:
    client = await programme(role, "city")
    assert (await post(client, below_x1())).status_code == 403
    assert (await client.get("/api/v1/campaigns/2022-city/bundle")).status_code == 403


async def test_the_page_imports_or_lists_what_is_wrong(campaign_2022: str, sign_in: SignIn) -> None:
    organiser = await sign_in("organiser", "x1")
    assert (await organiser.get(PAGE)).status_code == 200
    wrong = below_x1()
    wrong["campaign"]["ends_on"] = "2023-02-01"
    data = json.dumps(wrong).encode()
    page = await organiser.post(PAGE, files={"file": ("a.json", data)})
    assert page.status_code == 422
    assert "文件有1处要改" in page.text
    assert "/campaign/ends_on" in page.text
    good = json.dumps(below_x1()).encode()
    done = await organiser.post(PAGE, files={"file": ("a.json", good)})
    assert done.headers["location"] == "/campaigns/own-campaign"
    again = await organiser.post(PAGE, files={"file": ("a.json", good)})
    assert again.status_code == 422
    assert 'href="#field-replace"' in again.text
    replaced = await organiser.post(
        PAGE, files={"file": ("a.json", good)}, data={"replace": "true"}
    )
    assert replaced.status_code == 303
    nothing = await organiser.post(PAGE, data={"replace": "true"})
    assert nothing.status_code == 422


async def test_an_export_is_the_bundle_and_is_noted(
    programme: Any, process: Process, sign_in: SignIn
) -> None:
    whole = await bundles.export_bundle("2022-city", process.plugins)
    client = await programme("organiser", "city")
    given = await client.get("/api/v1/campaigns/2022-city/bundle")
    assert given.text == whole
    assert int(given.headers["content-length"]) == len(given.content)
    assert given.headers["etag"] == strong_etag(given.content)
    file = await (await sign_in("organiser", "city")).get("/campaigns/2022-city/bundle.json")
    assert file.text == whole
    assert "2022-city.json" in file.headers["content-disposition"]
    noted = "SELECT actor FROM audit_entry WHERE action = 'campaign.exported' ORDER BY id"
    assert [row["actor"] for row in await database.fetch(noted)] == [
        "token:organiser-city",
        "organiser-city",
    ]


async def test_an_export_that_the_asker_has_is_not_sent_again(programme: Any) -> None:
    client, address = await programme("organiser", "city"), "/api/v1/campaigns/2022-city/bundle"
    having = {"if-none-match": (await client.get(address)).headers["etag"]}
    again = await client.get(address, headers=having)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == having["if-none-match"]


async def test_a_part_of_the_campaign_does_not_take_out_the_whole(
    programme: Any, sign_in: SignIn
) -> None:
    client = await programme("organiser", "x1")
    assert (await client.get("/api/v1/campaigns/2022-city/bundle")).status_code == 404
    person = await sign_in("organiser", "x1")
    assert (await person.get("/campaigns/2022-city/bundle.json")).status_code == 404


async def test_what_is_exported_comes_in_again_elsewhere(programme: Any, process: Process) -> None:
    client = await programme("administrator", "city")
    whole = await client.get("/api/v1/campaigns/2022-city/bundle")
    document = json.loads(whole.text)
    document["campaign"]["key"] = "copy"
    assert (await post(client, document)).status_code == 201
    copied = json.loads(await bundles.export_bundle("copy", process.plugins))
    assert copied == document
