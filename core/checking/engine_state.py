"""The database itself: damaged pages and indexes, references to rows that are not there."""

from __future__ import annotations

import asyncpg

from core import database
from core.checking.complaints import Complaint

FOREIGN_KEYS = """
SELECT c.conname, t.relname AS child, p.relname AS parent,
       a.attname AS child_column, b.attname AS parent_column, c.convalidated
FROM pg_constraint c
JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class p ON p.oid = c.confrelid
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
WHERE c.contype = 'f' AND c.conparentid = 0 AND cardinality(c.conkey) = 1
AND t.relnamespace = current_schema()::regnamespace
ORDER BY t.relname, a.attname
"""
INDEXES = """
SELECT c.oid, c.relname AS index, t.relname AS table, i.indisvalid, m.amname
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_am m ON m.oid = c.relam
WHERE c.relkind = 'i' AND c.relnamespace = current_schema()::regnamespace ORDER BY 2
"""
TABLES = (
    "SELECT relname FROM pg_class WHERE relkind = 'r'"
    " AND relnamespace = current_schema()::regnamespace ORDER BY 1"
)


async def check(*, quick: bool) -> list[Complaint]:
    """What the engine itself can tell. ``quick`` leaves out reading every row and index entry."""
    if database.is_postgresql():
        return await _postgresql(quick=quick)
    return await _sqlite(quick=quick)


async def _sqlite(*, quick: bool) -> list[Complaint]:
    asked = "pragma_quick_check" if quick else "pragma_integrity_check"
    said = [next(iter(row.values())) for row in await database.fetch(f"SELECT * FROM {asked}(100)")]
    complaints = [
        Complaint("damaged", "file", f"数据库文件已损坏：{line}") for line in said if line != "ok"
    ]
    for row in await database.fetch("SELECT * FROM pragma_foreign_key_check"):
        place = f"{row['table']} {row['rowid']}"
        complaints.append(_orphan(place, row["table"], row["rowid"], row["parent"]))
    return complaints


def _orphan(place: str, table: str, row: object, parent: str) -> Complaint:
    return Complaint("orphan", place, f"{table} 第 {row} 行指向的 {parent} 记录已不存在")


async def _postgresql(*, quick: bool) -> list[Complaint]:
    async with database.transaction():
        # A scan of a large table takes longer than any page may.
        await database.execute("SET LOCAL statement_timeout = 0")
        complaints = await _references()
        complaints += await _indexes(quick=quick)
        if not quick:
            complaints += await _pages()
    return complaints


async def _references() -> list[Complaint]:
    complaints: list[Complaint] = []
    for key in await database.fetch(FOREIGN_KEYS):
        child, parent = key["child"], key["parent"]
        if not key["convalidated"]:
            complaints.append(
                Complaint("not_validated", f"{child} {key['conname']}", f"{child} 的外键没有验证过")
            )
        rows = await database.fetch(
            f'SELECT c.id FROM "{child}" c LEFT JOIN "{parent}" p'
            f' ON p."{key["parent_column"]}" = c."{key["child_column"]}"'
            f' WHERE c."{key["child_column"]}" IS NOT NULL AND p."{key["parent_column"]}" IS NULL'
            " ORDER BY 1 LIMIT 100"
        )
        complaints += [_orphan(f"{child} {row['id']}", child, row["id"], parent) for row in rows]
    return complaints


async def _indexes(*, quick: bool) -> list[Complaint]:
    complaints: list[Complaint] = []
    able = await database.fetch_value("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'")
    for index in await database.fetch(INDEXES):
        place = f"{index['table']} {index['index']}"
        if not index["indisvalid"]:
            complaints.append(
                Complaint("index_invalid", place, f"{index['table']} 的索引 {index['index']} 无效")
            )
        elif able and index["amname"] == "btree":
            complaints += await _index(index["index"], place, whole=not quick)
    return complaints


async def _index(name: str, place: str, *, whole: bool) -> list[Complaint]:
    try:
        async with database.transaction():
            await database.execute(
                "SELECT bt_index_check(CAST(CAST(:name AS TEXT) AS regclass), :whole)",
                name=f'"{name}"',
                whole=whole,
            )
    except asyncpg.InsufficientPrivilegeError:
        return []
    except asyncpg.PostgresError as error:
        return [Complaint("damaged", place, f"索引 {name} 已损坏：{error}")]
    return []


async def _pages() -> list[Complaint]:
    """Every row is read to its last byte: a damaged page makes the server say so."""
    complaints: list[Complaint] = []
    for row in await database.fetch(TABLES):
        table = row["relname"]
        try:
            async with database.transaction():
                await database.execute(
                    f'SELECT SUM(OCTET_LENGTH(CAST(t.* AS TEXT))) FROM "{table}" AS t'
                )
        except asyncpg.PostgresError as error:
            complaints.append(Complaint("damaged", table, f"表 {table} 已损坏：{error}"))
    return complaints
