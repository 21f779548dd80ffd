"""Charts of whole recaps: whatever is drawn stands in the table beneath, in its own row."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from core import bundles, campaigns, reports, targets
from core.numbers import plain
from core.permissions import SYSTEM
from core.process import Process
from core.recap import build
from core.recap.drawing import charts
from core.recap.formats import html
from core.recap.model import Chart, Document, Section, said

CAMPAIGNS = Path(__file__).parents[2] / "campaigns"
NUMBER = re.compile(r"\d+(?:\.\d+)?")


async def built(name: str, process: Process) -> Document:
    """A campaign's recap, with a target for every figure of every office."""
    bundle = json.loads((CAMPAIGNS / f"{name}.json").read_bytes())
    key = await bundles.import_document(bundle, process.plugins, process.catalogue, SYSTEM)
    campaign = await campaigns.find(key)
    report = await reports.read(campaign, None, process.plugins, process.catalogue)
    aims = {
        (metric, office): "7"
        for office, figures in report.figures.by_organisation.items()
        for metric, figure in figures.items()
        if figure.aggregation != "ratio"
    }
    await targets.set_many(SYSTEM, campaign, aims, {metric for metric, _ in aims})
    report = await reports.read(campaign, None, process.plugins, process.catalogue)
    return await build.document(report, process.plugins, process.catalogue)


def drawn(sections: Iterable[Section]) -> list[Chart]:
    found: list[Chart] = []
    for section in sections:
        found += [block for block in section.blocks if isinstance(block, Chart)]
        found += drawn(section.sections)
    return found


@pytest.mark.parametrize("name", ["2012-street", "2015-county", "2022-city"])
async def test_what_is_drawn_stands_in_the_table(name: str, process: Process) -> None:
    document = await built(name, process)
    found = drawn(document.sections)
    assert "own_targets" in {chart.key for chart in found}
    for chart in found:
        rows = [[said(cell.inlines) for cell in row] for row in chart.table.rows]
        for series in chart.series:
            assert len(series.values) == len(chart.categories)
            for category, value in zip(chart.categories, series.values, strict=True):
                if value is not None:
                    named = [row for row in rows if all(w in row for w in category.split(" "))]
                    numbers = {number for row in named for number in NUMBER.findall(" ".join(row))}
                    assert plain(value) in numbers, (chart.key, category)
        assert charts.draw(chart).width_mm == pytest.approx(156)
    page = html.render(document)
    assert page.count('src="data:image/svg+xml;base64,') == len(found)
    assert len({chart.key for chart in found}) == len(found)
