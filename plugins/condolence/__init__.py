"""慰问: visits, and what is handed out on them."""

from __future__ import annotations

from typing import Any

from core import measures
from core.bundle_sections import BundleSection
from core.hookspecs import hookimpl
from core.measures import Amount
from core.metrics import Metric
from core.permissions import Permission
from core.plugins import ActivityKind, PluginInfo
from core.scopes import Scope
from plugins.condolence.bundle import CondolenceSection
from plugins.condolence.figures import METRICS, SOURCES
from plugins.condolence.records import EDIT, VIEW
from plugins.condolence.routes import ROUTES

WRITERS = frozenset({"administrator", "organiser", "clerk"})
PERMISSIONS = [
    Permission(VIEW, "查看走访慰问", WRITERS | {"reviewer", "viewer"}),
    Permission(EDIT, "登记走访慰问", WRITERS),
]


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
    return PERMISSIONS


@hookimpl
def register_metrics() -> list[Metric]:
    """户、人、家、次、元、件."""
    return METRICS


@hookimpl
def register_activity_kinds() -> list[ActivityKind]:
    """走访慰问活动."""
    return [ActivityKind("condolence", "走访慰问")]


@hookimpl
def register_bundle_section() -> BundleSection:
    """Recipients and rounds."""
    return CondolenceSection()


@hookimpl
async def measure(scope: Scope) -> list[Amount]:
    """Delivered lines and their goods."""
    return await measures.measure(scope, SOURCES)
