"""From the database to calendar entries: activities, the observance's day, what plugins add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from core import database, installation
from core.calendar_entries import CalendarEntry
from core.campaigns import Campaign
from core.observances import Catalogue, Observance
from core.plugins import Plugins
from core.scopes import Scope
from events import accessibility, activities, feeds, kinds
from events.activities import Activity


@dataclass(frozen=True, slots=True)
class Calendar:
    """A campaign's calendar as seen from an office.

    ``modified_at`` is when it last changed, removals and lapses included; ``failures`` are the
    titles of plugins whose entries are missing because they could not give any.
    """

    name: str
    description: str
    entries: tuple[CalendarEntry, ...]
    modified_at: datetime
    failures: tuple[str, ...]


async def read(
    campaign: Campaign,
    scope: Scope,
    plugins: Plugins,
    catalogue: Catalogue,
    *,
    now: datetime,
    site: str = "",
) -> Calendar:
    """The calendar of the scope's subtree. ``site`` is this installation's address, for links.

    A fixed number of statements, and those of the plugins.
    """
    async with database.reporting(campaign.id, campaign.changes):
        return await _read(campaign, scope, plugins, catalogue, now=now, site=site)


async def _read(
    campaign: Campaign,
    scope: Scope,
    plugins: Plugins,
    catalogue: Catalogue,
    *,
    now: datetime,
    site: str,
) -> Calendar:
    known = kinds.kind_labels(plugins)
    here = await installation.identifier()
    found = [
        activity_entry(activity, campaign, known, here, site)
        for activity in await activities.of_scope(scope)
    ]
    if observance := observance_entry(campaign, catalogue, here, site):
        found.append(observance)
    added, failures = await plugin_entries(scope, plugins, campaign.enabled)
    found += [replace(entry, url=_absolute(entry.url, site)) for entry in added]
    name = await _name(campaign, scope, catalogue)
    changed = feeds.last_modified(found, now=now)
    return Calendar(
        name=name,
        description=f"{name}的日程安排。日历软件会自动更新。",
        entries=tuple(found),
        modified_at=max(filter(None, (changed, campaign.modified_at))).astimezone(UTC),
        failures=failures,
    )


def _absolute(url: str, site: str) -> str:
    """A plugin knows paths of this site; a feed is read elsewhere."""
    if not url.startswith("/"):
        return url
    return f"{site}{url}" if site else ""


async def plugin_entries(
    scope: Scope, plugins: Plugins, enabled: Iterable[str]
) -> tuple[list[CalendarEntry], tuple[str, ...]]:
    """What plugins put into the calendar, and the titles of those that failed."""
    outcomes = await plugins.ask("calendar_entries", enabled, scope=scope)
    entries = [entry for outcome in outcomes for entry in outcome.value or ()]
    return entries, tuple(outcome.title for outcome in outcomes if outcome.failed)


def activity_entry(
    activity: Activity, campaign: Campaign, known: Mapping[str, str], here: str, site: str = ""
) -> CalendarEntry:
    """An activity as an entry; whom to call and inner notes are for those who sign in.

    ``known`` are the labels of kinds, ``here`` this installation's identifier.
    """
    kind = kinds.kind_label(activity.kind, known)
    hosts = activity.hosts or activity.organisation_name
    return CalendarEntry(
        uid=f"activity-{activity.id}@{here}",
        title=activity.name,
        starts=activity.starts_at,
        ends=activity.ends_at,
        modified_at=activity.modified_at,
        sequence=activity.sequence,
        place=full_place(activity),
        description=f"类别：{kind}\n主办：{hosts}",
        url=f"{site}{activity_path(campaign.key, activity.key)}" if site else "",
        categories=(kind,),
        accessibility=accessibility.labels(activity.accessibility),
        cancelled_at=activity.cancelled_at if activity.state == "cancelled" else None,
    )


def full_place(activity: Activity) -> str:
    """The place with its address."""
    if activity.place and activity.address:
        return f"{activity.place}（{activity.address}）"
    return activity.place or activity.address


def activity_path(campaign: str, key: str) -> str:
    """The path of an activity's page."""
    return f"/campaigns/{quote(campaign, safe='')}/activities/{quote(key, safe='')}"


def observance_of(campaign: Campaign, catalogue: Catalogue) -> Observance | None:
    """The campaign's observance; None for a campaign of none."""
    return catalogue.get(campaign.observance) if campaign.observance else None


def observance_entry(
    campaign: Campaign, catalogue: Catalogue, here: str, site: str = ""
) -> CalendarEntry | None:
    """The observance's day, or week, as whole days.

    Its date is in the UID: another date is another entry. The time of its revision is fixed, since
    the campaign's own moves on with every record and an unchanged feed has unchanged bytes.
    """
    observance = observance_of(campaign, catalogue)
    if observance is None:
        return None
    first, last = observance.date(campaign.year), observance.last_date(campaign.year)
    return CalendarEntry(
        uid=f"observance-{campaign.id}-{first:%Y%m%d}@{here}",
        title=campaign.title(catalogue),
        starts=first,
        ends=last + timedelta(days=1),
        modified_at=datetime(campaign.year, 1, 1, tzinfo=UTC),
        sequence=0,
        description=f"主题：{campaign.theme}" if campaign.theme else "",
        url=f"{site}/campaigns/{quote(campaign.key, safe='')}" if site else "",
        categories=(observance.name,),
    )


def observance_days(campaign: Campaign, catalogue: Catalogue) -> list[date]:
    """The days of the campaign's observance; none for a campaign of none."""
    observance = observance_of(campaign, catalogue)
    if observance is None:
        return []
    first, last = observance.date(campaign.year), observance.last_date(campaign.year)
    return [first + timedelta(days=count) for count in range((last - first).days + 1)]


async def _name(campaign: Campaign, scope: Scope, catalogue: Catalogue) -> str:
    """``第32次全国助残日（甲区残联）``."""
    row: dict[str, Any] | None = await database.fetch_one(
        "SELECT name FROM campaign_participant"
        " WHERE campaign = :campaign AND organisation = :organisation",
        campaign=scope.campaign_id,
        organisation=scope.organisation_id,
    )
    office = row["name"] if row else campaign.organisation_name
    return f"{campaign.title(catalogue)}（{office}）"
