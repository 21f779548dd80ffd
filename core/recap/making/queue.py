"""The queue of files to be made, as those see it who make them: one at a time, in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from core import database, moments
from core.recap.making.files import STEPS, File
from core.recap.making.renderings import KEPT_FOR, SELECT, Rendering
from core.refusals import Missing

STALE = timedelta(seconds=60)
INTERRUPTED = "生成文件的程序中断了，请再试一次。"
# Any number does, as long as every server of one database takes the same.
ADVISORY_LOCK = 0x72656361


@database.retried
async def claim() -> str | None:
    """Take the next one that waits, unless one is being made: then, or without any, None."""
    async with database.transaction():
        if database.is_postgresql():
            await database.execute("SELECT pg_advisory_xact_lock(:lock)", lock=ADVISORY_LOCK)
        key: str | None = await database.fetch_value(
            "UPDATE recap_rendering SET state = 'running', started_at = :now, heartbeat_at = :now,"
            " step = :step WHERE id = (SELECT MIN(id) FROM recap_rendering WHERE state = 'queued')"
            " AND state = 'queued' AND NOT EXISTS (SELECT 1 FROM recap_rendering r"
            " WHERE r.state = 'running') RETURNING key",
            now=moments.now(),
            step=STEPS[0],
        )
    return key


async def running(key: str) -> Rendering:
    """One that is being made, for who makes it. Raises Missing for any other."""
    rows = await database.fetch(f"{SELECT} WHERE r.key = :key AND r.state = 'running'", key=key)
    if not rows:
        raise Missing(f"没有正在生成的文件“{key}”")
    return Rendering(**rows[0])


async def advance(key: str, step: str) -> None:
    """Say which of STEPS has begun."""
    await database.execute(
        "UPDATE recap_rendering SET step = :step, done_steps = :done, heartbeat_at = :now"
        " WHERE key = :key AND state = 'running'",
        key=key,
        step=step,
        done=STEPS.index(step),
        now=moments.now(),
    )


async def beat(key: str) -> None:
    """Tell that its process lives."""
    await database.execute(
        "UPDATE recap_rendering SET heartbeat_at = :now WHERE key = :key AND state = 'running'",
        key=key,
        now=moments.now(),
    )


async def finish(key: str, file: File) -> None:
    """Put the file down; one that was given up meanwhile stays so."""
    await database.execute(
        "UPDATE recap_rendering SET state = 'done', step = '完成', done_steps = all_steps,"
        " filename = :name, content = :content, finished_at = :now"
        " WHERE key = :key AND state = 'running'",
        key=key,
        name=file.name,
        content=file.content,
        now=moments.now(),
    )


async def fail(key: str, sentence: str) -> None:
    """Give one up that is being made; a finished one stays as it is."""
    await database.execute(
        "UPDATE recap_rendering SET state = 'failed', fault = :sentence, finished_at = :now"
        " WHERE key = :key AND state = 'running'",
        key=key,
        sentence=sentence,
        now=moments.now(),
    )


async def put_back(key: str) -> None:
    """Let one that is being made wait again, for the server that makes it stops."""
    await database.execute(
        "UPDATE recap_rendering SET state = 'queued', done_steps = 0, step = '',"
        " started_at = NULL, heartbeat_at = NULL WHERE key = :key AND state = 'running'",
        key=key,
    )


class Listening:
    """Which of the files being made have fallen silent, by a clock that nobody sets.

    How old a heartbeat is cannot be told from its moment: a server's clock may jump. So a beat
    counts as old once nothing newer was heard for STALE, here, by ``clock`` (in seconds).
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard: dict[str, tuple[datetime, float]] = {}

    async def silent(self) -> dict[str, datetime]:
        """Keys with the last heartbeat of those that have told nothing for a minute."""
        at, before = self._clock(), self._heard
        self._heard = {}
        for row in await database.fetch(
            "SELECT key, heartbeat_at FROM recap_rendering WHERE state = 'running'"
        ):
            beat, since = before.get(row["key"], (row["heartbeat_at"], at))
            same = beat == row["heartbeat_at"]
            self._heard[row["key"]] = (row["heartbeat_at"], since if same else at)
        longest = STALE.total_seconds()
        return {key: beat for key, (beat, since) in self._heard.items() if at - since >= longest}


async def clear_up(now: datetime, silent: Mapping[str, datetime]) -> Sequence[str]:
    """Give up those that are ``silent``, unless one has been heard since; take away what is old.

    Answers the keys of those given up.
    """
    lost = []
    for key, beat in silent.items():
        lost += await database.fetch(
            "UPDATE recap_rendering SET state = 'failed', fault = :sentence, finished_at = :now"
            " WHERE state = 'running' AND key = :key AND heartbeat_at = :beat RETURNING key",
            sentence=INTERRUPTED,
            now=now,
            key=key,
            beat=beat,
        )
    await database.execute(
        "DELETE FROM recap_rendering WHERE created_at < :limit AND state <> 'running'",
        limit=now - KEPT_FOR,
    )
    return [row["key"] for row in lost]
