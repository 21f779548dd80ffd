"""What events bring to the house: tables, the activities of a bundle, calendar entries."""

from __future__ import annotations

import click

from core.bundle_sections import BundleSection
from core.hookspecs import hookimpl
from core.plugins import ActivityKind, PluginInfo
from events import kinds
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
