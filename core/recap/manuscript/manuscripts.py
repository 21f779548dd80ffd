"""What an office adds to its recap of a campaign: title, recipient, order, own texts.

There is one manuscript for each office of a campaign. It comes into being with its first change,
and every change counts its ``revision`` up: whoever changes it says which revision he has seen.
Writing does not count as a change of the campaign (``campaigns.touch``): no figure depends on it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core import audit, database, moments
from core.campaigns import Campaign
from core.permissions import Actor, may
from core.plugins import Plugins
from core.recap.manuscript import parts
from core.recap.manuscript.parts import Part
from core.recap.model import Photo
from core.refusals import Conflict, Missing, Refusal
from core.scopes import Scope

VIEW, WRITE = "recap.view", "recap.write"
OTHER_WORK = "其他工作"
THING = "recap_manuscript"
# What a log entry says was done, with the title of the part that it names.
DONE: dict[str, str] = {
    "recap.headed": "改了标题或主送机关",
    "recap.part_moved": "移动了“{part}”",
    "recap.part_hidden": "隐藏了“{part}”",
    "recap.part_shown": "重新显示了“{part}”",
    "recap.part_written": "修改了“{part}”",
    "recap.part_added": "增加了“{part}”",
    "recap.part_removed": "删除了“{part}”",
    "recap.manuscript_set": "重新写入了全部内容",
    "recap.photo_added": "增加了一张照片",
    "recap.photo_changed": "修改了一张照片的说明",
    "recap.photo_moved": "移动了一张照片",
    "recap.photo_removed": "删除了一张照片",
    "recap.photo_withdrawn": "撤下了一张照片",
}
SAID_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A manuscript as it is stored; ``revision`` 0 stands for none yet.

    ``title`` and ``recipient`` are empty where the author gives none. ``parts`` are those that were
    ever touched, in their order. ``photos`` are those whose picture is still there.
    """

    title: str = ""
    recipient: str = ""
    revision: int = 0
    parts: tuple[Part, ...] = ()
    photos: tuple[Photo, ...] = ()
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """Where somebody writes: a campaign seen from one office of it, and the work told of there."""

    campaign: Campaign
    scope: Scope
    children: Mapping[str, str] = field(default_factory=dict)
    """Titles of the parts below ``work``, by key, in their usual order."""


def desk(campaign: Campaign, scope: Scope, plugins: Plugins) -> Desk:
    """The place of an office's author; the parts of plugins are those that the campaign uses."""
    telling = {
        key: info.title
        for key, info in plugins.infos.items()
        if key in campaign.enabled
        or (key in plugins.foundations and plugins.implements("recap_section", key))
    }
    children = {parts.child_key(key): telling[key] for key in sorted(telling)}
    return Desk(campaign, scope, {**children, parts.child_key("other"): OTHER_WORK})


async def read(campaign_id: int, organisation_id: int) -> Manuscript:
    """The manuscript of an office; an empty one when there is none. Two statements."""
    place = {"campaign": campaign_id, "organisation": organisation_id}
    rows = await database.fetch(
        "SELECT m.title AS heading, m.recipient, m.revision, m.changed_at,"
        " COALESCE(a.display_name, m.changed_by) AS changed_by,"
        " p.key, p.title, p.text, p.hidden FROM recap_manuscript m"
        " LEFT JOIN account a ON a.name = m.changed_by"
        " LEFT JOIN recap_part p ON p.manuscript = m.id"
        " WHERE m.campaign = :campaign AND m.organisation = :organisation ORDER BY p.position",
        **place,
    )
    if not rows:
        return Manuscript()
    photos = await database.fetch(
        "SELECT i.sha256, i.media_type, i.width, i.height, p.caption, p.description"
        " FROM recap_photo p JOIN recap_manuscript m ON m.id = p.manuscript"
        " JOIN recap_image i ON i.id = p.image"
        " WHERE m.campaign = :campaign AND m.organisation = :organisation AND p.position >= 0"
        " AND i.content_sealed IS NOT NULL ORDER BY p.position, p.id",
        **place,
    )
    first = rows[0]
    return Manuscript(
        title=first["heading"],
        recipient=first["recipient"],
        revision=first["revision"],
        parts=tuple(
            Part(row["key"], row["title"], row["text"], bool(row["hidden"]))
            for row in rows
            if row["key"] is not None
        ),
        photos=tuple(Photo(**row) for row in photos),
        changed_by=first["changed_by"],
        changed_at=first["changed_at"],
    )


def all_parts(where: Desk, manuscript: Manuscript) -> tuple[Part, ...]:
    """Every part that can be shaped here, in order, those of plugins no longer in use left out."""
    whole = parts.completed(manuscript.parts, where.children)
    return tuple(p for p in whole if not parts.is_child(p.key) or p.key in where.children)


def title_of(where: Desk, part: Part) -> str:
    """What the part is called."""
    return part.title or parts.usual_title(part.key, where.children)


