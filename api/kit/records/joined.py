"""A spreadsheet of records that each point at somebody: who is new is entered along with them.

A round's lines name recipients, a fair's list names seekers: whoever fills in such a list should
not have to enter everybody beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.kit.records import checking
from api.kit.records.reading import Where, fetch, scope
from api.kit.records.resource import Batch, Entry, Resource, Target, Work
from api.kit.records.sheets import Preset, Review, errors_of, given_rows, sheet_columns
from api.kit.records.writing import hold, record_many, store
from core import database
from core.privacy import normalised
from core.refusals import Fault, Missing, Refusal
from core.spreadsheets import Column, Sheet

Places = Mapping[tuple[int, str], str]
OTHER_NAME = "这个编号登记的是别的名字，请核对"
REPEATED = "和第{}行是同一个，一份名单里只能有一行；不是同一个的，请填编号"
SEVERAL = "登记过{}个同名的，请在“编号”一列写明是哪一个"


@dataclass(frozen=True, slots=True)
class Matched:
    """Whom the rows name: all of them checked, and which of them are new."""

    batch: Batch
    new: Sequence[int]
    failed: Places

    @property
    def keys(self) -> list[str]:
        """Each row's somebody, by key; "" for one whose key could not be read."""
        return [str(entry.given.get("key", "")) for entry in self.batch.entries]

    def targets(self) -> dict[str, Target]:
        """The new ones, as records point at them."""
        return {
            key: Target(entry.id or 0, key, "", entry.office, reachable=True)
            for key, entry in zip(self.keys, self.batch.entries, strict=True)
            if key and entry.stored is None
        }


class JoinedIntake:
    """One row a record of ``resource``, whose ``field`` points at one of ``parents``.

    Parents are known by their key, else by the members ``alike`` (the first is the name); who is
    not known is entered. ``resource.within`` comes from the page's address. ``what`` names parents
    with their counter: 个求职者.
    """

    def __init__(
        self, resource: Resource, parents: Resource, field: str, alike: tuple[str, ...], what: str
    ) -> None:
        self.resource = resource
        self._parents = parents
        self._field = field
        self._alike = alike
        self._what = what

    def columns(self, preset: Preset) -> list[Column]:
        """What tells the parent, what the record holds, and the parent's key."""
        if self.resource.within not in preset:
            within = self.resource.by_name[self.resource.within].label
            raise Missing(f"请先打开一个“{within}”，再从它的页面导入")
        parents = sheet_columns(self._parents, {})
        return [
            *(column for column in parents if column.name != "key"),
            *sheet_columns(self.resource, self._fixed(preset)),
            *(column for column in parents if column.name == "key"),
        ]

    def passed_over(self, preset: Preset) -> list[Column]:
        """Nothing else."""
        del preset
        return []

    def _fixed(self, preset: Preset) -> dict[str, str]:
        """Members of the record that its own columns do not give."""
        return {**preset, self._field: ""}

    async def review(self, work: Work, sheet: Sheet, preset: Preset) -> Review:
        """Check all rows: whom they name, then their records."""
        matched = await self._match(work, sheet)
        return self._told(sheet, preset, matched, await self._records(work, sheet, preset, matched))

    async def write(self, work: Work, sheet: Sheet, preset: Preset, filename: str) -> Review:
        """Those who are new first, then the records. Raises Refusal."""
        async with database.transaction():
            await hold(work, self.resource)
            matched = await self._match(work, sheet)
            entries = [matched.batch.entries[index] for index in matched.new]
            if entries and not matched.batch.problems.found:
                new = Batch(work, self._parents, entries, targets=matched.batch.targets)
                await store(new)
                await record_many(new, filename)
            records = await self._records(work, sheet, preset, matched)
            told = self._told(sheet, preset, matched, records)
            if told.errors:
                raise Refusal(*(Fault("", "value", error.message) for error in told.errors))
            await store(records)
            await record_many(records, filename)
        return told

    def _told(self, sheet: Sheet, preset: Preset, matched: Matched, records: Batch) -> Review:
        failed = {
            **matched.failed,
            **given_rows(self.resource, sheet, self._fixed(preset))[1],
        }
        faults = [*matched.batch.problems.found, *records.problems.found]
        errors = errors_of(sheet, self.columns(preset), faults, failed)
        new = len(matched.new)
        warnings = [f"其中{new}{self._what}还没有登记过，会一并登记。"] if new else []
        return Review(
            len(records.added),
            len(records.changed),
            errors,
            [*warnings, *records.warnings],
            sheet.rows,
        )

    async def _match(self, work: Work, sheet: Sheet) -> Matched:
        """Find whom each row names: by key, else by what is alike; else it is somebody new."""
        given, failed = given_rows(self._parents, sheet, {})
        keyed = [each.get("key") is not None for each in given]
        batch = await checking.review(
            work, self._parents, given, mode="put", by_label=True, failed=failed
        )
        known = await self._known(work)
        seen: dict[tuple[Any, ...], int] = {}
        new: list[int] = []
        for index, entry in enumerate(batch.entries):
            if keyed[index]:
                self._check_name(batch, index, entry)
                if entry.stored is None:
                    new.append(index)
                continue
            identity = self._identity(entry.item)
            if identity is None:
                continue
            if identity in seen:
                message = REPEATED.format(sheet.rows[seen[identity]].number)
                batch.fail(index, self._alike[0], "duplicate", message)
            seen.setdefault(identity, index)
            found = known.get(identity, [])
            if len(found) > 1:
                batch.fail(index, self._alike[0], "value", SEVERAL.format(len(found)))
            elif found:
                entry.given["key"], entry.stored = found[0]["key"], found[0]
            else:
                new.append(index)
        return Matched(batch, new, failed)

    def _check_name(self, batch: Batch, index: int, entry: Entry) -> None:
        """A key that is known must stand beside the name that it was given to."""
        name = self._alike[0]
        if entry.stored is None or name not in entry.item:
            return
        if normalised(entry.item[name]) != normalised(entry.stored[name]):
            batch.fail(index, "key", "value", OTHER_NAME)

    def _identity(self, item: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """What tells two of them apart; None while a part of it is missing."""
        if any(name not in item for name in self._alike):
            return None
        first, *rest = (item[name] for name in self._alike)
        return (normalised(first), *rest)

    async def _known(self, work: Work) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
        """Everybody of the campaign whom the actor may change, by what is alike."""
        where = Where()
        scope(self._parents, work, self._parents.edit, where)
        found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for row in await fetch(work, self._parents, where):
            identity = self._identity(row)
            if identity is not None:
                found.setdefault(identity, []).append(row)
        return found

    async def _records(self, work: Work, sheet: Sheet, preset: Preset, matched: Matched) -> Batch:
        """The rows' records, checked."""
        given, failed = given_rows(self.resource, sheet, self._fixed(preset))
        items = [{**item, self._field: key} for item, key in zip(given, matched.keys, strict=True)]
        # What is wrong with a parent has been said at its own cells.
        wrong = {index for index, _ in matched.batch.places}
        return await checking.review(
            work,
            self.resource,
            items,
            mode="put",
            failed={**failed, **{(index, self._field): "" for index in wrong}},
            known={self._field: matched.targets()},
        )
