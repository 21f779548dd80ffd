"""What the application does when it starts."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from datetime import timedelta

from api.kit.idempotency import KEPT_FOR
from app import create_app
from core import database, moments
from core.settings import ROOT, Settings


async def test_answers_to_repeats_are_forgotten_after_two_days(migrated_url, key_file):
    settings = Settings(migrated_url, key_file)
    async with create_app(settings).lifespan():
        for key, age in (("old", KEPT_FOR + timedelta(hours=1)), ("new", timedelta())):
            await database.execute(
                "INSERT INTO idempotency_key (actor, key, request_hash, status, body, created_at)"
                " VALUES ('a', :key, '', 201, '', :at)",
                key=key,
                at=moments.now() - age,
            )
    async with create_app(settings).lifespan():
        rows = await database.fetch("SELECT key FROM idempotency_key")
    assert rows == [{"key": "new"}]


# Each takes tens of milliseconds or megabytes, and is loaded by what first needs it.
HEAVY = (
    "PIL", "blib2to3", "chinese_calendar", "cn2an", "docx", "icalendar", "lunar_python", "lxml",
    "matplotlib", "numpy", "openpyxl", "pydantic", "segno", "typst",
)  # fmt: skip
STARTED = """
import asyncio, gc, sys
import app

async def started():
    async with app.served_app().lifespan():
        return sorted({name.partition(".")[0] for name in sys.modules})

loaded = asyncio.run(started())
print(gc.get_freeze_count(), gc.isenabled(), *loaded)
"""


def test_a_server_starts_without_what_only_some_requests_need(migrated_url, key_file):
    environment = {
        **os.environ,
        "TONGXING_DATABASE_URL": migrated_url,
        "TONGXING_KEY_FILE": str(key_file),
    }
    done = subprocess.run(
        [sys.executable, "-c", STARTED],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    frozen, collecting, *loaded = done.stdout.split()
    assert {"litestar", "piccolo", "plugins"} <= set(loaded)
    assert [name for name in HEAVY if name in loaded] == []
    assert [name for name in HEAVY if importlib.util.find_spec(name) is None] == []
    # What start-up made is not looked through for garbage again; what comes later is.
    assert int(frozen) > 100_000
    assert collecting == "True"
