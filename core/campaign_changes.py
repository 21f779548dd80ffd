"""Setting a campaign up and leading it: its details, its plugins, its state.

All of it is asked at the campaign's own office, with ``campaign.manage``; every change is audited
in its own transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from core import audit, campaign_participants, campaign_states, campaigns, database, moments
from core.campaign_plans import (
    Completed,
    Details,
    Plan,
    check_details,
    completed,
    faults_of_plugins,
)
from core.campaign_states import STATES
from core.campaigns import Campaign
from core.observances import Catalogue
from core.permissions import Actor, may
from core.plugins import Plugins
from core.recap.life import children
from core.refusals import Conflict, Missing, Refusal
from core.tables import KEY_LENGTH

MANAGE = "campaign.manage"
LONGEST_REASON = 500


async def managed(actor: Actor, key: str) -> Campaign:
    """The campaign of that key, if the actor leads it. Raises Missing."""
    campaign = await campaigns.find(key)
    if not await may(actor, MANAGE, campaign.organisation_id):
        raise Missing(f"没有编号为“{key}”的活动")
    return campaign


async def create(
    actor: Actor, plan: Plan, catalogue: Catalogue, plugins: Plugins, *, organisation_id: int
) -> str:
    """Set up a campaign of an office and all open offices below it, as a draft; gives its key.

    Raises Refusal with every fault, Conflict for a key or an observance's year that is taken,
    Missing for an office where the actor may not.
    """
    wanted = completed(plan, catalogue, plugins)
    async with database.transaction():
        organisation = await _open_office(actor, organisation_id)
        campaign_id, key = await insert(wanted, organisation_id, organisation)
        await campaign_participants.take_in_open(campaign_id, organisation_id)
        await record(actor, "campaign.created", key, organisation_id, after=_told(wanted))
    return key


async def _open_office(actor: Actor, organisation_id: int) -> str:
    """The key of an office that may have a campaign. Raises Missing or Refusal."""
    row = await database.fetch_one(
        "SELECT key, closed_on FROM organisation WHERE id = :id", id=organisation_id
    )
    if row is None or not await may(actor, MANAGE, organisation_id):
        raise Missing("没有这个机构")
    if row["closed_on"] is not None and row["closed_on"] <= moments.today():
        raise Refusal.of("closed", "这个机构已经撤销，不能再有新的活动", "organisation")
    return str(row["key"])


async def insert(wanted: Completed, organisation_id: int, organisation: str) -> tuple[int, str]:
    """Write the campaign's own rows, in the caller's transaction; gives its id and key."""
    await _refuse_twice(wanted, organisation_id)
    details = asdict(wanted.details)
    values = {
        "organisation": organisation_id,
        "observance": wanted.observance,
        "year": wanted.year,
        **details,
        "title": details["title"] or None,
        "state": "draft",
        "changes": 0,
        "modified_at": moments.now(),
    }
    stem = f"{wanted.observance or 'campaign'}-{wanted.year}-{organisation}"
    for key in [wanted.key] if wanted.key else await _free_keys(stem):
        made = await database.fetch_value(
            f"INSERT INTO campaign (key, {', '.join(values)})"
            f" VALUES (:key, {', '.join(':' + name for name in values)})"
            " ON CONFLICT (key) DO NOTHING RETURNING id",
            key=key,
            **values,
        )
        if made is not None:
            rows = [{"campaign": made, "plugin": plugin} for plugin in wanted.plugins]
            await database.execute_many(
                "INSERT INTO campaign_plugin (campaign, plugin) VALUES (:campaign, :plugin)", rows
            )
            return int(made), key
    raise Conflict.of("duplicate", f"编号“{wanted.key or stem}”已经有活动在用", "key")


async def _refuse_twice(wanted: Completed, organisation_id: int) -> None:
    """An office holds an observance once a year; what else it does has a title of its own."""
    if wanted.observance is None:
        return
    found = await database.fetch_value(
        "SELECT key FROM campaign WHERE organisation = :organisation"
        " AND observance = :observance AND year = :year LIMIT 1",
        organisation=organisation_id,
        observance=wanted.observance,
        year=wanted.year,
    )
    if found is not None:
        sentence = f"这个机构{wanted.year}年已经有这个节日的活动（编号 {found}）"
        raise Conflict.of("duplicate", sentence, "year")


async def _free_keys(stem: str) -> list[str]:
    """A few keys that begin with the stem and were not taken a moment ago."""
    numbered = [stem[:KEY_LENGTH], *(f"{stem[: KEY_LENGTH - 5]}-{n}" for n in range(2, 1000))]
    rows = await database.fetch(
        "SELECT key FROM campaign WHERE substr(key, 1, :length) = :start",
        length=min(len(stem), KEY_LENGTH - 5),
        start=stem[: KEY_LENGTH - 5],
    )
    taken = {row["key"] for row in rows}
    return [key for key in numbered if key not in taken][:3]


async def change_details(actor: Actor, key: str, details: Details) -> None:
    """Give the campaign another title, theme or window. Raises Refusal, Conflict or Missing."""
    async with database.transaction():
        campaign = await managed(actor, key)
        campaign_states.require(campaign, "details")
        check_details(details, titled=campaign.observance is None)
        after = {name: _trimmed(value) for name, value in asdict(details).items()}
        before = {
            "title": campaign.own_title or "",
            "theme": campaign.theme,
            "starts_on": campaign.starts_on,
            "ends_on": campaign.ends_on,
        }
        if after == before:
            return
        await database.execute(
            "UPDATE campaign SET title = :title, theme = :theme, starts_on = :starts_on,"
            " ends_on = :ends_on WHERE id = :id",
            **{**after, "title": after["title"] or None},
            id=campaign.id,
        )
        await _changed(actor, campaign, "campaign.changed", before, after)


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


async def change_plugins(
    actor: Actor, key: str, enabled: Collection[str], plugins: Plugins
) -> None:
    """Make exactly these plugins the campaign's.

    What a plugin that goes has on record stays in the database and comes back with it; until then
    it is neither shown nor counted. One that is enabled and no longer installed stays as it is.
    """
    async with database.transaction():
        campaign = await managed(actor, key)
        campaign_states.require(campaign, "details")
        lost = {name for name in campaign.enabled if name not in plugins.infos}
        if faults := faults_of_plugins(set(enabled) - lost, plugins):
            raise Refusal(*faults)
        before, after = set(campaign.enabled), set(enabled) | lost
        if before == after:
            return
        await database.execute(
            "DELETE FROM campaign_plugin WHERE campaign = :campaign AND plugin IN (:gone)",
            campaign=campaign.id,
            gone=sorted(before - after),
        )
        await database.execute_many(
            "INSERT INTO campaign_plugin (campaign, plugin) VALUES (:campaign, :plugin)",
            [{"campaign": campaign.id, "plugin": name} for name in sorted(after - before)],
        )
        states = {"plugins": sorted(before)}, {"plugins": sorted(after)}
        await _changed(actor, campaign, "campaign.plugins_changed", *states)


async def change_state(actor: Actor, key: str, state: str, reason: str = "") -> None:
    """Take the campaign one step on or back in its life. Raises Conflict for any other step.

    It ends over the accepted recaps of the offices directly below; else ``reason`` says why.
    """
    async with database.transaction():
        campaign = await managed(actor, key)
        if state not in STATES:
            raise Refusal.of("value", "没有这种状态", "state")
        beside = (
            campaign_states.following(campaign.state),
            campaign_states.preceding(campaign.state),
        )
        if state not in beside:
            names = "或".join(f"“{STATES[each]}”" for each in beside if each)
            now = STATES[campaign.state]
            raise Conflict.of("campaign_state", f"活动现在{now}，只能转为{names}", "state")
        over = await _closing_over(campaign, state, reason)
        moved = await database.fetch_value(
            "UPDATE campaign SET state = :state WHERE id = :id AND state = :before RETURNING id",
            state=state,
            id=campaign.id,
            before=campaign.state,
        )
        if moved is None:
            raise Conflict.of("campaign_state", "别人刚刚改了活动的状态，请刷新后再看", "state")
        before = {"state": campaign.state, **dict.fromkeys(over)}
        await _changed(actor, campaign, "campaign.state_changed", before, {"state": state, **over})


async def _closing_over(campaign: Campaign, state: str, reason: str) -> dict[str, Any]:
    """What the log tells of recaps that nobody has accepted when the campaign ends over them."""
    if (campaign.state, state) != ("closing", "closed"):
        return {}
    if len(reason) > LONGEST_REASON:
        raise Refusal.of("too_long", f"原因最多 {LONGEST_REASON} 个字", "reason")
    scope = await campaigns.scope(campaign)
    count = await children.require_settled(scope, reason, "结束活动", "reason")
    return {"unaccepted": count, "reason": reason.strip()} if count else {}


def _told(wanted: Completed) -> dict[str, Any]:
    """What the log tells of a new campaign."""
    told = {"year": wanted.year, "observance": wanted.observance, "plugins": wanted.plugins}
    return {**told, **asdict(wanted.details)}


async def _changed(
    actor: Actor,
    campaign: Campaign,
    action: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    """Count the change and write it down: only the members that differ."""
    await campaigns.touch(campaign.id)
    differing = [name for name in after if before[name] != after[name]]
    await record(
        actor,
        action,
        campaign.key,
        campaign.organisation_id,
        before={name: before[name] for name in differing},
        after={name: after[name] for name in differing},
    )


async def record(
    actor: Actor, action: str, key: str, organisation_id: int, **states: Mapping[str, Any]
) -> None:
    """Write down what was done to a campaign."""
    await audit.record(
        actor, action, "campaign", key, organisation=organisation_id, campaign=key, **states
    )
