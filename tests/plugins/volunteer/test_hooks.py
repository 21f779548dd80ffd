"""What volunteer service says through its hooks: recap, calendar, findings, people, clones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from api.kit.records import Work, add, change
from core import campaigns, database, figures, privacy
from core.numbers import plain
from core.permissions import SYSTEM
from core.process import Process
from core.scopes import Scope
from plugins.volunteer import opened, people, recap, watch
from plugins.volunteer.records import ATTENDANCES, SHIFTS, VOLUNTEERS
from tests.core.recap.delivered import delivered


@pytest.fixture
async def work(campaign_2022: str) -> Work:
    return Work(SYSTEM, await campaigns.find(campaign_2022))


def at(day: str, clock: str) -> str:
    return f"2022-{day}T{clock}:00+08:00"


async def add_shift(work: Work, key: str = "h1", **members: Any) -> None:
    item = {
        "key": key,
        "title": "引导",
        "organisation": "x1",
        "activity": None,
        "starts_at": at("05-15", "08:00"),
        "ends_at": at("05-15", "12:00"),
        "capacity": 2,
    }
    await add(work, SHIFTS, {**item, **members})


async def add_attendance(work: Work, key: str, **members: Any) -> None:
    item = {
        "key": key,
        "volunteer": "v00602",
        "shift": "h1",
        "checked_in_at": at("05-15", "07:50"),
        "checked_out_at": at("05-15", "11:00"),
        "status": "confirmed",
    }
    await add(work, ATTENDANCES, {**item, **members})


async def test_the_recap_says_people_times_and_hours(process: Process, work: Work) -> None:
    await add_shift(work, organisation="x1", activity="v00")
    await add_attendance(work, "t1")
    await add_attendance(work, "t2", volunteer="v00603", status="pending")
    scope = await campaigns.scope(work.campaign, "x1")
    own = (await figures.compute(scope, process.plugins, work.campaign.enabled)).own
    section = await recap.section(scope, delivered(own))
    assert section is not None
    said = "".join(inline.text for inline in section.blocks[0].inlines)  # type: ignore[union-attr]
    times = own["volunteer.attendances"].value
    hours = plain(own["volunteer.hours"].value)
    people_counted = own["volunteer.volunteers"].value
    assert times == people_counted + 1
    assert said.startswith(f"活动期间，志愿者{people_counted}人参与助残服务{times}人次，服务时长")
    assert f"{hours}小时" in said
    only_hours = {"volunteer.hours": own["volunteer.hours"]}
    short = await recap.section(scope, delivered(only_hours))
    assert short is not None
    text = "".join(inline.text for inline in short.blocks[0].inlines)  # type: ignore[union-attr]
    assert text == f"活动期间，服务时长{hours}小时。"
    assert await recap.section(scope, delivered({})) is None


async def test_a_shift_without_an_activity_stands_in_the_calendar(work: Work) -> None:
    scope = await campaigns.scope(work.campaign)
    before = {entry.uid for entry in await watch.calendar_entries(scope)}
    await add_shift(work)
    made = [e for e in await watch.calendar_entries(scope) if e.uid not in before]
    assert [(e.title, e.starts, e.ends, e.sequence) for e in made] == [
        (
            "志愿服务（引导）",
            datetime(2022, 5, 15, 0, tzinfo=UTC),
            datetime(2022, 5, 15, 4, tzinfo=UTC),
            0,
        )
    ]
    await change(work, SHIFTS, "h1", {"ends_at": at("05-15", "13:00")})
    (moved,) = [e for e in await watch.calendar_entries(scope) if e.uid == made[0].uid]
    assert (moved.ends.hour, moved.sequence) == (5, 1)  # type: ignore[union-attr]
    assert moved.modified_at > made[0].modified_at
    other = await campaigns.scope(work.campaign, "x2")
    assert made[0].uid not in {e.uid for e in await watch.calendar_entries(other)}
    await change(work, SHIFTS, "h1", {"activity": "v00"})
    assert made[0].uid not in {e.uid for e in await watch.calendar_entries(scope)}


async def test_findings_name_what_to_look_at(work: Work) -> None:
    scope = await campaigns.scope(work.campaign)
    before = await watch.findings(scope)
    await add_shift(work, capacity=1)
    await add_attendance(work, "t1")
    assert await watch.findings(scope) == before
    await add_attendance(work, "t2", volunteer="v00603", status="pending")
    await add_attendance(work, "t3", volunteer="v00604", status="no_show")
    long = {"starts_at": at("06-01", "06:00"), "ends_at": at("06-01", "20:00")}
    await add_shift(work, "h2", **long)
    times = {"checked_in_at": at("06-01", "06:00"), "shift": "h2"}
    await add_attendance(work, "t4", checked_out_at=at("06-01", "16:00"), **times)
    found = [each for each in await watch.findings(scope) if each not in before]
    assert [each.code for each in found] == [
        "capacity_exceeded",
        "outside_window",
        "pending_after_end",
    ]
    assert [each.href.rsplit("/", 1)[1] for each in found] == ["h1", "h2", "h1"]
    assert "需要1人，登记了2人" in found[0].message
    assert "2022年6月1日" in found[1].message
    assert "还有1条服务记录没有确认" in found[2].message
    await change(work, ATTENDANCES, "t4", {"checked_out_at": at("06-01", "16:01")})
    (longest,) = [each for each in await watch.findings(scope) if each.code == "long_day"]
    assert "一天计入10小时1分钟" in longest.message
    assert "志愿者00602" not in longest.message
    assert longest.organisation == "x1"
    elsewhere = await campaigns.scope(work.campaign, "x2")
    assert {each.code for each in await watch.findings(elsewhere)} <= {e.code for e in before}


async def test_two_short_shifts_make_a_long_day(work: Work) -> None:
    scope = await campaigns.scope(work.campaign, "x1")
    for key, begin, end in (("h1", "06:00", "11:30"), ("h2", "11:30", "16:31")):
        await add_shift(work, key, starts_at=at("05-15", begin), ends_at=at("05-15", end))
        await add_attendance(
            work,
            f"t-{key}",
            shift=key,
            checked_in_at=at("05-15", begin),
            checked_out_at=at("05-15", end),
        )
    codes = [each.code for each in await watch.findings(scope)]
    assert codes.count("long_day") == 1


@pytest.mark.parametrize(
    ("metric", "amount", "shown"),
    [
        ("volunteer.volunteers", 1, ("志******2（服务1次）", "/volunteer/volunteers/v00602")),
        ("volunteer.attendances", 1, ("志******2（引导）", "/volunteer/attendances/t1")),
        ("volunteer.hours", 180, ("志******2（引导）", "/volunteer/attendances/t1")),
        ("volunteer.activities", 1, ("（1人次）", "/activities/v00")),
    ],
)
async def test_records_under_a_figure_add_up_to_it(
    process: Process, work: Work, metric: str, amount: int, shown: tuple[str, str]
) -> None:
    await database.execute("DELETE FROM volunteer_attendance")
    await add_shift(work, activity="v00")
    await add_attendance(work, "t1")
    scope = await campaigns.scope(work.campaign, "x1")
    own = (await figures.compute(scope, process.plugins, work.campaign.enabled)).own
    page = await opened.figure_records(scope, metric, 0, 10)
    assert page.after is None
    (record,) = page.records
    assert record.amount == amount
    assert own[metric].itemised == Decimal(amount) / (60 if metric.endswith("hours") else 1)
    label, href = shown
    assert label in record.label
    assert record.href == f"/campaigns/2022-city{href}"


async def test_records_come_in_pages(work: Work) -> None:
    scope = await campaigns.scope(work.campaign)
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = await opened.figure_records(scope, "volunteer.attendances", after, 50)
        seen += [record.id for record in page.records]
        after = page.after
    assert len(seen) == len(set(seen)) == 126


async def test_somebody_is_told_what_is_kept_and_is_forgotten(process: Process, work: Work) -> None:
    scope = await campaigns.scope(work.campaign)
    before = await figures.compute(scope, process.plugins, work.campaign.enabled)
    (kept,) = await people.personal_data("志愿者 00602", "export")
    assert (kept["name"], kept["key"]) == ("志愿者00602", "v00602")
    assert kept["served"][0]["credited_minutes"] == 140
    assert kept["served"][0]["checked_in_at"] == "2022-05-05T08:30:00+08:00"
    (erased,) = await people.personal_data("志愿者00602", "erase")
    assert erased["name"] == people.ERASED
    assert await people.personal_data("志愿者00602", "export") == []
    row = await database.fetch_one("SELECT * FROM volunteer_person WHERE key = 'v00602'")
    assert row is not None
    assert (privacy.unseal(row["name_sealed"]), row["name_index"]) == (people.ERASED, "")
    after = await figures.compute(scope, process.plugins, work.campaign.enabled)
    assert after.by_organisation == before.by_organisation


async def test_a_new_campaign_takes_volunteers_and_stars_over(work: Work) -> None:
    await people.personal_data("志愿者00602", "erase")
    number = await database.fetch_value(
        "INSERT INTO campaign (key, organisation, year, title, theme, starts_on, ends_on, state,"
        " changes, modified_at) SELECT '2023-city', organisation, 2023, '2023', '', starts_on,"
        " ends_on, 'draft', 0, modified_at FROM campaign WHERE key = '2022-city' RETURNING id"
    )
    await database.execute(
        "INSERT INTO campaign_participant (campaign, organisation, name, level)"
        " SELECT CAST(:number AS BIGINT), id, name, level FROM organisation WHERE key <> 'x2'",
        number=number,
    )
    elsewhere = await database.fetch_value(
        "SELECT COUNT(*) FROM volunteer_person v JOIN organisation o ON o.id = v.organisation"
        " WHERE o.key = 'x2'"
    )
    assert elsewhere > 0
    await people.carry_over(work.campaign.id, number)
    for table, count in (
        ("person", 126 - 1 - elsewhere),
        ("shift", 0),
        ("attendance", 0),
        ("star_scheme", 1),
    ):
        sql = f"SELECT COUNT(*) FROM volunteer_{table} WHERE campaign = :number"
        assert await database.fetch_value(sql, number=number) == count, table


Hook = Callable[[Scope], Awaitable[Any]]


@pytest.mark.parametrize("hook", [watch.calendar_entries, watch.findings])
async def test_hooks_take_a_fixed_number_of_statements(work: Work, hook: Hook) -> None:
    scope = await campaigns.scope(work.campaign)
    await add_shift(work, "m0")
    await hook(scope)  # gives the installation its identifier, once for ever
    counts = []
    for amount in (1, 30):
        for index in range(amount):
            key = f"{amount}-{index}"
            await add_shift(work, f"m{key}", ends_at=at("07-01", "12:00"), capacity=0)
            await add_attendance(work, f"a{key}", shift=f"m{key}", status="pending")
        told: list[str] = []
        async with database.watching(told.append):
            await hook(scope)
        counts.append(len(told))
    assert counts[0] == counts[1] > 0


async def test_volunteers_of_another_office_are_kept_apart(work: Work) -> None:
    await add(work, VOLUNTEERS, {"key": "v1", "name": "王芳", "organisation": "x2"})
    (kept,) = await people.personal_data("王芳", "export")
    assert (kept["organisation"], kept["served"]) == ("乙县残联", [])
