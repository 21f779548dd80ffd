"""A plugin that answers nonsense: the page stands, names it, and leaves out what is its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core import campaigns, reports
from core.calendar_entries import CalendarEntry
from core.figures import Figure
from core.findings import Finding
from core.measures import Amount, Record, RecordPage
from core.navigation import NavigationItem
from core.process import Process
from core.recap.model import Ledger, Paragraph, Section, Text
from tests.core.distributions import install, load_again
from tests.faults.plugin_at_fault import CAMPAIGN, KEY, OVERVIEW, SENTENCE, TITLE, at_fault, loaded
from tests.fixtures.application import SignIn

__all__ = ["at_fault", "install", "load_again", "loaded"]
MOMENT = datetime(2026, 3, 1, 1, tzinfo=UTC)
FIGURES = f"/campaigns/{CAMPAIGN}/figures"
RECAP, CALENDAR = f"/campaigns/{CAMPAIGN}/recap", f"/campaigns/{CAMPAIGN}/activities"
METRIC = f"/campaigns/{CAMPAIGN}/figures/aaa.people"


@pytest.fixture
def engine_name() -> str:
    """Where the records are does not matter to what is said of an answer."""
    return "sqlite"


def amount(value: Any = 1, metric: Any = "aaa.people", office: Any = None) -> Callable[..., Any]:
    """An answer to ``measure``: one amount, of the scope's own office unless another is given."""
    return lambda scope: [
        Amount(metric, scope.organisation_id if office is None else office, value)
    ]


def entry(**changes: Any) -> CalendarEntry:
    usual = {"uid": "aaa-1", "title": "试用", "starts": MOMENT, "ends": MOMENT}
    return CalendarEntry(**{**usual, "modified_at": MOMENT, "sequence": 0, **changes})


def section(*blocks: Any, **changes: Any) -> Section:
    return Section(**{"key": KEY, "title": "试用", "blocks": blocks, "plugin": KEY, **changes})


def record(**changes: Any) -> RecordPage:
    usual = {"id": 1, "label": "甲", "organisation": "city", "amount": 1, "href": "/x"}
    return RecordPage([Record(**{**usual, **changes})], None)


FOREIGN = Figure(
    "aaa.people", "人数", "人", "sum", "nowhere", Decimal(5), None, None, None, None, False
)
ANYWHERE = ["abc", 7, [1], iter(int, 1), {"a": 1}, object(), [None], "\ud800", [["a"]]]
NONSENSE: dict[str, list[Any]] = {
    "measure": [
        *ANYWHERE, amount(-1), amount(1.5), amount(10**30), amount(True), amount(None),
        amount(metric="condolence.cash"), amount(metric="aaa.nothing"), amount(metric=None),
        amount(office=987654321), amount(office="city"),
        lambda scope: (Amount("aaa.people", scope.organisation_id, 1) for _ in range(3)),
    ],
    "navigation": [
        *ANYWHERE, [NavigationItem("", "/x")], [NavigationItem("坏", "javascript:alert(1)")],
        [NavigationItem("坏", "//elsewhere.example")], [NavigationItem("坏", "/x", "first")],  # type: ignore[arg-type]
        [NavigationItem("坏\ud800", "/x")],
    ],
    "findings": [
        *ANYWHERE, [Finding("a", "", "city")], [Finding("a", "b", 5)],  # type: ignore[arg-type]
        [Finding("a", "b", "city", href="https://elsewhere.example")],
    ],
    "calendar_entries": [
        *ANYWHERE, [entry(starts=date(1, 1, 1), ends=date(1, 1, 1))],
        [entry(ends=datetime.max.replace(tzinfo=UTC))], [entry(title=5)],
        [entry(alarm_minutes=10**12)], [entry(sequence=10**30)],
    ],
    "recap_section": [
        *ANYWHERE, section(5), section(Paragraph((5,))), section(Paragraph("abc")),  # type: ignore[arg-type]
        section(Ledger((FOREIGN,))), section(plugin="condolence"), section(title=""),
        section(sections=("a",)), section(Paragraph((Text("\ud800"),))),
    ],
    "figure_records": [
        *ANYWHERE, RecordPage("abc", None), RecordPage([], "next"), record(amount=-1),  # type: ignore[arg-type]
        record(amount=1.5), record(href="javascript:alert(1)"), RecordPage([], 0),
        record(label=None),
    ],
}  # fmt: skip
WHERE = {
    "measure": (OVERVIEW, FIGURES, RECAP),
    "navigation": (OVERVIEW,),
    "findings": (OVERVIEW, RECAP),
    "calendar_entries": (CALENDAR,),
    "recap_section": (RECAP,),
    "figure_records": (METRIC,),
}
TOLD = {CALENDAR: TITLE, METRIC: "暂时"}


@pytest.mark.parametrize("hook", NONSENSE)
async def test_a_page_stands_whatever_it_answers(
    hook: str, loaded: Process, at_fault: dict[str, Any], sign_in: SignIn
) -> None:
    viewer = await sign_in("viewer", "city")
    if hook == "figure_records":
        at_fault["measure"] = amount(3)
    for number, answer in enumerate(NONSENSE[hook]):
        at_fault[hook] = answer
        where = WHERE[hook] if number >= len(ANYWHERE) or number < 2 else WHERE[hook][:1]
        for address in where:
            page = await viewer.get(address)
            assert page.status_code == 200, (address, number, answer)
            sentence = SENTENCE if address in (OVERVIEW, RECAP) else TOLD.get(address, TITLE)
            assert sentence in page.text, (address, number, answer)
            assert "elsewhere.example" not in page.text
            assert "javascript:" not in page.text


async def test_a_figure_of_it_is_left_out_and_the_others_stay(
    loaded: Process, at_fault: dict[str, Any]
) -> None:
    found = await campaigns.find(CAMPAIGN)

    async def read() -> reports.Report:
        await campaigns.touch(found.id)
        return await reports.read(found, None, loaded.plugins, loaded.catalogue)

    usual = await read()
    at_fault["measure"] = amount(5)
    counted = await read()
    assert counted.figures.own["aaa.people"].value == 5
    at_fault["measure"] = amount(-5)
    without = await read()
    assert without.failed == [TITLE]
    assert dict(without.figures.own) == dict(usual.figures.own)
    assert "aaa.people" not in without.figures.own
