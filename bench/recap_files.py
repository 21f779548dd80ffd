"""A recap of 2,021 offices as a file of each format.

Each file is made by the command line in a process of its own, as the server does it in the
background; the times hold start and end of that process, the memory is its peak. The issue asks
for a docx of 500,000 records within a minute in a few hundred MB.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.bundles import bundle
from bench.measuring import Case, Goal, Result
from core import bundles
from core.permissions import SYSTEM
from core.process import opened
from core.settings import Settings

FORMATS = ("json", "docx", "pdf", "xlsx")
RECORDS = 50_000
ROOT = Path(__file__).parents[1]


def campaign(records: int) -> dict[str, Any]:
    """A campaign of so many records, in which every village has a target and reported figures."""
    made = bundle(records // 3)
    villages = [o["key"] for o in made["organisations"] if o["level"] == "community"]
    made["metrics"] = [
        {"key": "assistive.items", "label": "发放辅助器具", "unit": "件", "aggregation": "sum"}
    ]
    made["targets"] = [
        {"metric": "condolence.visits", "organisation": office["key"], "value": "100"}
        for office in made["organisations"]
    ]
    made["reported"] = [
        {
            "key": f"f-{village}",
            "metric": "assistive.items",
            "organisation": village,
            "activity": None,
            "value": str(place % 7 + 1),
            "basis": "additional",
            "approximate": False,
            "source": "村级台账",
        }
        for place, village in enumerate(villages)
    ]
    return made


async def measured(folder: Path, records: int) -> list[Result]:
    """Import the campaign once, and make a file of each format."""
    path, key_file = folder / "files.db", folder / "bench.key"
    settings = Settings(database_url=f"sqlite:///{path}", key_file=key_file)
    async with opened(settings, migrate=True) as process:
        await bundles.import_document(campaign(records), process.plugins, process.catalogue, SYSTEM)
    environment = {
        **os.environ,
        "TONGXING_DATABASE_URL": f"sqlite:///{path}",
        "TONGXING_KEY_FILE": str(key_file),
    }
    return [
        await asyncio.to_thread(_made, folder / f"recap.{form}", form, records, environment)
        for form in FORMATS
    ]


# A process counts the memory of the one that it was copied from, so that one must be small.
_LAUNCHER = """
import json, resource, subprocess, sys, time
started = time.perf_counter()
status = subprocess.call(sys.argv[1:], stderr=subprocess.DEVNULL)
seconds = time.perf_counter() - started
print(json.dumps([status, seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""


def _made(file: Path, form: str, records: int, environment: dict[str, str]) -> Result:
    command = [sys.executable, "app.py", "recap", "bench", "--format", form, "-o", str(file)]
    launcher = [sys.executable, "-c", _LAUNCHER, *command]
    done = subprocess.run(launcher, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    status, seconds, peak = json.loads(done.stdout)
    if status:
        raise RuntimeError(f"{' '.join(command)} ended with {status}")
    # Linux counts in kB, macOS in bytes.
    megabytes = peak / (1024 if sys.platform != "darwin" else 1024 * 1024)
    where = f"greatest memory {megabytes:.0f} MB, file {file.stat().st_size / 1024:,.0f} kB"
    case = f"recap of 2,021 offices, {records:,} records, {form}"
    goals = (Goal(60.0),) if form == "docx" else ()
    return Result(case, seconds, None, "", "s", where, goals)


async def files(folder: Path) -> list[Result]:
    """A file of each format."""
    return await measured(folder, RECORDS)


CASES = (Case("recap-files", files),)
