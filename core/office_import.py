"""Many offices at once, from a spreadsheet: all of them or none, every fault named by its cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core import audit, closures, database, office_campaigns
from core.bundle_envelope import LEVELS
from core.office_tree import LEVEL_LABELS, Office, Tree, visible
from core.organisations import NAME_LIMIT
from core.permissions import Actor
from core.refusals import Refusal
from core.spreadsheets import CellError, Column, Row, Sheet

MOST = 5_000
KEY = Column(
    "key", "编号", "key", required=True, example="x1-01",
    hint="机构的固定代号，以后不变：字母、数字、点、横线、下划线，最多64位，不能重复",
)  # fmt: skip
NAME = Column("name", "名称", required=True, example="某某街道残联", width=30)
LEVEL = Column(
    "level", "级别", "choice", required=True, example=LEVEL_LABELS["town"],
    choices={label: level for level, label in LEVEL_LABELS.items()},
)  # fmt: skip
PARENT = Column(
    "parent", "上级编号", "key", required=True, example="x1",
    hint="上一级机构的编号：可以是已经有的机构，也可以是这张表里的机构",
)  # fmt: skip
COLUMNS = (KEY, NAME, LEVEL, PARENT)
NOTES = (
    "一行一个机构，上级和下级可以写在同一张表里，先后不限。",
    "已经有的机构再写一遍也不要紧：内容一样的会跳过。",
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a sheet would do: rows of new offices, how many stand already, and what is wrong."""

    new: list[Row]
    unchanged: int
    errors: list[CellError]


class NotImportedError(Refusal):
    """The sheet has errors, named by cell in ``checked``; nothing was written."""

    def __init__(self, checked: Checked) -> None:
        self.checked = checked
        super().__init__(
            *(
                _fault(f"{each.cell} {each.label}：{each.message}".strip("： "))
                for each in checked.errors
            )
        )


def _fault(message: str) -> Any:
    return Refusal.of("value", message).faults[0]


async def check(actor: Actor, sheet: Sheet) -> Checked:
    """Hold a sheet of COLUMNS against the tree as the actor may change it; writes nothing."""
    if len(sheet.rows) > MOST:
        message = f"一次最多导入{MOST:,}个机构，请分成几个文件"
        return Checked([], 0, [CellError(0, "", "", "", message)])
    tree = await visible(actor)
    given = [row.values["key"] for row in sheet.rows if "key" in row.values]
    taken = await database.fetch("SELECT key FROM organisation WHERE key IN (:keys)", keys=given)
    checking = _Checking(sheet, tree, {row["key"] for row in taken}, Counter(given))
    new = [row for row in sheet.rows if not checking.stands(row)]
    errors = [*sheet.errors, *(error for row in new for error in checking.errors(row))]
    return Checked(new, len(sheet.rows) - len(new), sorted(errors, key=lambda e: (e.row, e.cell)))


@dataclass(frozen=True, slots=True)
class _Checking:
    """A sheet, the tree its actor sees, which of its keys are in use, how often it has each."""

    sheet: Sheet
    tree: Tree
    taken: set[str]
    times: Counter[str]

    def stands(self, row: Row) -> bool:
        """Whether the office is there already, just so."""
        office = self.tree.by_key.get(row.values.get("key", ""))
        if office is None or self.times[office.key] > 1:
            return False
        above = office.parent.key if office.parent else None
        return {"name": office.name, "level": office.level, "parent": above} == {
            name: row.values.get(name) for name in ("name", "level", "parent")
        }

    def errors(self, row: Row) -> list[CellError]:
        """What the rules of the tree find wrong with a row of a new office."""
        values = row.values
        found = []
        if (key := values.get("key")) and (sentence := self._key_fault(key)):
            found.append(self.sheet.error(row, KEY, sentence))
        if len(values.get("name", "")) > NAME_LIMIT:
            found.append(self.sheet.error(row, NAME, f"最多 {NAME_LIMIT} 个字"))
        if parent := values.get("parent"):
            column, sentence = self._parent_fault(parent, values.get("level"))
            if sentence:
                found.append(self.sheet.error(row, column, sentence))
        return found

    def _key_fault(self, key: str) -> str:
        if self.times[key] > 1:
            return f"编号“{key}”在表里出现了{self.times[key]}次"
        if key not in self.taken:
            return ""
        office = self.tree.by_key.get(key)
        known = f"：{_described(office)}。要改它，请到它的页面上改" if office else "，请换一个"
        return f"编号“{key}”已经有机构在用{known}"

    def _parent_fault(self, parent: str, level: str | None) -> tuple[Column, str]:
        """The column and sentence of what is wrong with a superior, ``""`` when it is right."""
        office = self.tree.by_key.get(parent)
        if office is not None and office.managed:
            if office.closed_on is not None:
                return PARENT, f"“{office.name}”已停用，不能作为上级"
            above: str | None = office.level
        elif parent in self.times:
            rows = (row for row in self.sheet.rows if row.values.get("key") == parent)
            above = next(rows).values.get("level")
        else:
            return PARENT, f"没有编号为“{parent}”的机构，或者它不在您的范围之内；表里也没有它"
        if above and level and LEVELS.index(above) >= LEVELS.index(level):
            labels = f"{LEVEL_LABELS[level]}，上级“{parent}”是{LEVEL_LABELS[above]}"
            return LEVEL, f"级别应当低于上级：这里是{labels}"
        return LEVEL, ""


def _described(office: Office) -> str:
    return f"{office.name}（{office.level_label}）"


async def write(actor: Actor, sheet: Sheet) -> Checked:
    """Add the offices of a sheet in one transaction; live campaigns take them in.

    Raises NotImportedError, with what is wrong, when anything is.
    """
    async with database.transaction():
        await closures.hold_tree()
        checked = await check(actor, sheet)
        if checked.errors:
            raise NotImportedError(checked)
        if not checked.new:
            return checked
        rows = sorted(checked.new, key=lambda row: LEVELS.index(row.values["level"]))
        # Superiors come first, so that each finds the one above it.
        await database.execute_many(
            "INSERT INTO organisation (key, name, level, parent)"
            " SELECT :key, :name, :level, id FROM organisation WHERE key = :parent",
            [row.values for row in rows],
        )
        await closures.rebuild_organisations()
        ids = await _ids(row.values["key"] for row in rows)
        await office_campaigns.take_in(
            [ids[row.values["key"]] for row in rows if row.values["level"] == level]
            for level in LEVELS
        )
        for row in rows:
            after = {name: row.values[name] for name in ("name", "level", "parent")}
            key = row.values["key"]
            await audit.record(
                actor,
                "organisation.created",
                "organisation",
                key,
                organisation=ids[key],
                after=after,
            )
        return checked


async def _ids(keys: Iterable[str]) -> dict[str, int]:
    rows = await database.fetch(
        "SELECT key, id FROM organisation WHERE key IN (:keys)", keys=list(keys)
    )
    return {row["key"]: row["id"] for row in rows}
