"""``python -m core.checking.fresh_schema FILE``: the indexes of a new SQLite database, as JSON.

A process of its own, since a process has one database.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import astuple
from pathlib import Path
from urllib.parse import quote

from core import database, migrating
from core.checking import indexes
from core.process import prepare
from core.settings import Settings


async def tell(path: Path) -> str:
    """Make the database, and tell which indexes it has: a list of the members of each."""
    prepare(Settings(f"sqlite:///{quote(str(path))}", path.with_suffix(".key")), patient=True)
    async with database.running():
        await migrating.migrate()
        return json.dumps([astuple(index) for index in await indexes.there()])


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(tell(Path(sys.argv[1]))))
