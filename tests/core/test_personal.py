"""What is kept about a person is given out whole and erased whole; figures stay."""

from __future__ import annotations

import json

from core import campaigns, database, personal, reports
from core.permissions import SYSTEM
from core.process import Process
from core.recap.formats.as_json import report_as_json

NAME = "对象00239"


async def recap(process: Process, key: str) -> str:
    report = await reports.read(await campaigns.find(key), None, process.plugins, process.catalogue)
    return json.dumps(report_as_json(report, process.catalogue), ensure_ascii=False)


async def test_everything_of_a_name_is_given_out_and_nothing_of_another(
    process: Process, campaign_2022: str
) -> None:
    found = await personal.ask(SYSTEM, process.plugins, NAME, personal.EXPORT)
    assert list(found) == ["condolence"]
    assert [record["name"] for record in found["condolence"]] == [NAME]
    assert await personal.ask(SYSTEM, process.plugins, "查无此人", personal.EXPORT) == {}


async def test_erased_is_erased_and_figures_stay(process: Process, campaign_2022: str) -> None:
    before = await recap(process, campaign_2022)
    await personal.ask(SYSTEM, process.plugins, NAME, personal.ERASE)
    assert await personal.ask(SYSTEM, process.plugins, NAME, personal.EXPORT) == {}
    assert await recap(process, campaign_2022) == before
    rows = await database.fetch("SELECT action, after FROM audit_entry WHERE thing = 'person'")
    assert [row["action"] for row in rows] == [
        "personal.erase",
        "personal.export",
    ]
    assert NAME not in json.dumps(rows, ensure_ascii=False)
