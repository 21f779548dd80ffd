"""This year's campaign made from last year's: what was plan is carried over, never what is record.

Carried over are the plugins, the offices that still exist, own metrics, targets, how each office
arranges its recap, and what events and plugins carry themselves (hook ``campaign_cloned``):
activities as drafts, with new days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core import campaign_participants, database
from core.campaign_changes import insert, managed, record
from core.campaign_plans import Plan, completed
from core.campaigns import Campaign
from core.observances import Catalogue
from core.permissions import Actor
from core.plugins import Plugins
from core.recap.manuscript import cloning as manuscript_cloning
from core.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Cloned:
    """What came of it: ``offices`` take part, ``left_out`` of the source's are closed or moved.

    ``failed`` are the titles of plugins that could not carry their part over.
    """

    key: str
    offices: int
    left_out: int
    failed: tuple[str, ...]


class _FailedError(Exception):
    """A plugin failed: its savepoint goes with it."""


def anchors(source: Campaign, year: int, catalogue: Catalogue) -> tuple[date, date]:
    """The day in the source, and the day in ``year``, by which plans are moved.

    The observance's days; for a campaign without one the first day of its window and the same day
    of the year. Raises Refusal for a year that the observance does not have.
    """
    observance = catalogue.get(source.observance) if source.observance else None
    if observance is not None:
        try:
            return observance.date(source.year), observance.date(year)
        except ValueError as problem:
            raise Refusal.of("value", str(problem), "year") from None
    first = source.starts_on
    try:
        return first, first.replace(year=first.year + year - source.year)
    except ValueError:  # 29 February, or no such year
        return first, _end_of_february(first, year - source.year)


def _end_of_february(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years, day=28)
    except ValueError:
        raise Refusal.of("value", "这个年份不能用", "year") from None


async def clone(
    actor: Actor,
    source_key: str,
    plan: Plan,
    catalogue: Catalogue,
    plugins: Plugins,
) -> Cloned:
    """Make a draft from a campaign that the actor leads.

    Of ``plan`` the year counts, and title, theme, days and key where they are given; observance
    and plugins are the source's. Raises Refusal, Conflict or Missing.
    """
    async with database.transaction():
        source = await managed(actor, source_key)
        from_day, to_day = anchors(source, plan.year, catalogue)
        moved = to_day - from_day
        enabled = tuple(name for name in source.enabled if name in plugins.infos)
        wanted = completed(
            Plan(
                year=plan.year,
                observance=source.observance,
                title=plan.title,
                theme=plan.theme,
                starts_on=plan.starts_on or source.starts_on + moved,
                ends_on=plan.ends_on or source.ends_on + moved,
                plugins=enabled,
                key=plan.key,
            ),
            catalogue,
            plugins,
        )
        target, key = await insert(wanted, source.organisation_id, source.organisation)
        offices = await campaign_participants.take_in_open(
            target, source.organisation_id, like=source.id
        )
        if not offices:
            raise Refusal.of("closed", "活动所属的机构已经撤销，不能再有新的活动")
        await _carry_plan(actor, source.id, target)
        failed = await _carry_plugins(source.id, target, (from_day, to_day), plugins, enabled)
        after = {"source": source.key, "year": plan.year, "offices": offices}
        await record(actor, "campaign.cloned", key, source.organisation_id, after=after)
        before = await database.fetch_value(
            "SELECT COUNT(*) FROM campaign_participant WHERE campaign = :id", id=source.id
        )
    return Cloned(key, offices, int(before) - offices, tuple(failed))


async def _carry_plan(actor: Actor, source: int, target: int) -> None:
    """Own metrics, targets and how recaps are arranged; reported figures are last year's."""
    await manuscript_cloning.carry(actor, source, target)
    columns = "key, label, unit, aggregation, numerator, denominator"
    await database.execute(
        f"INSERT INTO metric (campaign, {columns})"
        f" SELECT CAST(:target AS BIGINT), {columns} FROM metric WHERE campaign = :source",
        source=source,
        target=target,
    )
    await database.execute(
        "INSERT INTO target (campaign, metric, organisation, value)"
        " SELECT CAST(:target AS BIGINT), metric, organisation, value FROM target"
        " WHERE campaign = :source AND organisation IN"
        " (SELECT organisation FROM campaign_participant WHERE campaign = :target)",
        source=source,
        target=target,
    )


async def _carry_plugins(
    source: int, target: int, days: tuple[date, date], plugins: Plugins, enabled: tuple[str, ...]
) -> list[str]:
    """Ask events and the enabled plugins, each in a savepoint: one that fails leaves nothing."""
    failed = []
    for name in (*plugins.foundations, *enabled):
        try:
            async with database.transaction():
                outcome = await plugins.ask_one(
                    "campaign_cloned",
                    name,
                    source=source,
                    target=target,
                    from_day=days[0],
                    to_day=days[1],
                )
                if outcome is not None and outcome.failed:
                    raise _FailedError
        except _FailedError:
            failed.append(plugins.infos[name].title)
    return failed
