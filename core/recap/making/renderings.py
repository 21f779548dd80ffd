"""Files of recaps in the making: who asked for which, how far it is, and the file for a day.

This is how people ask for them and see them; ``rendering_queue`` is the same for who makes them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core import audit, database, moments
from core.campaigns import Campaign
from core.permissions import Actor
from core.recap.life.versions import LARGEST
from core.recap.making.files import PAPER, STEPS
from core.refusals import Conflict, Missing, Refusal
from core.scopes import Scope

STATES: dict[str, str] = {
    "queued": "排队中",
    "running": "生成中",
    "done": "已完成",
    "failed": "没有完成",
}
KEPT_FOR = timedelta(hours=24)
MOST_AT_ONCE = 5
LISTED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A file in the making, without its bytes. ``version`` is a number, None for the data now.

    ``size`` counts bytes and is None until the file is there. Moments are in UTC.
    """

    id: int
    key: str
    campaign: str
    organisation: str
    organisation_name: str
    version: int | None
    form: str
    base_url: str
    state: str
    done_steps: int
    all_steps: int
    step: str
    fault: str
    filename: str
    size: int | None
    actor: str
    account: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Whether it is still to be waited for."""
        return self.state in {"queued", "running"}

    @property
    def label(self) -> str:
        """The state in Chinese."""
        return STATES[self.state]

    @property
    def kept_until(self) -> datetime:
        """When it is taken away."""
        return self.created_at + KEPT_FOR

    def seconds(self, now: datetime) -> int:
        """How long it has taken so far, or took."""
        return max(0, round(((self.finished_at or now) - self.created_at).total_seconds()))


SELECT = (
    "SELECT r.id, r.key, c.key AS campaign, o.key AS organisation,"
    " COALESCE(p.name, o.name) AS organisation_name, v.number AS version, r.form, r.base_url,"
    " r.state, r.done_steps, r.all_steps, r.step, r.fault, r.filename, LENGTH(r.content) AS size,"
    " r.actor, r.account, r.created_at, r.started_at, r.finished_at FROM recap_rendering r"
    " JOIN campaign c ON c.id = r.campaign JOIN organisation o ON o.id = r.organisation"
    " LEFT JOIN campaign_participant p"
    " ON p.campaign = r.campaign AND p.organisation = r.organisation"
    " LEFT JOIN recap_version v ON v.id = r.version"
)


async def order(
    actor: Actor, scope: Scope, form: str, version: int | None = None, base_url: str = ""
) -> str:
    """Ask for a file of an office's recap; gives the key under which it is made.

    Whoever asks again for what is already being made, of the same data, gets the same key. The
    caller has checked that the actor may see the recap. Raises Refusal for a format that is not
    made here, Missing for a version that is not there, Conflict when too many are under way.
    """
    if form not in PAPER:
        raise Refusal.of("value", f"格式只能是 {'、'.join(PAPER)}", "format")
    async with database.transaction():
        wanted = {
            "campaign": scope.campaign_id,
            "organisation": scope.organisation_id,
            "version": await _version_id(scope, version),
            "form": form,
            "actor": actor.name,
        }
        if (known := await _under_way(wanted)) is not None:
            return known
        await _check_room(actor)
        key = secrets.token_urlsafe(9).replace("_", ".")
        await database.execute(
            "INSERT INTO recap_rendering (key, campaign, organisation, version, form, base_url,"
            " state, done_steps, all_steps, step, fault, filename, actor, account, created_at)"
            " VALUES (:key, :campaign, :organisation, :version, :form, :base_url,"
            " 'queued', 0, :all_steps, '', '', '', :actor, :account, :now)",
            **wanted,
            key=key,
            base_url=base_url,
            all_steps=len(STEPS),
            account=actor.account_id,
            now=moments.now(),
        )
        await audit.record(
            actor,
            "recap.file_ordered",
            "recap",
            scope.organisation,
            organisation=scope.organisation_id,
            campaign=scope.campaign,
            after={"format": form, "version": version},
        )
    return key


async def _version_id(scope: Scope, version: int | None) -> int | None:
    if version is None:
        return None
    found = await database.fetch_value(
        "SELECT id FROM recap_version WHERE campaign = :campaign"
        " AND organisation = :organisation AND number = :number",
        campaign=scope.campaign_id,
        organisation=scope.organisation_id,
        number=min(version, LARGEST),
    )
    if found is None:
        raise Missing(f"这个单位的总结没有第{version}版")
    return int(found)


async def _under_way(wanted: dict[str, Any]) -> str | None:
    """What is made already for the same actor, unless something has changed since it began."""
    same = "r.version = :version" if wanted["version"] is not None else "r.version IS NULL"
    given = {name: value for name, value in wanted.items() if value is not None}
    key: str | None = await database.fetch_value(
        "SELECT r.key FROM recap_rendering r JOIN campaign c ON c.id = r.campaign"
        " WHERE r.campaign = :campaign AND r.organisation = :organisation AND r.form = :form"
        f" AND r.actor = :actor AND {same} AND (r.state = 'queued' OR (r.state = 'running'"
        " AND c.modified_at <= r.started_at AND NOT EXISTS (SELECT 1 FROM recap_manuscript m"
        " WHERE m.campaign = r.campaign AND m.organisation = r.organisation"
        " AND m.changed_at > r.started_at))) ORDER BY r.id DESC LIMIT 1",
        **given,
    )
    return key


async def _check_room(actor: Actor) -> None:
    under_way = await database.fetch_value(
        "SELECT COUNT(*) FROM recap_rendering WHERE actor = :actor"
        " AND state IN ('queued', 'running')",
        actor=actor.name,
    )
    if under_way >= MOST_AT_ONCE:
        raise Conflict.of(
            "too_many", f"您已有 {under_way} 个文件正在生成，请等它们完成后再生成新的。"
        )


async def find(campaign: Campaign, key: str) -> Rendering:
    """One of a campaign's files. Raises Missing."""
    rows = await database.fetch(
        f"{SELECT} WHERE r.campaign = :campaign AND r.key = :key", campaign=campaign.id, key=key
    )
    if not rows:
        raise Missing("没有这个文件，它可能已满 24 小时，被清理了")
    return Rendering(**rows[0])


async def recent(actor: Actor, campaign: Campaign) -> list[Rendering]:
    """What the actor has asked for in a campaign, the latest first. One statement."""
    rows = await database.fetch(
        f"{SELECT} WHERE r.campaign = :campaign AND r.actor = :actor"
        " ORDER BY r.id DESC LIMIT :limit",
        campaign=campaign.id,
        actor=actor.name,
        limit=LISTED,
    )
    return [Rendering(**row) for row in rows]


async def content(rendering: Rendering) -> bytes:
    """The file's bytes. Raises Conflict (``not_ready``) while there are none."""
    found = await database.fetch_value(
        "SELECT content FROM recap_rendering WHERE id = :id", id=rendering.id
    )
    if found is None:
        raise Conflict.of("not_ready", f"这个文件{rendering.label}，现在还不能下载。")
    return bytes(found)
