"""Records in a spreadsheet: read, previewed with every error at its cell, and written at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from api.kit.records import checking, values, writing
from api.kit.records.fields import ABSENT, Field
from api.kit.records.fields import Row as Record
from api.kit.records.reading import LARGEST_EXPORT, Where, fetch, order_of, scope
from api.kit.records.resource import Batch, Resource, Target, Work
from core import database, spreadsheets
from core.permissions import scope_sql
from core.refusals import Fault, Refusal
from core.spreadsheets import CellError, Column, Row, Sheet

Preset = Mapping[str, str]
OWN_OFFICE_HINT = "机构名称或编号；只管一个机构的可以空着"
POINTING_HINT = "名称或编号"


@dataclass(frozen=True, slots=True)
class Review:
    """What an import would do: how many records are new and changed, and what is wrong or odd."""

    added: int = 0
    changed: int = 0
    errors: Sequence[CellError] = ()
    warnings: Sequence[str] = ()
    rows: Sequence[Row] = field(default_factory=list)


class Intake(Protocol):
    """How rows of a spreadsheet become records. ``preset`` are values from the page's address."""

    resource: Resource

    def columns(self, preset: Preset) -> list[Column]:
        """The columns of the file."""

    def passed_over(self, preset: Preset) -> list[Column]:
        """Columns that an export has besides: they may be there and are not read."""

    async def review(self, work: Work, sheet: Sheet, preset: Preset) -> Review:
        """Everything that is wrong, and what would be written; writes nothing."""

    async def write(self, work: Work, sheet: Sheet, preset: Preset, filename: str) -> Review:
        """Write all rows or none. Raises Refusal."""


async def read(data: bytes, filename: str, columns: Sequence[Column]) -> Sheet:
    """``core.spreadsheets.read`` beside the event loop."""
    return await asyncio.to_thread(spreadsheets.read, data, filename, columns)


def sheet_fields(resource: Resource, preset: Preset) -> list[Field]:
    """The fields that a spreadsheet of the resource holds: those entered, but for preset ones."""
    return [
        one for one in resource.fields if one.entered and not one.derived and one.name not in preset
    ]


def sheet_columns(resource: Resource, preset: Preset) -> list[Column]:
    """The columns of those fields. The only office somebody works for may be left blank."""
    columns = []
    for one in sheet_fields(resource, preset):
        column = values.column(one, required=False if one.name in {resource.owner, "key"} else None)
        if one.points and not one.hint:
            hint = OWN_OFFICE_HINT if one.name == resource.owner else POINTING_HINT
            column = replace(column, hint=hint)
        columns.append(column)
    return columns


def given_rows(
    resource: Resource, sheet: Sheet, preset: Preset
) -> tuple[list[dict[str, Any]], dict[tuple[int, str], str]]:
    """The rows as a bundle's items, and the places (row's index, member) that cannot be read.

    A place's text is a sentence that no cell error says yet, or "".
    """
    wrong = {(error.row, error.column): "" for error in sheet.errors}
    given: list[dict[str, Any]] = []
    failed: dict[tuple[int, str], str] = {}
    for index, row in enumerate(sheet.rows):
        found: dict[str, Any] = dict(preset)
        for one in sheet_fields(resource, preset):
            if (row.number, one.name) in wrong:
                failed[index, one.name] = ""
                continue
            try:
                value = values.given(one, row.values.get(one.name))
            except ValueError as error:
                failed[index, one.name] = str(error)
                continue
            if value is not ABSENT:
                found[one.name] = value
        given.append(found)
    return given, failed


def cell_error(
    sheet: Sheet, columns: Mapping[str, Column], place: tuple[int, str], message: str
) -> CellError:
    """An error at the cell of a row (by its index) and a column; at the row when it has none."""
    index, name = place
    number = sheet.rows[index].number
    letter = sheet.letters.get(name, "")
    known = columns.get(name)
    if known is None or not letter:
        what = f"{known.label}：" if known else ""
        first = next(iter(sheet.letters), "")
        return CellError(
            number, first, f"{sheet.letters.get(first, '')}{number}", "", what + message
        )
    return CellError(number, name, f"{letter}{number}", known.label, message)


