"""宣传: what the media brought, what was handed out, whom it reached."""

from __future__ import annotations

from core import measures
from core.bundle_sections import BundleSection
from core.hookspecs import hookimpl
from core.measures import Amount
from core.metrics import Metric
from core.plugins import ActivityKind, PluginInfo
from core.scopes import Scope
from plugins.publicity.bundle import PublicitySection
from plugins.publicity.figures import METRICS, SOURCES


@hookimpl
def register_plugin() -> PluginInfo:
    """Who we are."""
    return PluginInfo("publicity", "宣传", "0.1.0", description="媒体报道、宣传品与宣传受众")


@hookimpl
def register_piccolo_apps() -> list[str]:
    """Tables and migrations."""
    return ["plugins.publicity.piccolo_app"]


@hookimpl
def register_metrics() -> list[Metric]:
    """Items by kind, reprints, materials by kind, people reached."""
    return METRICS


@hookimpl
def register_activity_kinds() -> list[ActivityKind]:
    """宣传活动."""
    return [ActivityKind("publicity", "宣传")]


@hookimpl
def register_bundle_section() -> BundleSection:
    """Items, materials and outreach."""
    return PublicitySection()


@hookimpl
async def measure(scope: Scope) -> list[Amount]:
    """Items, quantities of materials, people reached."""
    return await measures.measure(scope, SOURCES)
