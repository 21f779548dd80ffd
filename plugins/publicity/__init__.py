"""宣传: what the media brought, what was handed out, whom it reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import measures
from core.bundle_sections import BundleSection
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
from plugins.publicity import addresses, evidence, noticed, recap, slow_reading
from plugins.publicity.bundle import PublicitySection
from plugins.publicity.figures import METRICS, SOURCES
from plugins.publicity.records import EDIT, VIEW
from plugins.publicity.routes import ROUTES

WRITERS = frozenset({"administrator", "organiser", "clerk"})


@hookimpl
def register_plugin() -> PluginInfo:
    """Who we are."""
    return PluginInfo("publicity", "宣传", "0.1.0", description="媒体报道、宣传品与宣传受众")


@hookimpl
def register_piccolo_apps() -> list[str]:
    """Tables and migrations."""
    return ["plugins.publicity.piccolo_app"]


@hookimpl
def register_routes() -> list[Any]:
    """Pages, spreadsheets and JSON."""
    return ROUTES


@hookimpl
def register_permissions() -> list[Permission]:
    """Looking and writing, for the roles that look and write in core."""
    return [
        Permission(VIEW, "查看宣传", WRITERS | {"reviewer", "viewer"}),
        Permission(EDIT, "登记宣传", WRITERS),
    ]


@hookimpl
def register_metrics() -> list[Metric]:
    """Items by kind, reprints, materials by kind, people reached."""
    return METRICS


@hookimpl
def register_recap_templates() -> list[RecapTemplate]:
    """One paragraph: what was published, what was handed out."""
    return recap.TEMPLATES


@hookimpl
def register_activity_kinds() -> list[ActivityKind]:
    """宣传活动."""
    return [ActivityKind("publicity", "宣传")]


@hookimpl
def register_bundle_section() -> BundleSection:
    """Items, materials and outreach."""
    return PublicitySection()


@hookimpl
def register_slow_reading() -> SlowReader:
    """The section again, as the law has it."""
    return slow_reading.READER


@hookimpl
async def measure(scope: Scope) -> list[Amount]:
    """Items, quantities of materials, people reached."""
    return await measures.measure(scope, SOURCES)


@hookimpl
async def figure_records(scope: Scope, metric: str, after: int, limit: int) -> RecordPage:
    """Items, materials or outreach, whichever the metric counts."""
    return await evidence.records_under(scope, metric, after, limit)


@hookimpl
async def recap_section(
    scope: Scope, figures: Mapping[str, Figure], texts: Texts
) -> Section | None:
    """宣传工作."""
    return await recap.section(scope, figures, texts)


@hookimpl
async def navigation(campaign: str, actor: Actor) -> list[NavigationItem]:
    """宣传, for those who may look at it."""
    if not actor.holds(VIEW):
        return []
    return [NavigationItem("宣传", addresses.home(campaign), 240)]


@hookimpl
async def findings(scope: Scope) -> list[Finding]:
    """Missing addresses and outlets, days outside the campaign's, reprints before originals."""
    return await noticed.read(scope)
