"""Pages of the year's observances and of the days that offices keep. Both engines."""

from __future__ import annotations

from datetime import date

import pytest

from api.kit import forms
from api.observances import months, rule_of
from core import database
from core.observances import Catalogue, Observance
from core.process import Process
from tests.fixtures.application import SignIn

OWN = {
    "name": "建会纪念日",
    "organisation": "city",
    "kind": "fixed-day",
    "month": "12",
    "day": "20",
    "first_year": "1990",
}


async def test_a_years_calendar_leads_to_campaigns(campaign_2022: str, sign_in: SignIn) -> None:
    viewer = await sign_in("viewer", "x1")
    page = (await viewer.get("/calendar?year=2022")).text
    assert '<a class="title" href="/campaigns/2022-city">第32次全国助残日</a>' in page
    assert '<time datetime="2022-05-15">15日 星期日</time>' in page
    assert "主题：促进残疾人就业，保障残疾人权益 · 某市残联的活动" in page
    assert "策划这次活动" not in page
    assert 'href="/calendar?year=2021"' in page
    assert (await viewer.get("/calendar?year=nonsense")).status_code == 200
    first = (await viewer.get("/calendar?year=1900")).text
    assert "year=1899" not in first


async def test_what_is_to_come_can_be_planned(campaign_2022: str, sign_in: SignIn) -> None:
    organiser = await sign_in("organiser", "city")
    page = (await organiser.get("/calendar?year=2099")).text
    assert "/new-campaign?observance=national-disability-day&amp;year=2099" in page
    assert '策划这次活动<span class="hidden">：第109次全国助残日</span>' in page
    assert "策划这次活动" not in (await organiser.get("/calendar?year=2021")).text


def test_past_and_coming_days_stand_apart_and_in_their_own_year() -> None:
    def kept(key: str, rule: dict[str, object]) -> Observance:
        return Observance.from_mapping(key, {"name": key, "rule": rule})

    catalogue = Catalogue(
        [
            kept("spring", {"kind": "fixed-day", "month": 3, "day": 1}),
            kept("week", {"kind": "week", "month": 10, "day": 1}),
            kept("late", {"kind": "lunar-day", "month": 12, "day": 20}),
        ]
    )
    past, coming = months(catalogue, 2026, {}, date(2026, 10, 4), plans=False)
    assert [group["label"] for group in past] == ["3月"]
    assert [group["label"] for group in coming] == ["9月", "2027年1月"]
    assert coming[0]["items"][0]["when"] == "28日至10月4日"


async def test_an_office_keeps_a_day_and_gives_it_up(campaign_2022: str, sign_in: SignIn) -> None:
    organiser = await sign_in("organiser", "city")
    assert (await organiser.post("/new-observance", data=OWN)).headers["location"] == "/observances"
    listed = (await organiser.get("/observances")).text
    assert "建会纪念日" in listed
    assert "第37次建会纪念日" in (await organiser.get("/calendar?year=2026")).text
    assert "建会纪念日" in (await organiser.get("/new-campaign?year=2026")).text
    below = await sign_in("organiser", "x1")
    assert "第37次建会纪念日" in (await below.get("/calendar?year=2026")).text
    key = await database.fetch_value("SELECT key FROM office_observance")
    address = f"/observances/{key}/delete"
    assert address not in (await below.get("/observances")).text
    assert (await below.get(address)).status_code == 404
    assert (await below.post(address)).status_code == 404
    assert "删除“建会纪念日”？" in (await organiser.get(address)).text
    await organiser.post(address)
    assert "还没有自定的节日" in (await organiser.get("/observances")).text


async def test_a_day_with_a_campaign_is_kept(
    process: Process, campaign_2022: str, sign_in: SignIn
) -> None:
    organiser = await sign_in("organiser", "city")
    await organiser.post("/new-observance", data=OWN)
    key = await database.fetch_value("SELECT key FROM office_observance")
    plan = {"observance": key, "year": "2026", "organisation": "city"}
    made = await organiser.post("/new-campaign", data=plan)
    assert "<h1>第37次建会纪念日</h1>" in (await organiser.get(made.headers["location"])).text
    await organiser.post(f"/observances/{key}/delete")
    assert "已经有活动属于这个节日" in (await organiser.get("/observances")).text


async def test_a_faulty_day_is_shown_again(campaign_2022: str, sign_in: SignIn) -> None:
    organiser = await sign_in("organiser", "city")
    answer = await organiser.post("/new-observance", data={**OWN, "month": "2", "day": "30"})
    assert answer.status_code == 422
    assert "2月30日不是每年都有的日子" in answer.text
    assert 'value="建会纪念日"' in answer.text
    answer = await organiser.post("/new-observance", data={"kind": "fixed-day"})
    for name in ("name", "organisation", "month", "day"):
        assert f'href="#field-{name}"' in answer.text
    clerk = await sign_in("clerk", "city")
    assert (await clerk.get("/observances")).status_code == 403
    assert await database.fetch_value("SELECT COUNT(*) FROM office_observance") == 0


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        ("fixed-day 12 20 7 1", {"kind": "fixed-day", "month": 12, "day": 20}),
        ("week 12 20 7 1", {"kind": "week", "month": 12, "day": 20}),
        ("lunar-day 9 9 7 1", {"kind": "lunar-day", "month": 9, "day": 9}),
        ("last-weekday 9 20 7 1", {"kind": "last-weekday", "month": 9, "weekday": 7}),
        ("nth-weekday 9 20 7 1", {"kind": "nth-weekday", "month": 9, "weekday": 7, "nth": 1}),
        ("lunar-day 9 30 7 1", None),
        ("fixed-day 13 1 7 1", None),
        ("fixed-day 1 32 7 1", None),
        ("nth-weekday 1 1 8 1", None),
        ("nth-weekday 1 1 7 5", None),
        ("no-such 1 1 7 1", None),
    ],
)
def test_a_form_makes_a_rule(typed: str, rule: dict[str, object] | None) -> None:
    names = ("kind", "month", "day", "weekday", "nth")
    form = forms.filled(list(zip(names, typed.split(), strict=True)))
    assert rule_of(form) == rule
    assert form.ok is (rule is not None)
