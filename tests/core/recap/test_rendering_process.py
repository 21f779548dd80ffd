"""The process beside the server that makes files: however it ends, somebody is told.

Instead of the software itself, short programs of the tests stand in where only their end matters.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from core import campaigns, database
from core.process import Process
from core.recap.making import (
    process as rendering_process,
)
from core.recap.making import (
    queue as rendering_queue,
)
from core.recap.making import (
    renderings,
)
from core.recap.making.process import BROKEN, ENDED, TOO_LONG, Pace, supervising
from core.recap.making.renderings import Rendering
from core.settings import ROOT, Settings
from tests.fixtures.application import ActorOf

QUICK = Pace(beat=0.05, look=0.1)
WAITS = "import time; time.sleep(60)"

Order = Callable[..., Awaitable[str]]


@pytest.fixture
def order(campaign_2022: str, actor_of: ActorOf) -> Order:
    async def make(form: str = "docx", office: str = "city") -> str:
        actor = await actor_of("viewer", "city")
        scope = await campaigns.scope(await campaigns.find(campaign_2022), office)
        return await renderings.order(actor, scope, form)

    return make


def program(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", textwrap.dedent(text))


async def found(key: str) -> Rendering:
    return await renderings.find(await campaigns.find("2022-city"), key)


async def until(key: str, state: str) -> Rendering:
    async def there() -> bool:
        return (await found(key)).state == state

    await hold(there)
    return await found(key)


async def hold(there: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something in another process is so."""
    async with asyncio.timeout(30):
        while not await there():  # noqa: ASYNC110 — nobody tells us
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("raise SystemExit(0)", ENDED),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", ENDED),
    ],
)
async def test_a_process_that_ends_without_a_file_is_told(
    process: Process, order: Order, text: str, sentence: str
) -> None:
    key = await order()  # before the server starts, as those are that a restart has left
    async with supervising(process.settings, program(text), QUICK):
        assert (await until(key, "failed")).fault == sentence
        other = await order("pdf")
        rendering_process.wake()
        assert (await until(other, "failed")).fault == sentence
    rendering_process.wake()  # nobody is there to hear it


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_process_that_never_ends_is_ended(process: Process, order: Order) -> None:
    key = await order()
    pace = Pace(beat=0.05, look=0.1, longest=0.3)
    async with supervising(process.settings, program(WAITS), pace):
        assert (await until(key, "failed")).fault == TOO_LONG


async def test_a_server_that_stops_leaves_no_process_and_loses_nothing(
    process: Process, order: Order, tmp_path: Path
) -> None:
    key, note = await order(), tmp_path / "pid"
    text = f"""
        import os, pathlib, time
        pathlib.Path({str(note)!r}).write_text(str(os.getpid()))
        time.sleep(60)
    """

    async def noted() -> bool:
        return note.exists() and bool(note.read_text())

    async with supervising(process.settings, program(text), QUICK):
        await hold(noted)
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)
    assert (await found(key)).state == "queued"


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_while_it_lives_it_is_told_of(process: Process, order: Order) -> None:
    key = await order()
    heart = "SELECT heartbeat_at FROM recap_rendering WHERE key = :key"
    async with supervising(process.settings, program(WAITS), QUICK):
        await until(key, "running")
        first = await database.fetch_value(heart, key=key)

        async def beaten() -> bool:
            return bool(await database.fetch_value(heart, key=key) != first)

        await hold(beaten)


async def test_a_supervisor_outlives_a_database_that_fails(process: Process, order: Order) -> None:
    key = await order()
    await database.execute("ALTER TABLE recap_rendering RENAME TO elsewhere")
    async with supervising(process.settings, program("raise SystemExit(0)"), QUICK):
        await asyncio.sleep(0.25)
        await database.execute("ALTER TABLE elsewhere RENAME TO recap_rendering")
        await until(key, "failed")


def test_the_process_has_the_settings_of_the_server(tmp_path: Path) -> None:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/有 空格.db",
        key_file=tmp_path / "elsewhere.key",
        synchronous="FULL",
        deaf_day_rule="last",
        base_url="https://example.org",
        contact="办公室",
    )
    assert Settings.from_environment(settings.as_environment()) == settings


def test_a_process_whose_server_is_gone_ends_by_itself() -> None:
    child = """
        import asyncio, os
        server = os.getppid()
        print("here", flush=True)
        from core.recap.making import process as rendering_process
        asyncio.run(rendering_process._end_without(server))
    """
    parent = f"""
        import subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", {textwrap.dedent(child)!r}])
        input()
    """
    started = subprocess.Popen(
        program(parent), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert started.stdout is not None
    assert started.stdout.readline() == b"here\n"
    started.kill()
    # The pipe ends once nobody holds it any more: the child neither.
    assert started.communicate(timeout=20)[0] == b""


async def test_whatever_goes_wrong_in_it_is_said(process: Process, order: Order) -> None:
    key = await order()
    await rendering_queue.claim()
    await database.execute("UPDATE recap_rendering SET form = 'odt' WHERE key = :key", key=key)
    await rendering_process.carry_out(key, os.getppid(), process)
    assert (await found(key)).fault == BROKEN
    again = await order("xlsx", "x1")
    await rendering_queue.claim()
    await database.execute("DELETE FROM campaign_participant WHERE parent IS NOT NULL")
    await rendering_process.carry_out(again, os.getppid(), process)
    told = await found(again)
    assert (told.state, told.fault) == ("failed", "活动“2022-city”里没有编号为“x1”的机构。")


async def test_it_makes_the_file_and_says_how_far_it_is(process: Process, order: Order) -> None:
    key = await order("docx", "x1")
    await rendering_queue.claim()
    seen: list[str] = []
    async with database.watching(seen.append):
        await rendering_process.carry_out(key, os.getppid(), process)
    assert len([sql for sql in seen if "SET step = :step" in sql]) == 4
    done = await found(key)
    assert (done.state, done.fault) == ("done", "")
    assert done.filename == "关于第32次全国助残日活动开展情况的总结-甲旗残联.docx"
    content = await renderings.content(done)
    assert content.startswith(b"PK")
    assert done.size == len(content)