def find_part(where: Desk, manuscript: Manuscript, key: str) -> Part:
    """The part of that key. Raises Missing."""
    found = {part.key: part for part in all_parts(where, manuscript)}
    if key not in found:
        raise Missing(f"总结里没有编号为“{key}”的部分")
    return found[key]


async def bump(actor: Actor, where: Desk, seen: int | None) -> tuple[int, int]:
    """Count a change of the manuscript, in the transaction of the change: its id and revision.

    ``seen`` is the revision that the actor has looked at, None where it does not matter. Raises
    Missing where the actor may not write, Conflict for a campaign that is put away, and for another
    revision, with what was done since.
    """
    if not await may(actor, WRITE, where.scope.organisation_id):
        raise Missing(f"活动“{where.campaign.key}”里没有编号为“{where.scope.organisation}”的机构")
    if where.campaign.state == "archived":
        raise Conflict.of(
            "campaign_state", "活动已归档，总结不能再改；确实需要时，请组织者取消归档"
        )
    check = "" if seen is None else " WHERE recap_manuscript.revision = :seen"
    row = await database.fetch_one(
        "INSERT INTO recap_manuscript (campaign, organisation, title, recipient, revision,"
        " changed_by, changed_at) VALUES (:campaign, :organisation, '', '', 1, :by, :now)"
        " ON CONFLICT (campaign, organisation) DO UPDATE SET"
        " revision = recap_manuscript.revision + 1, changed_by = :by, changed_at = :now"
        f"{check} RETURNING id, revision",
        campaign=where.scope.campaign_id,
        organisation=where.scope.organisation_id,
        by=actor.name,
        now=moments.now(),
        **({} if seen is None else {"seen": seen}),
    )
    if row is None or (seen is not None and row["revision"] != seen + 1):
        raise await _stale(where, seen or 0)
    return int(row["id"]), int(row["revision"])


async def change(
    actor: Actor,
    where: Desk,
    seen: int,
    edit: Callable[[Manuscript], tuple[Manuscript, str, Mapping[str, Any]]],
) -> Manuscript:
    """Change a manuscript; ``edit`` gives it anew, and what the log shall say: action, members.

    Raises what ``bump`` and ``edit`` raise; nothing is written then.
    """
    async with database.transaction():
        number, revision = await bump(actor, where, seen)
        before = await read(where.scope.campaign_id, where.scope.organisation_id)
        after, action, members = edit(before)
        await _store(number, before, after)
        await record(actor, where, action, revision, members)
    return replace(after, revision=revision)


async def record(
    actor: Actor, where: Desk, action: str, revision: int, members: Mapping[str, Any]
) -> None:
    """Note in the log what became of the manuscript, in the transaction of the change."""
    await audit.record(
        actor,
        action,
        THING,
        where.scope.organisation,
        organisation=where.scope.organisation_id,
        campaign=where.scope.campaign,
        after={"revision": revision, **members},
    )


async def _store(number: int, before: Manuscript, after: Manuscript) -> None:
    if (before.title, before.recipient) != (after.title, after.recipient):
        await database.execute(
            "UPDATE recap_manuscript SET title = :title, recipient = :recipient WHERE id = :id",
            title=after.title,
            recipient=after.recipient,
            id=number,
        )
    if before.parts == after.parts:
        return
    await database.execute("DELETE FROM recap_part WHERE manuscript = :id", id=number)
    await database.execute_many(
        "INSERT INTO recap_part (manuscript, key, position, title, text, hidden)"
        " VALUES (:manuscript, :key, :position, :title, :text, :hidden)",
        [
            {
                "manuscript": number,
                "key": part.key,
                "position": position,
                "title": part.title,
                "text": part.text,
                "hidden": part.hidden,
            }
            for position, part in enumerate(after.parts)
        ],
    )


async def _stale(where: Desk, seen: int) -> Refusal:
    """The refusal of a change to a revision that is no longer there: what was done since."""
    rows = await database.fetch(
        "SELECT e.at, e.action, e.after, COALESCE(a.display_name, e.actor) AS who"
        " FROM audit_entry e LEFT JOIN account a ON a.name = e.actor"
        " WHERE e.campaign = :campaign AND e.organisation = :office AND e.thing = :thing"
        " ORDER BY e.id DESC LIMIT :limit",
        campaign=where.scope.campaign,
        office=where.scope.organisation_id,
        thing=THING,
        limit=SAID_AT_ONCE,
    )
    said = [sentence for row in rows if (sentence := _done(row, seen))]
    told = f"：{'；'.join(reversed(said))}" if said else ""
    return Conflict.of(
        "stale_revision", f"您打开以后，这份总结的编写内容又有了改动{told}", "revision"
    )


def _done(row: Mapping[str, Any], seen: int) -> str:
    """``张三5月20日10:32移动了“致谢”``, or nothing for what was done before."""
    after = json.loads(row["after"] or "{}")
    if int(after.get("revision", 0)) <= seen or row["action"] not in DONE:
        return ""
    at = moments.local(row["at"])
    what = DONE[row["action"]].format(part=after.get("part", ""))
    return f"{row['who']}{at.month}月{at.day}日{at:%H:%M}{what}"
