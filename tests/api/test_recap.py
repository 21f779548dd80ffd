"""The recap as a page, as files and as JSON."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from core.recap.formats import html
from tests.fixtures.application import Bearer, SignIn

PAGE = "/campaigns/2022-city/recap"


@pytest.fixture
async def chief(campaign_2022: str, sign_in: SignIn) -> httpx.AsyncClient:
    return await sign_in("organiser", "city")


async def test_every_figure_of_the_page_leads_to_what_it_is_made_of(
    chief: httpx.AsyncClient,
) -> None:
    page = (await chief.get(PAGE)).text
    assert "关于第32次全国助残日活动开展情况的总结" in page
    assert page.count("<h1") == 1
    links = {part.split('"', 1)[0] for part in page.split('class="recap-figure" href="')[1:]}
    assert len(links) >= 32
    for link in sorted(links):
        assert link.startswith("/campaigns/2022-city/figures/")
    for link in sorted(links)[:5]:
        assert (await chief.get(link.replace("&amp;", "&"))).status_code == 200


async def test_the_page_brings_its_style(chief: httpx.AsyncClient) -> None:
    assert '<link rel="stylesheet" href="/recap.css">' in (await chief.get(PAGE)).text
    styles = await chief.get("/recap.css")
    assert styles.text == html.stylesheet()
    assert styles.headers["content-type"] == "text/css; charset=utf-8"
    unchanged = await chief.get("/recap.css", headers={"if-none-match": styles.headers["etag"]})
    assert unchanged.status_code == 304


async def test_the_recap_is_of_the_office_that_is_chosen(chief: httpx.AsyncClient) -> None:
    page = (await chief.get(PAGE, params={"organisation": "x2"})).text
    assert "乙县残联组织开展了系列活动" in page
    assert "1132人" not in page
    assert f'href="{PAGE}.html?organisation=x2"' in page


@pytest.mark.parametrize(
    ("role", "query", "status"),
    [
        ("viewer", "", 200),
        ("viewer", "?organisation=x2", 404),
        ("viewer", "?organisation=city", 404),
        ("volunteer", "", 403),
    ],
)
@pytest.mark.parametrize("ending", ["", ".html", ".md", ".json"])
@pytest.mark.usefixtures("campaign_2022")
async def test_who_reads_which_recap(
    sign_in: SignIn, role: str, query: str, status: int, ending: str
) -> None:
    answer = await (await sign_in(role, "x1")).get(f"{PAGE}{ending}{query}")
    assert answer.status_code == status
    if status == 200:
        assert "甲旗残联" in answer.text or '"organisation": "x1"' in answer.text
        assert "乙县残联" not in answer.text


async def test_the_files_are_whole_and_have_names_that_people_know(
    chief: httpx.AsyncClient,
) -> None:
    name = "filename*=UTF-8''%E5%85%B3%E4%BA%8E"
    page = await chief.get(f"{PAGE}.html")
    assert page.headers["content-disposition"].startswith(f"attachment; {name}")
    assert "sandbox" in page.headers["content-security-policy"]
    assert page.text.startswith("<!doctype html>")
    text = await chief.get(f"{PAGE}.md")
    assert text.headers["content-type"] == "text/markdown; charset=utf-8"
    assert text.text.startswith("# 关于第32次全国助残日活动开展情况的总结\n")
    data = json.loads((await chief.get(f"{PAGE}.json")).text)
    assert data["campaign"]["edition"] == 32
    assert len(data["figures"]) == 32


async def test_programmes_read_the_figures_of_all_offices_below(
    campaign_2022: str, browsers: Any, bearer: Bearer
) -> None:
    client = browsers()
    client.headers.update(await bearer("viewer", "city"))
    address = "/api/v1/campaigns/2022-city/recap"
    given = await client.get(address)
    assert set(given.json()["by_organisation"]) == {"city", "x1", "x2", "x3", "x4"}
    again = await client.get(address, headers={"if-none-match": given.headers["etag"]})
    assert again.status_code == 304
    client.headers.update(await bearer("viewer", "x1"))
    assert set((await client.get(address)).json()["by_organisation"]) == {"x1"}
    assert (await client.get(address, params={"organisation": "x2"})).status_code == 404
