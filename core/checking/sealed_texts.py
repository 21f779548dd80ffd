"""Whether everything that is sealed can be opened with the key file, in whatever table it lies.

Beside some of it lies its index, by which it is looked up: that has to be the index of this text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from piccolo.columns import BigSerial, Serial, Text, Varchar
from piccolo.table import TABLE_REGISTRY, Table

from core import database, privacy
from core.checking.complaints import Complaint
from core.privacy.keys import INDEX_DIGITS

BATCH = 500
# Rows of each table that a quick check opens, the newest.
SAMPLE = 200
# An index by its form; what was erased has another, or none.
INDEX = re.compile(rf"[0-9a-f]{{{INDEX_DIGITS}}}")
ENDING = "_sealed"
SEALED = re.compile(r"v1:[0-9a-f]{8}:[A-Za-z0-9+/]+={0,2}")


async def check(*, quick: bool = False) -> list[Complaint]:
    """Open every sealed text; ``quick`` opens the newest few of each table."""
    complaints: list[Complaint] = []
    for table in sorted(set(TABLE_REGISTRY), key=lambda found: found._meta.tablename):
        columns = _columns(table)
        if not columns or not await table.table_exists():
            continue
        name = table._meta.tablename
        complaints += await _table(name, columns, SAMPLE if quick else None)
    return complaints


def _columns(table: type[Table]) -> list[str]:
    """Columns of text, where the table has numbered rows."""
    if not isinstance(table._meta.primary_key, BigSerial | Serial):
        return []
    return [
        column._meta.db_column_name
        for column in table._meta.columns
        if isinstance(column, Text | Varchar)
    ]


async def _table(name: str, columns: list[str], sample: int | None) -> list[Complaint]:
    # Those that are always sealed are named so; elsewhere a sealed text is known by its form.
    sealed = [column for column in columns if column.endswith(ENDING)]
    looked = [f"{column} LIKE 'v1:%'" for column in columns]
    looked += [f"{column} IS NOT NULL" for column in sealed]
    condition = " OR ".join(looked)
    complaints: list[Complaint] = []
    before: int = 2**62
    left = sample
    while left is None or left > 0:
        rows = await database.fetch(
            f"SELECT id, {', '.join(columns)} FROM {name}"
            f" WHERE id < CAST(:before AS BIGINT) AND ({condition})"
            " ORDER BY id DESC LIMIT :batch",
            before=before,
            batch=BATCH if left is None else min(BATCH, left),
        )
        for row in rows:
            complaints += _row(name, row, sealed)
        if not rows:
            break
        before = rows[-1]["id"]
        left = None if left is None else left - len(rows)
    return complaints


def _row(name: str, row: dict[str, Any], sealed: list[str]) -> Iterator[Complaint]:
    for column, value in row.items():
        if column == "id" or value is None:
            continue
        if column not in sealed and not (isinstance(value, str) and SEALED.fullmatch(value)):
            continue
        try:
            if not isinstance(value, str):  # SQLite keeps whatever was put into a column
                raise privacy.UnsealError("加密内容的格式不对，可能已损坏")
            text = privacy.unseal(value)
        except privacy.UnsealError as error:
            place = f"{name} {row['id']}"
            yield Complaint("not_opened", place, f"{name} 第 {row['id']} 行的 {column}：{error}")
            continue
        name_of = column.removesuffix(ENDING)
        if _is_another(text, name_of, row.get(f"{name_of}_index")):
            message = f"{name} 第 {row['id']} 行的 {name_of}_index 与加密内容对不上，按它查找会找错"
            yield Complaint("index_wrong", f"{name} {row['id']}", message)


def _is_another(text: str, column: str, index: object) -> bool:
    """Whether an index is that of another text; names of people are looked up as one kind."""
    if not isinstance(index, str) or not INDEX.fullmatch(index):
        return False
    return all(index != privacy.index(text, purpose) for purpose in (column, "name"))
