"""招聘会: employers, their positions, and the seekers who come and apply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
from plugins.job_fair import calendar, evidence, people, recap, slow_reading
from plugins.job_fair import findings as noticed
from plugins.job_fair.addresses import home
from plugins.job_fair.bundle import JobFairSection
from plugins.job_fair.figures import METRICS, SOURCES
from plugins.job_fair.records import EDIT, VIEW
from plugins.job_fair.routes import ROUTES

WRITERS = frozenset({"administrator", "organiser", "clerk"})


@hookimpl
def register_plugin() -> PluginInfo:
    """Who we are."""
    return PluginInfo("job_fair", "招聘会", "0.1.0", description="残疾人专场招聘会与就业结果")


@hookimpl
def register_piccolo_apps() -> list[str]:
    """Tables and migrations."""
    return ["plugins.job_fair.piccolo_app"]


@hookimpl
def register_routes() -> list[Any]:
    """Pages, spreadsheets and JSON."""
    return ROUTES


@hookimpl
def register_permissions() -> list[Permission]:
    """Looking and writing, for the roles that look and write in core."""
    return [
        Permission(VIEW, "查看招聘会", WRITERS | {"reviewer", "viewer"}),
        Permission(EDIT, "登记招聘会", WRITERS),
    ]


@hookimpl
def register_metrics() -> list[Metric]:
    """场、家、个、人、人次."""
    return METRICS


@hookimpl
def register_recap_templates() -> list[RecapTemplate]:
    """One paragraph: what was offered, what came of it."""
    return recap.TEMPLATES


@hookimpl
def register_activity_kinds() -> list[ActivityKind]:
    """招聘会活动."""
    return [ActivityKind("job_fair", "招聘会")]


@hookimpl
def register_bundle_section() -> BundleSection:
    """Employers, seekers and fairs."""
    return JobFairSection()


@hookimpl
def register_slow_reading() -> SlowReader:
    """The section again, as the law has it."""
    return slow_reading.READER


@hookimpl
async def measure(scope: Scope) -> list[Amount]:
    """Fairs, positions, attendances and applications."""
    return await measures.measure(scope, SOURCES)


@hookimpl
async def figure_records(scope: Scope, metric: str, after: int, limit: int) -> RecordPage:
    """Fairs, positions, employers, seekers …, whichever the metric counts."""
    return await evidence.read(scope, metric, after, limit)


@hookimpl
async def recap_section(
    scope: Scope, figures: Mapping[str, Figure], texts: Texts
) -> Section | None:
    """就业援助招聘会."""
    return await recap.section(scope, figures, texts)


@hookimpl
async def navigation(campaign: str, actor: Actor) -> list[NavigationItem]:
    """One tab."""
    if not actor.holds(VIEW):
        return []
    return [NavigationItem("招聘会", home(campaign), 220)]


@hookimpl
async def calendar_entries(scope: Scope) -> list[CalendarEntry]:
    """Fairs that belong to no activity."""
    return await calendar.entries(scope)


@hookimpl
async def findings(scope: Scope) -> list[Finding]:
    """Wording, days, and what was left unsaid."""
    return await noticed.read(scope)


@hookimpl
async def personal_data(person: str, action: str) -> list[dict[str, Any]]:
    """Seekers of that name."""
    return await people.personal_data(person, action)


@hookimpl
async def campaign_cloned(source: int, target: int) -> None:
    """Employers and those who still look for work go along; records stay."""
    await people.carry_over(source, target)
