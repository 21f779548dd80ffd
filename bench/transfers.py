"""Bundles in and out, beside decoding or encoding JSON and writing or reading rows by hand."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path

from bench.bundles import bundle
from bench.databases import migrated, sqlite_url
from bench.measuring import Case, Result, compare
from core import bundles
from core.documents import canonical
from core.permissions import SYSTEM

LINES = 10_000


async def importing(folder: Path) -> list[Result]:
    """A whole import into an empty campaign, beside writing the same number of rows by hand."""
    data = canonical(bundle(LINES)).encode()
    empty = bundle(0)
    async with migrated(folder, sqlite_url(folder, "import")) as process:

        async def project() -> None:
            await bundles.import_document(empty, process.plugins, process.catalogue, SYSTEM)
            await bundles.import_bundle(data, process.plugins, process.catalogue, SYSTEM)

        async def limit() -> None:
            await asyncio.to_thread(_bare_rows, folder / "bare.db", data)

        return [
            await compare(
                f"import {3 * LINES:,} records",
                project,
                limit,
                "json + sqlite3 executemany",
                runs=3,
            )
        ]


def _bare_rows(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    section = json.loads(data)["plugins"]["condolence"]
    connection = sqlite3.connect(path)
    connection.executescript(
        "PRAGMA journal_mode=WAL; CREATE TABLE p (key TEXT UNIQUE, kind TEXT, name TEXT, o TEXT);"
        "CREATE TABLE l (r TEXT, p TEXT, cash INT, s TEXT); CREATE TABLE g (p TEXT, q INT, v INT);"
    )
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


CASES = (Case("import", importing),)
