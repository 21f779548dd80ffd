"""Wording the parts of a recap in the browser, and as JSON."""

from __future__ import annotations

import html
import re

import httpx
import pytest

from core import database
from tests.fixtures.application import Bearer, SignIn
from tests.fixtures.people import csrf_token

LIST = "/campaigns/2022-city/recap/templates"
PAGE = f"{LIST}/volunteer"
DATA = "/api/v1/organisations/x1/recap-templates"
OWN = "志愿者{参与志愿者}出了力。"


@pytest.fixture
async def organiser(sign_in: SignIn, campaign_2022: str) -> httpx.AsyncClient:
    assert campaign_2022 == "2022-city"
    return await sign_in("organiser", "city")


async def send(client: httpx.AsyncClient, text: str, act: str, **more: str) -> httpx.Response:
    page = await client.get(PAGE)
    form = {"csrf_token": csrf_token(page.text), "text": text, "act": act, **more}
    return await client.post(PAGE, data=form)


async def stored() -> dict[str, str]:
    rows = await database.fetch(
        "SELECT o.key, t.text FROM recap_template t JOIN organisation o ON o.id = t.organisation"
    )
    return {row["key"]: row["text"] for row in rows}


def text_area(page: httpx.Response) -> str:
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


async def test_the_list_says_whose_template_applies(organiser: httpx.AsyncClient) -> None:
    assert (await organiser.get(f"{LIST}?organisation=x1")).text.count("软件自带") >= 5
    assert (await send(organiser, OWN, "save")).status_code == 303
    page = (await organiser.get(f"{LIST}?organisation=x1")).text
    row = re.search(r"/recap/templates/volunteer\?.*?</tr>", page, re.DOTALL)
    assert row is not None
    assert "某市残联" in row[0]
    assert "organiser-city" in row[0]


async def test_a_part_is_shown_with_labels_and_what_it_reads(organiser: httpx.AsyncClient) -> None:
    page = await organiser.get(PAGE)
    assert "志愿者{参与志愿者}参与助残服务{志愿服务人次}" in text_area(page)
    assert "<p>活动期间，志愿者126人参与助残服务126人次" in page.text
    assert "{志愿服务时长}" in page.text
    assert "294小时" in page.text


async def test_a_preview_reads_the_figures_and_stores_nothing(
    organiser: httpx.AsyncClient,
) -> None:
    page = await send(organiser, f"{OWN}超额完成任务，{{志愿助残活动}}。", "preview")
    assert page.status_code == 200
    assert "<p>志愿者126人出了力。超额完成任务，95次。</p>" in page.text
    assert "“超额”写死在模板里" in page.text
    assert text_area(page).strip().startswith(OWN)
    assert await stored() == {}
    of_x1 = await send(organiser, OWN, "preview", organisation="x1")
    assert "126人" not in re.findall(r"<p>志愿者.*?</p>", of_x1.text)[0]


async def test_a_fault_is_named_with_its_place_and_nothing_typed_is_lost(
    organiser: httpx.AsyncClient,
) -> None:
    typed = "近{参与志愿者}人\n{没有这个}"
    for act in ("save", "preview"):
        page = await send(organiser, typed, act)
        assert page.status_code == 422
        for place in ("第1行第2个字：“近”", "第1行第2个字：后面的“人”", "第2行第1个字：没有叫"):
            assert f'<a href="#field-text">{place}' in page.text
        assert text_area(page).strip() == typed
    assert (await send(organiser, " ", "save")).status_code == 422
    assert await stored() == {}


