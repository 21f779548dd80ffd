"""Campaigns and observances as JSON, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from core import campaigns, database
from tests.fixtures.application import Bearer

ADDRESS = "/api/v1/campaigns"
NEW: dict[str, Any] = {
    "organisation": "city",
    "observance": "national-disability-day",
    "year": 2024,
    "plugins": ["publicity"],
}
Browsers = Callable[[], httpx.AsyncClient]


async def test_a_campaign_from_birth_to_archive(
    campaign_2022: str, browsers: Browsers, bearer: Bearer
) -> None:
    client, headers = browsers(), await bearer("organiser", "city")
    made = await client.post(ADDRESS, json=NEW, headers=headers)
    assert made.status_code == 201
    key = "national-disability-day-2024-city"
    address = f"{ADDRESS}/{key}"
    assert made.headers["location"] == address
    given = (await client.get(address, headers=headers)).json()
    assert given == made.json()
    changed = given.pop("modified_at")
    assert changed
    assert given == {
        "key": key,
        "title": "第34次全国助残日",
        "organisation": "city",
        "observance": "national-disability-day",
        "year": 2024,
        "edition": 34,
        "theme": "科技助残，共享美好生活",
        "starts_on": "2024-05-05",
        "ends_on": "2024-06-02",
        "state": "draft",
        "plugins": ["publicity"],
        "changes": 0,
    }
    patch = {"theme": "新主题", "plugins": ["condolence", "publicity"]}
    after = (await client.patch(address, json=patch, headers=headers)).json()
    assert (after["theme"], after["plugins"], after["ends_on"]) == (
        "新主题",
        ["condolence", "publicity"],
        "2024-06-02",
    )
    for state in ("open", "closing", "closed", "archived"):
        wanted = {"state": state}
        if state == "closed":
            refused = await client.put(f"{address}/state", json=wanted, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (409, "unaccepted")
            assert refused.json()["errors"][0]["pointer"] == "/reason"
            wanted["reason"] = "今年各县不写总结"
        answer = await client.put(f"{address}/state", json=wanted, headers=headers)
        assert answer.json()["state"] == state
    refused = await client.put(f"{address}/state", json={"state": "open"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "campaign_state")
    refused = await client.patch(address, json={"theme": "x"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "campaign_state")


async def test_a_change_is_made_wholly_or_not_at_all(
    campaign_2022: str, browsers: Browsers, bearer: Bearer
) -> None:
    client, headers = browsers(), await bearer("organiser", "city")
    before = await campaigns.find(campaign_2022)
    answer = await client.patch(
        f"{ADDRESS}/2022-city", json={"theme": "x", "plugins": ["no-such"]}, headers=headers
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/plugins")
    assert await campaigns.find(campaign_2022) == before


async def test_a_repeated_request_makes_one_campaign(
    campaign_2022: str, browsers: Browsers, bearer: Bearer
) -> None:
    client, headers = browsers(), await bearer("organiser", "city")
    once = {**headers, "idempotency-key": "k1"}
    first = await client.post(ADDRESS, json=NEW, headers=once)
    again = await client.post(ADDRESS, json=NEW, headers=once)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    other = await client.post(ADDRESS, json={**NEW, "year": 2025}, headers=once)
    assert other.status_code == 409
    clone = {**headers, "idempotency-key": "k2"}
    answers = [
        await client.post(f"{ADDRESS}/2022-city/clone", json={"year": 2023}, headers=clone)
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json() == {
        "key": "national-disability-day-2023-city",
        "organisations": 5,
        "left_out": 0,
        "failed": [],
    }
    assert await database.fetch_value("SELECT COUNT(*) FROM campaign") == 3


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"year": 1800}, "/year"),
        ({"observance": "none-such"}, "/observance"),
        ({"observance": None}, "/title"),
        ({"organisation": "x9"}, "/organisation"),
        ({"organisation": "no spaces"}, "/organisation"),
        ({"plugins": ["none-such"]}, "/plugins"),
        ({"starts_on": "2024-06-30"}, "/ends_on"),
        ({"colour": "red"}, "/colour"),
    ],
)
async def test_faults_name_their_place(
    campaign_2022: str, browsers: Browsers, bearer: Bearer, change: dict[str, Any], pointer: str
) -> None:
    headers = await bearer("organiser", "city")
    answer = await browsers().post(ADDRESS, json={**NEW, **change}, headers=headers)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_who_may(campaign_2022: str, browsers: Browsers, bearer: Bearer) -> None:
    client = browsers()
    item = f"{ADDRESS}/2022-city"
    for role, office, status in (("viewer", "city", 403), ("organiser", "x1", 404)):
        headers = await bearer(role, office)
        assert (await client.get(item, headers=headers)).status_code == 200
        for method, address, body in (
            ("PATCH", item, {"theme": "x"}),
            ("PUT", f"{item}/state", {"state": "closing"}),
            ("POST", f"{item}/clone", {"year": 2023}),
            ("POST", f"{item}/participants", None),
        ):
            answer = await client.request(method, address, json=body, headers=headers)
            assert answer.status_code == status, (role, method, address)
    answer = await client.post(ADDRESS, json=NEW, headers=await bearer("organiser", "x1"))
    assert answer.status_code == 422  # the office is out of his reach
    assert (await campaigns.find(campaign_2022)).changes == 0


async def test_the_list_narrows_pages_and_is_tagged(
    campaign_2022: str, browsers: Browsers, bearer: Bearer
) -> None:
    client, headers = browsers(), await bearer("organiser", "city")
    for year in (2023, 2024, 2025):
        await client.post(f"{ADDRESS}/2022-city/clone", json={"year": year}, headers=headers)
    years, cursor = [], ""
    while True:
        answer = await client.get(f"{ADDRESS}?limit=3&cursor={cursor}", headers=headers)
        years += [item["year"] for item in answer.json()["items"]]
        cursor = answer.json()["next"]
        if not cursor:
            break
    assert years == [2025, 2024, 2023, 2022]

    async def found(query: str) -> list[int]:
        answer = await client.get(f"{ADDRESS}?{query}", headers=headers)
        return [item["year"] for item in answer.json()["items"]]

    assert await found("year=2024") == [2024]
    assert await found("state=open") == [2022]
    assert await found("organisation=x1") == []
    assert await found("observance=ear-care-day") == []
    etag = answer.headers["etag"]
    same = await client.get(str(answer.url), headers={**headers, "if-none-match": etag})
    assert same.status_code == 304
    assert (await client.get(f"{ADDRESS}?cursor=x", headers=headers)).status_code == 422


async def test_offices_are_taken_in(campaign_2022: str, browsers: Browsers, bearer: Bearer) -> None:
    headers = await bearer("organiser", "city")
    answer = await browsers().post(f"{ADDRESS}/2022-city/participants", headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"added": 0})


async def test_observances_of_a_year_and_of_offices(
    campaign_2022: str, browsers: Browsers, bearer: Bearer
) -> None:
    client, headers = browsers(), await bearer("organiser", "x1")
    rule = {"kind": "nth-weekday", "month": 5, "weekday": 7, "nth": 2}
    body = {"organisation": "x1", "name": "县助残周", "rule": rule, "base": 2019, "key": "own"}
    made = await client.post("/api/v1/observances", json=body, headers=headers)
    assert (made.status_code, made.json()) == (201, {"key": "own"})
    listed = (await client.get("/api/v1/observances?year=2026", headers=headers)).json()["items"]
    by_key = {item["key"]: item for item in listed}
    assert by_key["own"] == {
        "key": "own",
        "name": "县助残周",
        "family": "observance",
        "date": "2026-05-10",
        "last_date": "2026-05-10",
        "edition": 7,
        "title": "第7次县助残周",
        "theme": "",
        "organisation": "x1",
    }
    assert by_key["national-disability-day"]["date"] == "2026-05-17"
    assert by_key["national-disability-day"]["organisation"] is None
    elsewhere = await client.get("/api/v1/observances", headers=await bearer("viewer", "x2"))
    assert "own" not in {item["key"] for item in elsewhere.json()["items"]}
    for wrong in ("year=1800", "year=x"):
        answer = await client.get(f"/api/v1/observances?{wrong}", headers=headers)
        assert answer.status_code == 422
    refused = await client.post(
        "/api/v1/observances", json={**body, "rule": {"kind": "never"}}, headers=headers
    )
    assert refused.status_code == 422
    by_city = await bearer("organiser", "x2")
    assert (await client.delete("/api/v1/observances/own", headers=by_city)).status_code == 404
    assert (await client.delete("/api/v1/observances/own", headers=headers)).status_code == 204
