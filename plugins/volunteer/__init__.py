"""志愿服务: volunteers, the shifts they stand in, and the time that is credited to them."""

from __future__ import annotations

from core import measures
from core.bundle_sections import BundleSection
from core.hookspecs import hookimpl
from core.measures import Amount
from core.metrics import Metric
from core.plugins import ActivityKind, PluginInfo
from core.scopes import Scope
from plugins.volunteer.bundle import VolunteerSection
from plugins.volunteer.figures import METRICS, SOURCES


@hookimpl
def register_plugin() -> PluginInfo:
    """Who we are."""
    return PluginInfo("volunteer", "志愿服务", "0.1.0", description="志愿者、班次与服务时长")


@hookimpl
def register_piccolo_apps() -> list[str]:
    """Tables and migrations."""
    return ["plugins.volunteer.piccolo_app"]


@hookimpl
def register_metrics() -> list[Metric]:
    """人、人次、小时、次."""
    return METRICS


@hookimpl
def register_activity_kinds() -> list[ActivityKind]:
    """志愿服务活动."""
    return [ActivityKind("volunteer", "志愿服务")]


@hookimpl
def register_bundle_section() -> BundleSection:
    """Volunteers, shifts, attendances and the star scheme."""
    return VolunteerSection()


@hookimpl
async def measure(scope: Scope) -> list[Amount]:
    """Confirmed attendances and their minutes."""
    return await measures.measure(scope, SOURCES)