def errors_of(
    sheet: Sheet,
    columns: Sequence[Column],
    faults: Sequence[Fault],
    failed: Mapping[tuple[int, str], str],
) -> list[CellError]:
    """All errors in the order of cells: those of reading, of converting and of checking."""
    by_name = {column.name: column for column in columns}
    found = list(sheet.errors)
    found += [
        cell_error(sheet, by_name, (index, name), message)
        for (index, name), message in failed.items()
        if message
    ]
    for fault in faults:
        index, _, member = fault.pointer.lstrip("/").partition("/")
        found.append(cell_error(sheet, by_name, (int(index), member.split("/")[0]), fault.message))
    order = {name: place for place, name in enumerate(sheet.letters)}
    return sorted(found, key=lambda error: (error.row, order.get(error.column, -1)))


class ResourceIntake:
    """A spreadsheet with one record a row; a row whose key is known replaces that record."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource

    def columns(self, preset: Preset) -> list[Column]:
        """The resource's entered fields."""
        return sheet_columns(self.resource, preset)

    def passed_over(self, preset: Preset) -> list[Column]:
        """What exports say about records without it being entered."""
        entered = {column.name for column in self.columns(preset)}
        return [c for c in export_columns(self.resource) if c.name not in entered]

    def known(self, given: Sequence[Mapping[str, Any]]) -> Mapping[str, Mapping[str, Target]]:
        """What the rows may point at though it is written with them, by field and key."""
        del given
        return {}

    async def _batch(self, work: Work, sheet: Sheet, preset: Preset) -> tuple[Batch, Review]:
        given, failed = given_rows(self.resource, sheet, preset)
        batch = await checking.review(
            work,
            self.resource,
            given,
            mode="put",
            by_label=True,
            failed=failed,
            known=self.known(given),
        )
        errors = errors_of(sheet, self.columns(preset), batch.problems.found, failed)
        added, changed = len(batch.added), len(batch.changed)
        return batch, Review(added, changed, errors, batch.warnings, sheet.rows)

    async def review(self, work: Work, sheet: Sheet, preset: Preset) -> Review:
        """Check all rows."""
        return (await self._batch(work, sheet, preset))[1]

    async def write(self, work: Work, sheet: Sheet, preset: Preset, filename: str) -> Review:
        """Check again, and write. Raises Refusal."""
        async with database.transaction():
            await writing.hold(work, self.resource)
            batch, review = await self._batch(work, sheet, preset)
            if review.errors:
                raise Refusal(*(Fault("", "value", error.message) for error in review.errors))
            await writing.store(batch)
            await writing.record_many(batch, filename)
        return review


LABEL = "_label"


def export_columns(resource: Resource) -> list[Column]:
    """The columns of an export: of somebody's sealed name beside his key, too."""
    columns: list[Column] = []
    for one in resource.fields:
        if not one.shown:
            continue
        columns.append(values.column(one, required=False))
        if one.reference and one.reference.sealed:
            columns.append(Column(one.name + LABEL, f"{one.label}（姓名）"))
    return columns


def export_cells(resource: Resource, row: Record, *, masked: bool) -> dict[str, Any]:
    """A row of an export. What points at somebody is exported by key, so that it can come back."""
    cells: dict[str, Any] = {}
    for one in resource.fields:
        cells[one.name] = values.cell(one, row, masked=masked)
        if one.reference and one.reference.sealed:
            cells[one.name] = row.get(one.name)
            cells[one.name + LABEL] = values.shown(one, row, masked=masked)
    return cells


async def export(
    work: Work, resource: Resource, where: Where, *, unmasked: bool
) -> tuple[bytes, list[Record]]:
    """The list as an xlsx file, and its rows. Unmasked are the names that the actor may see."""
    asked = Where(list(where.conditions), dict(where.values))
    scope(resource, work, resource.view, asked)
    rows = await fetch(work, resource, asked, order=order_of(resource)[0], limit=LARGEST_EXPORT)
    full = await _unmasked_offices(work) if unmasked else frozenset()
    columns = export_columns(resource)
    cells = [export_cells(resource, row, masked=row["office"] not in full) for row in rows]
    return await asyncio.to_thread(spreadsheets.write, resource.title, columns, cells), rows


async def _unmasked_offices(work: Work) -> frozenset[int]:
    """The offices whose people's names the actor may read in full."""
    sql, parameters = scope_sql(work.actor, "personal.unmask")
    return frozenset(
        row["id"]
        for row in await database.fetch(
            f"SELECT id FROM organisation WHERE id IN ({sql})", **parameters
        )
    )