async def test_saving_changes_the_recap_and_resetting_brings_it_back(
    organiser: httpx.AsyncClient,
) -> None:
    assert (await send(organiser, OWN, "save", organisation="x1")).status_code == 303
    assert await stored() == {"x1": "志愿者{volunteer.volunteers}出了力。"}
    recap = "/campaigns/2022-city/recap?organisation=x1"
    assert "出了力。" in (await organiser.get(recap)).text
    page = await organiser.get(f"{PAGE}?organisation=x1")
    assert text_area(page).strip() == OWN
    reset = f"{PAGE}/reset?organisation=x1"
    assert reset.replace("&", "&amp;") in page.text
    question = await organiser.get(reset)
    assert "不再用甲旗残联自己的“志愿服务”模板？" in question.text
    form = {"csrf_token": csrf_token(question.text), "organisation": "x1"}
    assert (await organiser.post(f"{PAGE}/reset", data=form)).status_code == 303
    assert await stored() == {}
    assert "出了力。" not in (await organiser.get(recap)).text
    # Nothing is left to be taken away, and saying so is no error.
    assert (await organiser.get(reset)).status_code == 303
    assert (await organiser.post(f"{PAGE}/reset", data=form)).status_code == 303


async def test_an_unknown_part_is_not_found(organiser: httpx.AsyncClient) -> None:
    for address in (f"{LIST}/nothing", f"{LIST}/nothing/reset"):
        assert (await organiser.get(address)).status_code == 404


async def test_a_county_changes_its_own(sign_in: SignIn, organiser: httpx.AsyncClient) -> None:
    county = await sign_in("organiser", "x1")
    assert (await send(county, OWN, "save")).status_code == 303
    assert list(await stored()) == ["x1"]
    assert (await send(county, OWN, "save", organisation="city")).status_code == 404
    assert (await county.get(f"{PAGE}?organisation=x2")).status_code == 404
    assert "甲旗残联" in (await organiser.get(f"{PAGE}?organisation=x1")).text


async def test_programmes_read_and_write_them(
    client: httpx.AsyncClient, bearer: Bearer, campaign_2022: str
) -> None:
    headers = await bearer("organiser", "x1")
    listed = (await client.get(DATA, headers=headers)).json()
    assert {"overview", "condolence", "volunteer", "other"} <= {each["part"] for each in listed}
    assert {each["organisation"] for each in listed} == {None}
    some = await client.get(f"{DATA}?campaign={campaign_2022}", headers=headers)
    assert "hearing_test" not in {each["part"] for each in some.json()}
    body = {"text": OWN}
    answer = await client.put(f"{DATA}/volunteer", json=body, headers=headers)
    assert answer.status_code == 200
    made = answer.json()
    assert (made["organisation"], made["text"]) == ("x1", "志愿者{volunteer.volunteers}出了力。")
    own = {"text": "另有{发放辅助器具}。"}
    refused = await client.put(f"{DATA}/other", json=own, headers=headers)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/text", "unknown_figure")
    with_campaign = await client.put(
        f"{DATA}/other", json={**own, "campaign": campaign_2022}, headers=headers
    )
    assert with_campaign.json()["text"] == "另有{发放辅助器具}。"
    for _ in range(2):
        gone = await client.delete(f"{DATA}/volunteer", headers=headers)
        assert gone.status_code == 204
    assert list(await stored()) == ["x1"]  # the other one


async def test_programmes_try_them(
    client: httpx.AsyncClient, bearer: Bearer, campaign_2022: str
) -> None:
    headers = await bearer("organiser", "city")
    address = "/api/v1/organisations/city/recap-templates/volunteer/preview"
    body = {"text": f"{OWN}{{走访慰问户数}}{{志愿服务人次}}。", "campaign": campaign_2022}
    tried = await client.post(address, json=body, headers=headers)
    assert tried.json() == {
        "paragraphs": ["志愿者126人出了力。"],
        "unsaid": ["volunteer.attendances"],
        "faults": [],
    }
    wrong = await client.post(address, json={**body, "text": "{没有这个}"}, headers=headers)
    assert wrong.status_code == 200
    assert wrong.json()["paragraphs"] == []
    (fault,) = wrong.json()["faults"]
    assert (fault["line"], fault["column"], fault["code"]) == (1, 1, "unknown_figure")
    assert await stored() == {}
