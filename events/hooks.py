"""What events bring to the house: tables, the activities of a bundle, calendar entries."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

import click

from core.bundle_sections import BundleSection
from core.findings import Finding
from core.hookspecs import hookimpl
from core.navigation import NavigationItem
from core.permissions import Actor
from core.plugins import ActivityKind, PluginInfo
from core.scopes import Scope
from events import cloning, kinds
from events import findings as noticed
from events.bundle import ActivitiesSection
from events.commands import feed_group


@hookimpl
def register_plugin() -> PluginInfo:
    """A foundation: always there."""
    return PluginInfo(key="events", title="活动日程", version="0.1.0")


@hookimpl
def register_piccolo_apps() -> list[str]:
    """The table of activities."""
    return ["events.piccolo_app"]


@hookimpl
def register_bundle_section() -> BundleSection:
    """The list ``activities`` of the envelope."""
    return ActivitiesSection()


@hookimpl
def register_activity_kinds() -> list[ActivityKind]:
    """The kinds that need no plugin."""
    return list(kinds.GENERAL)


@hookimpl
def register_commands() -> list[click.Command]:
    """``feed``."""
    return [feed_group]


@hookimpl
async def navigation(campaign: str, actor: Actor) -> list[NavigationItem]:
    """日程."""
    if not actor.holds("activity.view"):
        return []
    return [NavigationItem("日程", f"/campaigns/{quote(campaign, safe='')}/activities", 20)]


@hookimpl
async def findings(scope: Scope) -> list[Finding]:
    """Activities outside the campaign's days, and services that were asked for and are missing."""
    return await noticed.read(scope)


@hookimpl
async def campaign_cloned(source: int, target: int, from_day: date, to_day: date) -> None:
    """The activities, as drafts on this year's days."""
    await cloning.clone_activities(source, target, from_day, to_day)
