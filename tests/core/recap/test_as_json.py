"""What the JSON recap says of plugins and offices, besides the figures that other tests hold."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from core import bundles, campaigns, reports
from core.permissions import SYSTEM
from core.process import Process
from core.recap.formats.as_json import figure_as_json, report_as_json, report_to_send
from tests.core.bundle_samples import campaign as sample


async def recap(key: str, process: Process, office: str | None = None) -> dict[str, Any]:
    report = await reports.read(
        await campaigns.find(key), office, process.plugins, process.catalogue
    )
    return report_as_json(report, process.catalogue)


async def test_each_plugin_names_all_that_it_counts(campaign_2022: str, process: Process) -> None:
    stated = await recap(campaign_2022, process)
    plugins = {plugin["key"]: plugin for plugin in stated["plugins"]}
    assert list(plugins) == sorted(plugins)
    assert plugins["condolence"]["title"] == "走访慰问"
    counted = [metric["metric"] for metric in plugins["condolence"]["metrics"]]
    assert counted[:2] == ["condolence.households", "condolence.people"]
    assert len(counted) == 7
    cash = plugins["condolence"]["metrics"][4]
    assert (cash["label"], cash["unit"], cash["aggregation"]) == ("慰问金", "元", "sum")
    assert cash["definition"]
    named = {metric["metric"] for plugin in plugins.values() for metric in plugin["metrics"]}
    own = {figure["metric"] for figure in stated["figures"]} - named
    assert "assistive.items" in own


async def test_offices_stand_each_before_those_below_it(process: Process) -> None:
    bundle = sample("2022-city")
    for key, parent in (("x1-9", "x1"), ("x1-10", "x1"), ("a-first", "x1-9")):
        level = "town" if parent == "x1" else "community"
        bundle["organisations"].append({"key": key, "name": key, "level": level, "parent": parent})
    key = await bundles.import_document(bundle, process.plugins, process.catalogue, SYSTEM)
    offices = (await recap(key, process))["organisations"]
    assert [office["key"] for office in offices] == [
        *("city", "x1", "x1-10", "x1-9", "a-first", "x2", "x3", "x4")
    ]
    assert offices[0] == {"key": "city", "name": "某市残联", "parent": None, "level": "city"}
    assert offices[3] == {"key": "x1-9", "name": "x1-9", "parent": "x1", "level": "town"}
    below = (await recap(key, process, "x1"))["organisations"]
    assert [(office["key"], office["parent"]) for office in below] == [
        ("x1", None),
        ("x1-10", "x1"),
        ("x1-9", "x1"),
        ("a-first", "x1-9"),
    ]


async def test_what_is_sent_encoded_is_what_is_stated(campaign_2022: str, process: Process) -> None:
    """Numbers are written without making each figure first, and must be those of the figure."""
    report = await reports.read(
        await campaigns.find(campaign_2022), None, process.plugins, process.catalogue
    )
    stated = report_as_json(report, process.catalogue)
    for _ in range(2):  # written, then kept
        sent = msgspec.json.encode(await report_to_send(report, process.catalogue))
        assert json.loads(sent) == stated
    for office, figures in report.figures.by_organisation.items():
        one_by_one = [figure_as_json(figure) for figure in figures.values()]
        assert stated["by_organisation"][office] == one_by_one
