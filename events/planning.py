"""Planning activities: adding, changing, publishing, cancelling them, and what that does to feeds.

``sequence`` grows with each change of time, place or cancellation and never falls, since calendar
programmes keep the greatest; ``modified_at`` moves with every change and with nothing else.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import asyncpg

from core import audit, campaign_states, campaigns, database
from core.campaigns import Campaign
from core.permissions import Actor, may
from core.refusals import Conflict, Fault, Refusal
from events import activities
from events.activities import Activity
from events.plan import Plan, checked, shifted

MANAGE = "activity.manage"
Act = Literal["publish", "finish", "cancel", "reopen"]
# Act: the states it leads from, the state it leads to, what to say otherwise.
ACTS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "publish": (("draft",), "published", "只有草稿可以发布"),
    "finish": (("published",), "done", "只有已发布的安排可以标记为已完成"),
    "cancel": (("published",), "cancelled", "只有已发布的安排可以取消"),
    "reopen": (("done", "cancelled"), "published", "只有已完成或已取消的安排可以恢复"),
}
REFERRED_TO = (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError)


@dataclass(frozen=True, slots=True)
class Office:
    """An office that takes part in the campaign."""

    id: int
    key: str


async def add(
    actor: Actor,
    campaign: Campaign,
    plan: Plan,
    *,
    now: datetime,
    key: str = "",
    draft: bool = True,
) -> str:
    """Add an activity, as a draft or published at once; gives its key, made when none is given.

    Raises Refusal with every fault, Conflict for a key that is taken or a campaign that takes no
    more activities, Missing for an office where the actor may not.
    """
    plan = checked(plan, key)
    async with database.transaction():
        campaign_states.require(campaign, "plan")
        office = await _office(actor, campaign, plan.organisation)
        row = {**_row(plan, office), "campaign": campaign.id, "modified_at": now, "sequence": 0}
        row["state"] = "draft" if draft else "published"
        made = await _insert(row, key) if key else await _insert_with_next_key(row)
        if made is None:
            raise Conflict.of("duplicate", f"编号“{key}”已经有安排在用", "key")
        await campaigns.touch(campaign.id)
        await _record(actor, campaign, "activity.created", made, office.id, after=_told(row))
    return made


async def edit(
    actor: Actor,
    campaign: Campaign,
    key: str,
    plan: Plan,
    *,
    now: datetime,
    seen: datetime | None = None,
) -> Activity:
    """Give an activity new contents; one that is the same already stays untouched.

    ``seen`` is the ``modified_at`` that the editor had before him: when somebody else has changed
    the activity since, Conflict is raised.
    """
    plan = checked(plan)
    async with database.transaction():
        before = await activities.find(actor, campaign.id, key, MANAGE)
        _require_open(campaign)
        if seen is not None and before.modified_at != seen:
            raise Conflict.of("changed", "别人刚刚改过这项安排，请核对现在的内容后再保存")
        office = await _office(actor, campaign, plan.organisation)
        row = _row(plan, office)
        old = _row(Plan.of(before), Office(before.organisation_id, before.organisation))
        if row == old:
            return before
        sequence = before.sequence + int(shifted(before, plan))
        later = max(now, before.modified_at)  # also after the clock was set back
        await _update(before.id, {**row, "sequence": sequence, "modified_at": later})
        await campaigns.touch(campaign.id)
        changed = {name: old[name] for name in row if row[name] != old[name]}
        after = {name: row[name] for name in changed}
        await _record(
            actor, campaign, "activity.changed", key, office.id, before=changed, after=after
        )
        return await activities.find(actor, campaign.id, key, MANAGE)


async def change_state(
    actor: Actor, campaign: Campaign, key: str, act: Act, *, now: datetime
) -> Activity:
    """Publish, finish, cancel or reopen an activity.

    Raises Missing, and Conflict when its state does not allow it.
    """
    async with database.transaction():
        before = await activities.find(actor, campaign.id, key, MANAGE)
        sources, target, sentence = ACTS[act]
        _require_open(campaign)
        if before.state not in sources:
            raise Conflict.of(
                "state", f"{sentence}，这一项现在是“{activities.STATES[before.state]}”"
            )
        if act == "finish" and before.starts_at > now:
            raise Conflict.of("state", "还没有到开始时间，不能标记为已完成")
        seen_in_feeds = "cancelled" in (before.state, target)
        changes: dict[str, Any] = {
            "state": target,
            "sequence": before.sequence + int(seen_in_feeds),
            "modified_at": max(now, before.modified_at),
            "cancelled_at": now if target == "cancelled" else None,
        }
        await _update(before.id, changes)
        await campaigns.touch(campaign.id)
        told = {"before": {"state": before.state}, "after": {"state": target}}
        await _record(actor, campaign, f"activity.{act}", key, before.organisation_id, **told)
    return replace(before, **changes)


async def delete(actor: Actor, campaign: Campaign, key: str) -> None:
    """Remove a draft to which nothing belongs. Raises Missing and Conflict."""
    async with database.transaction():
        before = await activities.find(actor, campaign.id, key, MANAGE)
        campaign_states.require(campaign, "plan")
        if before.state != "draft":
            raise Conflict.of("state", "只有草稿可以删除；已经发布的请改为取消")
        reported = await database.fetch_value(
            "SELECT 1 FROM reported_figure WHERE campaign = :campaign AND activity = :key LIMIT 1",
            campaign=campaign.id,
            key=key,
        )
        if reported or not await _removed(before.id):
            raise Conflict.of("in_use", "已经有记录或填报数据属于这项安排，不能删除")
        await campaigns.touch(campaign.id)
        gone = _told(_row(Plan.of(before), Office(before.organisation_id, before.organisation)))
        await _record(actor, campaign, "activity.deleted", key, before.organisation_id, before=gone)


async def _removed(activity_id: int) -> bool:
    """Whether the row could go: the tables of plugins hold on to activities they refer to."""
    try:
        async with database.transaction():
            await database.execute("DELETE FROM activity WHERE id = :id", id=activity_id)
    except REFERRED_TO:
        return False
    return True


def _require_open(campaign: Campaign) -> None:
    """Activities that are there are kept up for as long as anything may still be written down."""
    try:
        campaign_states.require(campaign, "records")
    except Conflict:
        campaign_states.require(campaign, "plan")


async def _office(actor: Actor, campaign: Campaign, key: str) -> Office:
    """The office, where the actor plans and that takes part. Raises Refusal on the member."""
    found = await database.fetch_value(
        "SELECT p.organisation FROM campaign_participant p"
        " JOIN organisation o ON o.id = p.organisation"
        " WHERE p.campaign = :campaign AND o.key = :key",
        campaign=campaign.id,
        key=key,
    )
    if found is None or not await may(actor, MANAGE, found):
        sentence = "这次活动里没有这个机构，或者它不在您的范围之内"
        raise Refusal(Fault("/organisation", "unknown_reference", sentence))
    return Office(int(found), key)


async def _insert(row: Mapping[str, Any], key: str) -> str | None:
    values = {**row, "key": key}
    found = await database.fetch_value(
        f"INSERT INTO activity ({', '.join(values)})"
        f" VALUES ({', '.join(':' + name for name in values)})"
        " ON CONFLICT (campaign, key) DO NOTHING RETURNING key",
        **values,
    )
    return None if found is None else str(found)


async def _insert_with_next_key(row: Mapping[str, Any]) -> str:
    """Insert under ``a01``, ``a02`` … : the first beyond those that are taken."""
    while True:
        taken = await database.fetch(
            "SELECT key FROM activity WHERE campaign = :campaign AND key LIKE 'a%'",
            campaign=row["campaign"],
        )
        digits = [r["key"][1:] for r in taken if r["key"][1:].isdecimal() and len(r["key"]) < 10]
        made = await _insert(row, f"a{max(map(int, digits), default=0) + 1:02}")
        if made is not None:  # else somebody else was faster with the same key
            return made


async def _update(activity_id: int, values: Mapping[str, Any]) -> None:
    assignments = ", ".join(f"{name} = :{name}" for name in values)
    await database.execute(
        f"UPDATE activity SET {assignments} WHERE id = :id", **values, id=activity_id
    )


def _row(plan: Plan, office: Office) -> dict[str, Any]:
    """The columns of a plan."""
    return {
        "title": plan.title,
        "kind": plan.kind,
        "organisation": office.id,
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
        "place": plan.place,
        "address": plan.address,
        "hosts": plan.hosts,
        "capacity": plan.capacity,
        "person_in_charge": plan.person_in_charge,
        "accessibility": json.dumps(sorted(plan.accessibility), ensure_ascii=False),
        "accessibility_asked": json.dumps(sorted(plan.accessibility_asked), ensure_ascii=False),
        "notes": plan.notes,
    }


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the log tells of an activity."""
    return {name: row[name] for name in ("title", "kind", "starts_at", "ends_at", "place")}


async def _record(
    actor: Actor,
    campaign: Campaign,
    action: str,
    key: str,
    organisation: int,
    **states: Mapping[str, Any],
) -> None:
    await audit.record(
        actor,
        action,
        "activity",
        key,
        organisation=organisation,
        campaign=campaign.key,
        **states,
    )
