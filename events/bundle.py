"""The list ``activities`` of a bundle."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core import database
from core.bundle_sections import CheckContext, WriteContext
from core.moments import LATER, offset_text
from core.shapes import (
    Optional,
    Path,
    Problems,
    key,
    list_of,
    moment,
    object_of,
    optional_list,
    text,
    unfit,
)
from core.synchronise import Synchroniser

SLUG = re.compile(r"[a-z][a-z0-9_-]{0,63}")
COLUMNS = "id, key, title, kind, organisation, starts_at, ends_at, place, accessibility"


def _slug(value: Any, path: Path, problems: Problems) -> Any:
    if not isinstance(value, str):
        return unfit(value, path, problems, "活动类别应当是文字")
    if not SLUG.fullmatch(value):
        return problems.add(path, "value", "活动类别只能用小写字母、数字、横线和下划线")
    return value


ACTIVITY = object_of(
    {
        "key": key,
        "title": Optional(text(), str),
        "kind": _slug,
        "organisation": key,
        "starts_at": moment,
        "ends_at": moment,
        "place": Optional(text(), str),
        "accessibility": optional_list(text()),
    }
)


class ActivitiesSection:
    """Activities travel in the envelope. What a bundle does not know of an activity stays."""

    key = "activities"
    in_envelope = True
    shape = staticmethod(list_of(ACTIVITY))

    def check(self, section: list[Any], path: Path, context: CheckContext) -> None:
        """Keys, offices, and an end that is not before the start."""
        context.unique(section, path)
        for index, item in enumerate(section):
            if item:
                context.organisation(item.get("organisation"), (*path, index, "organisation"))
                context.ends_after_start(item, "starts_at", "ends_at", (*path, index))

    async def write(self, section: Sequence[Mapping[str, Any]], context: WriteContext) -> None:
        """Insert and update by key; ``sequence`` grows when the time or the place changes."""
        stored = _stored()
        await stored.load(campaign=context.campaign)
        rows = {(item["key"],): _row(item, context) for item in section}
        new = {k: {**row, **_born(context.now)} for k, row in rows.items() if k not in stored.now}
        moved = [k for k, row in rows.items() if k in stored.now and _moved(stored.now[k], row)]
        changed = [k for k, row in rows.items() if k in stored.now and _differs(stored.now[k], row)]
        bumped = [
            {"id": stored.ids[k], "now": context.now, "step": int(k in moved)} for k in changed
        ]
        await stored.store({**rows, **new}, campaign=context.campaign)
        await database.execute_many(
            f"UPDATE activity SET modified_at = {LATER}, sequence = sequence + :step"
            " WHERE id = :id",
            bumped,
        )
        context.activities.update({k: number for (k,), number in stored.ids.items()})

    async def finish(self, section: Sequence[Mapping[str, Any]], context: WriteContext) -> None:
        """Remove the activities that the bundle no longer holds."""
        stored = _stored()
        await stored.load(campaign=context.campaign)
        await stored.prune((item["key"],) for item in section)
        if stored.written:  # a feed that lost an entry has changed, and no entry left says so
            await database.execute(
                f"UPDATE campaign SET modified_at = {LATER} WHERE id = :id",
                now=context.now,
                id=context.campaign,
            )

    async def read(self, campaign: int) -> list[dict[str, Any]]:
        """The campaign's activities, by key."""
        rows = await database.fetch(
            "SELECT a.key, a.title, a.kind, o.key AS organisation, a.starts_at, a.ends_at, a.place,"
            " a.accessibility FROM activity a JOIN organisation o ON o.id = a.organisation"
            " WHERE a.campaign = :campaign",
            campaign=campaign,
        )
        for row in rows:
            row["starts_at"] = offset_text(row["starts_at"])
            row["ends_at"] = offset_text(row["ends_at"])
            row["accessibility"] = sorted(json.loads(row["accessibility"]))
        return sorted(rows, key=lambda row: row["key"])


def _stored() -> Synchroniser:
    return Synchroniser(
        "activity", f"SELECT {COLUMNS}, campaign FROM activity WHERE campaign = :campaign", ("key",)
    )


def _row(item: Mapping[str, Any], context: WriteContext) -> dict[str, Any]:
    return {
        "campaign": context.campaign,
        **item,
        "organisation": context.organisations[item["organisation"]],
        "accessibility": json.dumps(sorted(item["accessibility"]), ensure_ascii=False),
    }


def _born(now: datetime) -> dict[str, Any]:
    """What a new activity from a bundle has besides: published, never changed.

    The other columns have no defaults in the database, so they are named here.
    """
    return {
        "state": "published",
        "sequence": 0,
        "modified_at": now,
        "hosts": "",
        "address": "",
        "person_in_charge": "",
        "accessibility_asked": "[]",
        "notes": "",
    }


def _differs(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return any(before[column] != value for column, value in after.items())


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return any(before[column] != after[column] for column in ("starts_at", "ends_at", "place"))
