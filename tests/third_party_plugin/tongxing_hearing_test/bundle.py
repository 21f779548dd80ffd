"""``plugins.hearing_test`` of a bundle: the list of screenings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import database
from core.bundle_sections import CheckContext, WriteContext
from core.shapes import INVALID, Path, Problems, count, day, key, nullable, object_of, optional_list
from core.synchronise import Synchroniser

_members = object_of(
    {
        "key": key,
        "organisation": key,
        "activity": nullable(key),
        "held_on": day,
        "people": count,
        "referred": count,
    }
)


def screening(value: Any, path: Path, problems: Problems) -> Any:
    """One screening; nobody is referred who was not tested."""
    checked = _members(value, path, problems)
    if checked is INVALID:
        return INVALID
    if checked.get("referred", 0) > checked.get("people", checked.get("referred", 0)):
        problems.add((*path, "referred"), "value", "转诊人数多于筛查人数")
    return checked


class HearingTestSection:
    """How screenings travel."""

    key = "hearing_test"
    in_envelope = False
    shape = staticmethod(object_of({"screenings": optional_list(screening)}))

    def check(self, section: Mapping[str, Any], path: Path, context: CheckContext) -> None:
        """Keys once, offices and activities that are there."""
        items = section.get("screenings", [])
        context.unique(items, (*path, "screenings"))
        for index, item in enumerate(items):
            if item:
                place = (*path, "screenings", index)
                context.organisation(item.get("organisation"), (*place, "organisation"))
                context.activity(item.get("activity"), (*place, "activity"))

    async def write(self, section: Mapping[str, Any], context: WriteContext) -> None:
        """Insert, update by key, remove the rest."""
        stored = Synchroniser(
            "hearing_test_screening",
            "SELECT * FROM hearing_test_screening WHERE campaign = :campaign",
            ("key",),
        )
        await stored.load(campaign=context.campaign)
        await stored.prune((item["key"],) for item in section["screenings"])
        rows = {(item["key"],): _row(item, context) for item in section["screenings"]}
        for identity, row in rows.items():
            before = stored.now.get(identity, {})
            same = all(before.get(column) == value for column, value in row.items())
            row["sequence"] = before.get("sequence", -1) + (row["held_on"] != before.get("held_on"))
            row["modified_at"] = before["modified_at"] if same else context.now
        await stored.store(rows, campaign=context.campaign)

    async def finish(self, section: Mapping[str, Any], context: WriteContext) -> None:
        """Nothing is left over: no other section points here."""

    async def read(self, campaign: int) -> dict[str, Any]:
        """The section as it is exported."""
        rows = await database.fetch(
            "SELECT s.key, o.key AS organisation, a.key AS activity, s.held_on, s.people,"
            " s.referred FROM hearing_test_screening s"
            " JOIN organisation o ON o.id = s.organisation"
            " LEFT JOIN activity a ON a.id = s.activity WHERE s.campaign = :campaign",
            campaign=campaign,
        )
        for row in rows:
            row["held_on"] = row["held_on"].isoformat()
        return {"screenings": sorted(rows, key=lambda row: row["key"])}


def _row(item: Mapping[str, Any], context: WriteContext) -> dict[str, Any]:
    return {
        "campaign": context.campaign,
        "key": item["key"],
        "organisation": context.organisations[item["organisation"]],
        "activity": None if item["activity"] is None else context.activities[item["activity"]],
        "held_on": item["held_on"],
        "people": item["people"],
        "referred": item["referred"],
    }
