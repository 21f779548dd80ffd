"""Every hook of 同行, typed and documented: the whole contract between the house and its plugins.

``register_*`` hooks run once at start, synchronously and without I/O. The others are asynchronous
and are called only for plugins that the campaign has enabled, each by itself, so that one that
raises is named and logged and the rest goes on. docs/plugins.md describes the same hooks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import pluggy

from core.measures import Amount, RecordPage
from core.metrics import Metric
from core.scopes import Scope

if TYPE_CHECKING:
    import click

    from core.bundle_sections import BundleSection
    from core.calendar_entries import CalendarEntry
    from core.checking.slow_reading import SlowReader
    from core.findings import Finding
    from core.live_counts import LiveCount
    from core.navigation import NavigationItem
    from core.permissions import Actor, Permission
    from core.plugins import ActivityKind, PluginInfo
    from core.recap.model import Section
    from core.recap.templating.texts import RecapTemplate

PROJECT = "tongxing"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_plugin() -> PluginInfo:  # type: ignore[empty-body]
    """Who the plugin is: key, title, version, what it needs."""


@hookspec
def register_piccolo_apps() -> list[str]:  # type: ignore[empty-body]
    """Modules with an APP_CONFIG: the plugin's tables and migrations, in the plugin's namespace."""


@hookspec
def register_routes() -> Sequence[Any]:  # type: ignore[empty-body]
    """Litestar route handlers, JSON and pages; each declares the permission it needs."""


@hookspec
def register_permissions() -> list[Permission]:  # type: ignore[empty-body]
    """Permissions of the plugin and the roles that hold them."""


@hookspec
def register_metrics() -> list[Metric]:  # type: ignore[empty-body]
    """The metrics the plugin measures."""


@hookspec
def register_activity_kinds() -> list[ActivityKind]:  # type: ignore[empty-body]
    """Kinds of activity that the plugin gives a home."""


@hookspec
def register_bundle_section() -> BundleSection:  # type: ignore[empty-body]
    """How the plugin's records travel in a campaign bundle."""


@hookspec
def register_slow_reading() -> SlowReader:  # type: ignore[empty-body]
    """How the plugin's section of a bundle is read slowly, to check its figures by."""


@hookspec
def register_recap_templates() -> list[RecapTemplate]:  # type: ignore[empty-body]
    """How the plugin's parts of the recap are worded, unless an office words them otherwise."""


@hookspec
def register_commands() -> list[click.Command]:  # type: ignore[empty-body]
    """Commands for ``python app.py``."""


@hookspec
async def measure(scope: Scope) -> list[Amount]:  # type: ignore[empty-body]
    """Itemised amounts of the plugin's metrics in the scope, by set-based SQL.

    A scope may ask for them by activity or by day; ``core.measures.measure`` does so.
    """


@hookspec
async def figure_records(scope: Scope, metric: str, after: int, limit: int) -> RecordPage:  # type: ignore[empty-body]
    """The records under one figure, a page of them: what ``measure`` counted, one by one."""


@hookspec
async def recap_section(scope: Scope, figures: Any, texts: Any) -> Section | None:
    """The plugin's part of the recap, from ``figures`` (by metric, of the scope's office).

    ``texts`` is a ``core.recap.templating.texts.Texts``: ``texts.write(part, **words)`` gives the
    paragraphs of a template that the plugin registered, or of the one that an office put in its
    place.
    """


@hookspec
async def navigation(campaign: str, actor: Actor) -> list[NavigationItem]:  # type: ignore[empty-body]
    """Links under a campaign's name for somebody who may follow them."""


@hookspec
async def calendar_entries(scope: Scope) -> list[CalendarEntry]:  # type: ignore[empty-body]
    """Entries for the calendar of the scope's subtree."""


@hookspec
async def findings(scope: Scope) -> list[Finding]:  # type: ignore[empty-body]
    """What somebody should look at: capacity exceeded, a date outside the window and such."""


@hookspec
async def live_counts(scope: Scope) -> list[LiveCount]:  # type: ignore[empty-body]
    """What changes by the minute: how many are on duty now. Asked after every change, so cheap."""


@hookspec
async def personal_data(person: str, action: str) -> list[dict[str, Any]]:  # type: ignore[empty-body]
    """Export or erase what is stored about a person. ``action`` is "export" or "erase".

    Asked of every installed plugin. ``person`` is a name, phone or number as the person gives it.
    """


@hookspec
async def campaign_cloned(source: int, target: int, from_day: date, to_day: date) -> None:
    """A campaign (id) was made from another: carry over what is plan, never what is record.

    ``from_day`` and ``to_day`` are the observance's days in the two campaigns (for a campaign of
    none, the first days of their windows): ``core.observances.same_weekday_shift`` carries a day
    from the one to the other.
    """
