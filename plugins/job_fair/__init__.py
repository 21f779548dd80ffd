"""招聘会: employers, their positions, and the seekers who come and apply."""

from __future__ import annotations

from core import measures
from core.bundle_sections import BundleSection
from core.hookspecs import hookimpl
from core.measures import Amount
from core.metrics import Metric
from core.plugins import ActivityKind, PluginInfo
from core.scopes import Scope
from plugins.job_fair.bundle import JobFairSection
from plugins.job_fair.figures import METRICS, SOURCES


@hookimpl
def register_plugin() -> PluginInfo:
    """Who we are."""
    return PluginInfo("job_fair", "招聘会", "0.1.0", description="残疾人专场招聘会与就业结果")


@hookimpl
def register_piccolo_apps() -> list[str]:
    """Tables and migrations."""
    return ["plugins.job_fair.piccolo_app"]


@hookimpl
def register_metrics() -> list[Metric]:
    """场、家、个、人、人次."""
    return METRICS


@hookimpl
def register_activity_kinds() -> list[ActivityKind]:
    """招聘会活动."""
    return [ActivityKind("job_fair", "招聘会")]


@hookimpl
def register_bundle_section() -> BundleSection:
    """Employers, seekers and fairs."""
    return JobFairSection()


@hookimpl
async def measure(scope: Scope) -> list[Amount]:
    """Fairs, positions, attendances and applications."""
    return await measures.measure(scope, SOURCES)
