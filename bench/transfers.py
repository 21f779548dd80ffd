"""Bundles in and out, beside decoding or encoding JSON and writing or reading rows by hand.

A record is a recipient, a line of a visit or a kind of goods. The limit checks nothing, seals no
name, keeps no history and has no foreign keys: it is what the file and the database ask for.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.bundles import bundle
from bench.databases import migrated, sqlite_url
from bench.measuring import Case, Goal, Result, compare, profiled, sql_share
from core import bundles
from core.documents import canonical_bytes
from core.permissions import SYSTEM

LINES = 33_334
RECORDS = 3 * LINES
PARTS = {
    "JSON": ("json", "documents.py"),
    "shapes and references": ("shapes.py", "_check", "unique", "known", "fullmatch", "numbers.py"),
    "names sealed and indexed": ("privacy", "_rust", "base64", "binascii", "hmac", "normalize"),
    "SQL": ("sqlite", "core/database"),
}
TABLES = (
    "PRAGMA journal_mode=WAL; CREATE TABLE p (key TEXT UNIQUE, kind TEXT, name TEXT, o TEXT);"
    "CREATE TABLE l (r TEXT, p TEXT, cash INT, s TEXT); CREATE TABLE g (p TEXT, q INT, v INT);"
)


async def importing(folder: Path) -> list[Result]:
    """A whole import into an empty campaign, and the same file again."""
    data = canonical_bytes(bundle(LINES))
    empty = bundle(0)
    async with migrated(folder, sqlite_url(folder, "import")) as process:

        async def emptied() -> None:
            await bundles.import_document(empty, process.plugins, process.catalogue, SYSTEM)

        async def project() -> None:
            await bundles.import_bundle(data, process.plugins, process.catalogue, SYSTEM)

        async def limit() -> None:
            await asyncio.to_thread(_bare_rows, folder / "bare.db", data)

        await emptied()
        where = await sql_share(project)
        await emptied()
        where = f"{where}; {await profiled(project, PARTS)}"
        name = "json + sqlite3 executemany"
        first = await compare(
            f"import of {RECORDS:,} records",
            project,
            limit,
            name,
            runs=3,
            things=RECORDS,
            before=emptied,
            where=where,
            goals=(Goal(20_000, at_least=True),),
        )
        where = await sql_share(project)
        again = await compare(
            f"the same {RECORDS:,} again",
            project,
            limit,
            name,
            runs=3,
            things=RECORDS,
            where=where,
        )
        return [first, again]


async def exporting(folder: Path) -> list[Result]:
    """A whole campaign as a file."""
    async with migrated(folder, sqlite_url(folder, "export")) as process:
        key = await bundles.import_document(
            bundle(LINES), process.plugins, process.catalogue, SYSTEM
        )
        _bare_rows(folder / "bare.db", canonical_bytes(bundle(LINES)))

        async def project() -> None:
            await bundles.export_bytes(key, process.plugins)

        async def limit() -> None:
            await asyncio.to_thread(_bare_document, folder / "bare.db")

        where = f"{await sql_share(project)}; {await profiled(project, PARTS)}"
        return [
            await compare(
                f"export of {RECORDS:,} records",
                project,
                limit,
                "sqlite3 + json, indented",
                things=RECORDS,
                where=where,
            )
        ]


def _bare_rows(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    section = json.loads(data)["plugins"]["condolence"]
    connection = sqlite3.connect(path)
    connection.executescript(TABLES)
    with connection:
        people = [
            (p["key"], p["kind"], p["name"], p["organisation"]) for p in section["recipients"]
        ]
        lines = [(r["key"], line) for r in section["rounds"] for line in r["lines"]]
        connection.executemany("INSERT INTO p VALUES (?, ?, ?, ?)", people)
        connection.executemany(
            "INSERT INTO l VALUES (?, ?, ?, ?)",
            [(key, line["recipient"], 30000, line["status"]) for key, line in lines],
        )
        connection.executemany(
            "INSERT INTO g VALUES (?, ?, ?)",
            [(line["recipient"], g["quantity"], 6000) for _, line in lines for g in line["goods"]],
        )
    connection.close()


def _bare_document(path: Path) -> str:
    connection = sqlite3.connect(path)
    goods: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for person, quantity, value in connection.execute("SELECT p, q, v FROM g"):
        goods[person].append({"quantity": quantity, "unit_value": f"{value / 100:.2f}"})
    rounds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for key, person, cash, status in connection.execute("SELECT r, p, cash, s FROM l ORDER BY r"):
        line = {"recipient": person, "cash": f"{cash / 100:.2f}", "status": status}
        rounds[key].append({**line, "goods": goods[person]})
    people = [
        {"key": key, "kind": kind, "name": name, "organisation": office}
        for key, kind, name, office in connection.execute("SELECT * FROM p ORDER BY key")
    ]
    connection.close()
    document = {
        "recipients": people,
        "rounds": [{"key": key, "lines": lines} for key, lines in rounds.items()],
    }
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True)


CASES = (Case("import", importing), Case("export", exporting))
