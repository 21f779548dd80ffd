"""志愿服务: volunteers, the shifts they stand in, and the time that is credited to them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from core import measures
from core.bundle_sections import BundleSection
from core.calendar_entries import CalendarEntry
from core.checking.slow_reading import SlowReader
from core.findings import Finding
from core.hookspecs import hookimpl
from core.live_counts import LiveCount
from core.measures import Amount, RecordPage
from core.metrics import Metric
from core.navigation import NavigationItem
from core.permissions import Actor, Permission
from core.plugins import ActivityKind, PluginInfo
from core.recap.model import Section
from core.recap.templating.texts import RecapTemplate, Texts
from core.scopes import Scope
from plugins.volunteer import on_duty, opened, people, recap, slow_reading, watch
from plugins.volunteer.authority import CONFIRM, SELF
from plugins.volunteer.bundle import VolunteerSection
from plugins.volunteer.certificates.issuers import CERTIFY
from plugins.volunteer.figures import METRICS, SOURCES
from plugins.volunteer.honours import noticed
from plugins.volunteer.hours import findings as hour_findings
from plugins.volunteer.punching.commands import volunteer_group
from plugins.volunteer.punching.taken import PUNCH
from plugins.volunteer.records import EDIT, VIEW
from plugins.volunteer.routes import ROUTES
from plugins.volunteer.self_service import departure

ORGANISERS = frozenset({"administrator", "organiser"})
WRITERS = ORGANISERS | {"clerk"}


@hookimpl
def register_plugin() -> PluginInfo:
    """Who we are."""
    return PluginInfo("volunteer", "志愿服务", "0.1.0", description="志愿者、班次与服务时长")


@hookimpl
def register_piccolo_apps() -> list[str]:
    """Tables and migrations."""
    return ["plugins.volunteer.piccolo_app"]


@hookimpl
def register_routes() -> list[Any]:
    """Pages, spreadsheets and JSON."""
    return ROUTES


@hookimpl
def register_permissions() -> list[Permission]:
    """Looking and writing as in core; confirming is for others than who wrote."""
    return [
        Permission(VIEW, "查看志愿服务", WRITERS | {"reviewer", "viewer"}),
        Permission(EDIT, "登记志愿服务", WRITERS),
        Permission(CONFIRM, "确认服务时长", ORGANISERS | {"reviewer"}),
        Permission(PUNCH, "登记签到签退", WRITERS),
        Permission(CERTIFY, "管理志愿服务证明", ORGANISERS),
        Permission(
            SELF,
            "志愿者本人的页面",
            frozenset({"volunteer"}),
            start=("我的志愿服务", "/volunteer/me"),
        ),
    ]


@hookimpl
def register_metrics() -> list[Metric]:
    """人、人次、小时、次."""
    return METRICS


@hookimpl
def register_recap_templates() -> list[RecapTemplate]:
    """One sentence."""
    return recap.TEMPLATES


@hookimpl
def register_activity_kinds() -> list[ActivityKind]:
    """志愿服务活动."""
    return [ActivityKind("volunteer", "志愿服务")]


@hookimpl
def register_bundle_section() -> BundleSection:
    """Volunteers, shifts, attendances and the star scheme."""
    return VolunteerSection()


@hookimpl
def register_slow_reading() -> SlowReader:
    """The section again, as the law has it."""
    return slow_reading.READER


@hookimpl
def register_commands() -> list[click.Command]:
    """``volunteer``."""
    return [volunteer_group]


@hookimpl
async def measure(scope: Scope) -> list[Amount]:
    """Confirmed attendances and their minutes."""
    return await measures.measure(scope, SOURCES)


@hookimpl
async def navigation(campaign: str, actor: Actor) -> list[NavigationItem]:
    """One tab."""
    if not actor.holds(VIEW):
        return []
    return [NavigationItem("志愿服务", f"/campaigns/{quote(campaign, safe='')}/volunteer", 230)]


@hookimpl
async def figure_records(scope: Scope, metric: str, after: int, limit: int) -> RecordPage:
    """Attendances, volunteers or activities, whichever the metric counts."""
    return await opened.figure_records(scope, metric, after, limit)


@hookimpl
async def recap_section(scope: Scope, texts: Texts) -> Section | None:
    """志愿服务."""
    return await recap.section(scope, texts)


@hookimpl
async def calendar_entries(scope: Scope) -> list[CalendarEntry]:
    """Shifts that belong to no activity."""
    return await watch.calendar_entries(scope)


@hookimpl
async def findings(scope: Scope) -> list[Finding]:
    """Shifts too full or on other days, what waits to be confirmed, days too long."""
    found = [*await watch.findings(scope), *await noticed.findings(scope)]
    return [*found, *await hour_findings.findings(scope)]


@hookimpl
async def live_counts(scope: Scope) -> list[LiveCount]:
    """How many are on duty."""
    return await on_duty.live_counts(scope)


@hookimpl
async def personal_data(person: str, action: str) -> list[dict[str, Any]]:
    """Volunteers of that name, and what those who registered themselves stated."""
    listed = await people.personal_data(person, action)
    return [*listed, *await departure.personal_data(person, action)]


@hookimpl
async def campaign_cloned(source: int, target: int) -> None:
    """Volunteers and the star scheme go along, shifts and records stay."""
    await people.carry_over(source, target)
