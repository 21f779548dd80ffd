"""Counts that change by the minute while a campaign goes on: volunteers on duty, say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.scopes import Scope

if TYPE_CHECKING:
    from core.plugins import Plugins


@dataclass(frozen=True, slots=True)
class LiveCount:
    """So many of something at this moment. ``key`` is stable and begins with the plugin's own."""

    key: str
    label: str
    value: int
    unit: str


async def read(scope: Scope, plugins: Plugins, enabled: Iterable[str]) -> list[LiveCount]:
    """What the enabled plugins count in the scope; one that fails counts nothing."""
    return [
        count
        for outcome in await plugins.ask("live_counts", enabled, scope=scope)
        for count in outcome.value or ()
    ]
