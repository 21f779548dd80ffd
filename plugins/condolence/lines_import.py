"""A spreadsheet of who gets what in a round; recipients that are new are entered with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.kit.records import Batch, Resource, Work
from api.kit.records.checking import review
from api.kit.records.resource import Target
from api.kit.records.sheets import Preset, Review, errors_of, given_rows, sheet_columns
from api.kit.records.writing import hold, record_many, store
from core import database, privacy
from core.refusals import Fault, Missing, Refusal
from core.spreadsheets import Column, Sheet
from plugins.condolence.records import LINES, RECIPIENTS

Places = Mapping[tuple[int, str], str]


@dataclass(frozen=True, slots=True)
class Matched:
    """The rows' recipients: all of them checked, and which of them are new."""

    batch: Batch
    new: Sequence[int]
    failed: Places

    @property
    def keys(self) -> list[str]:
        """Each row's recipient by key."""
        return [str(entry.given["key"]) for entry in self.batch.entries]

    def targets(self) -> dict[str, Target]:
        """The recipients as lines point at them, the new ones too."""
        return {
            key: Target(entry.id or 0, key, "", entry.office, reachable=True)
            for key, entry in zip(self.keys, self.batch.entries, strict=True)
            if entry.stored is None
        }


class LineIntake:
    """One row a recipient; the round comes from the page's address."""

    resource: Resource = LINES

    def columns(self, preset: Preset) -> list[Column]:
        """Name, kind, office, members and key of the recipient; cash, goods, status of the line."""
        if LINES.within not in preset:
            raise Missing("请先打开一批走访，再从它的页面导入")
        return [
            *(c for c in sheet_columns(RECIPIENTS, {}) if c.name != "key"),
            *sheet_columns(LINES, {**preset, "recipient": ""}),
            *(c for c in sheet_columns(RECIPIENTS, {}) if c.name == "key"),
        ]

    def passed_over(self, preset: Preset) -> list[Column]:
        """Nothing else."""
        del preset
        return []

    async def review(self, work: Work, sheet: Sheet, preset: Preset) -> Review:
        """Check all rows: their recipients, then their lines."""
        matched = await match(work, sheet)
        return self._told(sheet, preset, matched, await _lines(work, sheet, preset, matched))

    async def write(self, work: Work, sheet: Sheet, preset: Preset, filename: str) -> Review:
        """New recipients first, then the lines. Raises Refusal."""
        async with database.transaction():
            await hold(work, LINES)
            matched = await match(work, sheet)
            new = Batch(
                work,
                RECIPIENTS,
                [matched.batch.entries[index] for index in matched.new],
                targets=matched.batch.targets,
            )
            if not matched.batch.problems.found and new.entries:
                await store(new)
                await record_many(new, filename)
            lines = await _lines(work, sheet, preset, matched)
            told = self._told(sheet, preset, matched, lines)
            if told.errors:
                raise Refusal(*(Fault("", "value", error.message) for error in told.errors))
            await store(lines)
            await record_many(lines, filename)
        return told

    def _told(self, sheet: Sheet, preset: Preset, matched: Matched, lines: Batch) -> Review:
        failed = {**matched.failed, **given_rows(LINES, sheet, {**preset, "recipient": ""})[1]}
        faults = [*matched.batch.problems.found, *lines.problems.found]
        errors = errors_of(sheet, self.columns(preset), faults, failed)
        new = len(matched.new)
        warnings = [f"其中{new}个对象还没有登记过，会一并登记。"] if new else []
        return Review(len(lines.added), len(lines.changed), errors, warnings, sheet.rows)


async def match(work: Work, sheet: Sheet) -> Matched:
    """Find each row's recipient: by its key, else by name, kind and office; else it is new."""
    given, failed = given_rows(RECIPIENTS, sheet, {})
    batch = await review(work, RECIPIENTS, given, mode="put", by_label=True, failed=failed)
    known = await _known(batch)
    seen: dict[tuple[Any, ...], int] = {}
    new: list[int] = []
    for index, entry in enumerate(batch.entries):
        item = entry.item
        if given[index].get("key") is not None:
            if entry.stored is None:
                new.append(index)
            elif item.get("name") != entry.stored["name"] and "name" in item:
                batch.fail(index, "key", "value", "这个编号登记的是别的名字，请核对")
            continue
        if not {"name", "kind", "organisation"} <= item.keys():
            continue
        identity = (privacy.index(item["name"], "name"), item["kind"], item["organisation"])
        if identity in seen:
            row = sheet.rows[seen[identity]].number
            message = f"和第{row}行是同一个对象，一批走访里只能有一行；不是同一个的，请填编号"
            batch.fail(index, "name", "duplicate", message)
        seen.setdefault(identity, index)
        found = known.get(identity, [])
        if len(found) > 1:
            message = f"登记过{len(found)}个同名的对象，请在“编号”一列写明是哪一个"
            batch.fail(index, "name", "value", message)
        elif found:
            entry.given["key"] = found[0]["key"]
            entry.stored = found[0]
        else:
            new.append(index)
    return Matched(batch, new, failed)


async def _known(batch: Batch) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    """Recipients of the campaign by index of the name, kind and office. One statement."""
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in await database.fetch(
        "SELECT p.id, p.key, p.kind, p.name_index, p.organisation AS office,"
        " o.key AS organisation FROM condolence_recipient p"
        " JOIN organisation o ON o.id = p.organisation WHERE p.campaign = :campaign",
        campaign=batch.work.campaign.id,
    ):
        found.setdefault((row["name_index"], row["kind"], row["organisation"]), []).append(row)
    return found


async def _lines(work: Work, sheet: Sheet, preset: Preset, matched: Matched) -> Batch:
    """The rows' lines, checked."""
    given, failed = given_rows(LINES, sheet, {**preset, "recipient": ""})
    items = [{**item, "recipient": key} for item, key in zip(given, matched.keys, strict=True)]
    # What is wrong with a recipient has been said at its own cells.
    wrong = {index for index, _ in matched.batch.places}
    return await review(
        work,
        LINES,
        items,
        mode="put",
        failed={**failed, **{(index, "recipient"): "" for index in wrong}},
        known={"recipient": matched.targets()},
    )
