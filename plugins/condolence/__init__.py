"""慰问: visits, and what is handed out on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from core import measures
from core.bundle_sections import BundleSection
from core.calendar_entries import CalendarEntry
from core.checking.slow_reading import SlowReader
from core.figures import Figure
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
from plugins.condolence import opened, people, recap, slow_reading, watch
from plugins.condolence.bundle import CondolenceSection
from plugins.condolence.figures import METRICS, SOURCES
from plugins.condolence.records import EDIT, VIEW
from plugins.condolence.routes import ROUTES

WRITERS = frozenset({"administrator", "organiser", "clerk"})


@hookimpl
def register_plugin() -> PluginInfo:
    """Who we are."""
    return PluginInfo("condolence", "走访慰问", "0.1.0", description="走访慰问与款物发放")


@hookimpl
def register_piccolo_apps() -> list[str]:
    """Tables and migrations."""
    return ["plugins.condolence.piccolo_app"]


@hookimpl
def register_routes() -> list[Any]:
    """Pages, spreadsheets and JSON."""
    return ROUTES


@hookimpl
def register_permissions() -> list[Permission]:
    """Looking and writing, for the roles that look and write in core."""
    return [
        Permission(VIEW, "查看走访慰问", WRITERS | {"reviewer", "viewer"}),
        Permission(EDIT, "登记走访慰问", WRITERS),
    ]


@hookimpl
def register_metrics() -> list[Metric]:
    """户、人、家、次、元、件."""
    return METRICS


@hookimpl
def register_recap_templates() -> list[RecapTemplate]:
    """One paragraph."""
    return recap.TEMPLATES


@hookimpl
def register_activity_kinds() -> list[ActivityKind]:
    """走访慰问活动."""
    return [ActivityKind("condolence", "走访慰问")]


@hookimpl
def register_bundle_section() -> BundleSection:
    """Recipients and rounds."""
    return CondolenceSection()


@hookimpl
def register_slow_reading() -> SlowReader:
    """The section again, as the law has it."""
    return slow_reading.READER


@hookimpl
async def measure(scope: Scope) -> list[Amount]:
    """Delivered lines and their goods."""
    return await measures.measure(scope, SOURCES)


@hookimpl
async def figure_records(scope: Scope, metric: str, after: int, limit: int) -> RecordPage:
    """Lines, goods or recipients, whichever the metric counts."""
    return await opened.figure_records(scope, metric, after, limit)


@hookimpl
async def recap_section(
    scope: Scope, figures: Mapping[str, Figure], texts: Texts
) -> Section | None:
    """走访慰问."""
    return await recap.section(scope, figures, texts)


@hookimpl
async def navigation(campaign: str, actor: Actor) -> list[NavigationItem]:
    """One tab."""
    if not actor.holds(VIEW):
        return []
    return [NavigationItem("走访慰问", f"/campaigns/{quote(campaign, safe='')}/condolence", 210)]


@hookimpl
async def calendar_entries(scope: Scope) -> list[CalendarEntry]:
    """Rounds that belong to no activity."""
    return await watch.calendar_entries(scope)


@hookimpl
async def findings(scope: Scope) -> list[Finding]:
    """Visits outside the campaign's days; recipients who may be there twice."""
    return await watch.findings(scope)


@hookimpl
async def personal_data(person: str, action: str) -> list[dict[str, Any]]:
    """Recipients of that name."""
    return await people.personal_data(person, action)


@hookimpl
async def campaign_cloned(source: int, target: int) -> None:
    """Recipients go along, records stay."""
    await people.carry_over(source, target)
