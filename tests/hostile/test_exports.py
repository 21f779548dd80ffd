"""Text that a spreadsheet would run, through every export: it stays text."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from litestar import Litestar

from core import database, organisations
from core.permissions import SYSTEM
from tests.fixtures.every_route import CAMPAIGN, World, _must, installed

RISKY = (
    "=1+1",
    "+8613800000000",
    "-2+3",
    "@SUM(A1)",
    "＝cmd|' /C calc'!A0",
    "'=1",
    '=HYPERLINK("x")',
)


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


async def fill(world: World) -> None:
    """Records whose every free text begins as a formula does."""
    headers = await world.bearer("administrator", "city")
    for number, text in enumerate(RISKY):
        items: dict[str, dict[str, Any]] = {
            "condolence/recipients": {
                "kind": "household",
                "name": text,
                "organisation": "x1",
                "members": 1,
            },
            "condolence/rounds": {
                "occasion": text,
                "organisation": "x1",
                "visited_on": "2022-05-12",
                "funder": text,
                "lines": [],
            },
            "job_fair/employers": {"name": text},
            "publicity/items": {
                "title": text,
                "organisation": "x1",
                "published_on": "2022-05-12",
                "medium": "website",
                "outlet": text,
                "url": f"https://x.example/{number}",
            },
            "reported": {
                "metric": "culture.shows",
                "organisation": "x1",
                "value": "1",
                "basis": "additional",
                "source": text,
            },
        }
        for path, item in items.items():
            made = await world.nobody.post(
                f"{CAMPAIGN}/{path}", json={**item, "key": f"risky-{number}"}, headers=headers
            )
            if path in {"condolence/recipients", "reported"}:
                _must(made, 201)
    root = await database.fetch_value("SELECT id FROM organisation WHERE key = 'city'")
    for number, text in enumerate(RISKY):
        await organisations.create(
            SYSTEM, f"risky-{number}", name=text, level="county", parent_id=root
        )


async def test_no_export_holds_a_formula(world: World, built_app: Litestar) -> None:
    await fill(world)
    browser = await world.browser("administrator", "city")
    seen: set[str] = set()
    files = 0
    for case in installed(built_app):
        if not case.pattern.endswith(".xlsx") or case.permission == "volunteer.self":
            continue
        answer = await browser.get(case.address) if case.reads else await browser.post(case.address)
        if answer.status_code != 200 or not answer.content.startswith(b"PK"):
            continue
        files += 1
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f", (case.address, cell.coordinate, cell.value)
                    if cell.value in RISKY:
                        seen.add(str(cell.value))
                        assert cell.quotePrefix, (case.address, cell.coordinate)
    assert files >= 8
    assert seen == set(RISKY)
