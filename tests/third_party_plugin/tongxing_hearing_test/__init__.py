"""听力筛查: hearing tests held by offices, as a plugin that somebody else wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from core import measures
from core.bundle_sections import BundleSection
from core.calendar_entries import CalendarEntry
from core.checking.slow_reading import SlowReader
from core.findings import Finding
from core.hookspecs import hookimpl
from core.measures import Amount, RecordPage
from core.metrics import Metric
from core.navigation import NavigationItem
from core.permissions import Actor, Permission
from core.plugins import ActivityKind, PluginInfo
from core.recap.model import Section
from core.recap.templating.texts import RecapTemplate, Texts
from core.scopes import Scope
from tongxing_hearing_test import figures as counted
from tongxing_hearing_test import pages, records, routes, slow_reading
from tongxing_hearing_test.addresses import address
from tongxing_hearing_test.bundle import HearingTestSection
from tongxing_hearing_test.commands import hearing_test_group


@hookimpl
def register_plugin() -> PluginInfo:
    """Who we are."""
    return PluginInfo("hearing_test", "听力筛查", "1.0.0", description="听力筛查场次、人数和转诊")


@hookimpl
def register_piccolo_apps() -> list[str]:
    """The table of screenings and its migrations."""
    return ["tongxing_hearing_test.piccolo_app"]


@hookimpl
def register_permissions() -> list[Permission]:
    """Looking at screenings, and writing them down."""
    readers = frozenset({"administrator", "organiser", "clerk", "reviewer", "viewer"})
    writers = frozenset({"administrator", "organiser", "clerk"})
    return [
        Permission("hearing_test.view", "查看听力筛查", readers),
        Permission("hearing_test.edit", "登记听力筛查", writers),
    ]


@hookimpl
def register_routes() -> Sequence[Any]:
    """Pages and JSON."""
    return [*pages.ROUTES, *routes.ROUTES]


@hookimpl
def register_metrics() -> list[Metric]:
    """场次、人次、转诊人数、转诊率."""
    return counted.METRICS


@hookimpl
def register_recap_templates() -> list[RecapTemplate]:
    """How we say it, unless an office says it otherwise."""
    return counted.TEMPLATES


@hookimpl
def register_activity_kinds() -> list[ActivityKind]:
    """听力筛查活动."""
    return [ActivityKind("hearing_test", "听力筛查")]


@hookimpl
def register_bundle_section() -> BundleSection:
    """The list of screenings."""
    return HearingTestSection()


@hookimpl
def register_slow_reading() -> SlowReader:
    """The list of screenings again, counted by hand."""
    return slow_reading.READER


@hookimpl
def register_commands() -> list[click.Command]:
    """``hearing-test``."""
    return [hearing_test_group]


@hookimpl
async def measure(scope: Scope) -> list[Amount]:
    """Screenings, people tested and people referred."""
    return await measures.measure(scope, counted.SOURCES)


@hookimpl
async def figure_records(scope: Scope, metric: str, after: int, limit: int) -> RecordPage:
    """The screenings under one of our figures."""
    return await counted.records_under(scope, metric, after, limit)


@hookimpl
async def recap_section(texts: Texts) -> Section | None:
    """One paragraph and the ledger; nothing when nobody was tested."""
    return counted.section(texts)


@hookimpl
async def navigation(campaign: str, actor: Actor) -> list[NavigationItem]:
    """听力筛查, for those who may look at it."""
    if not actor.holds("hearing_test.view"):
        return []
    return [NavigationItem("听力筛查", address(campaign), 500)]


@hookimpl
async def calendar_entries(scope: Scope) -> list[CalendarEntry]:
    """Each screening as a whole day."""
    return await records.entries(scope)


@hookimpl
async def findings(scope: Scope) -> list[Finding]:
    """Screenings outside the days of the campaign."""
    return await records.outside_the_window(scope)
