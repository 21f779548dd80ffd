"""Punches sent at once: over several connections, and over the sudden death of the server."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.kit.records import Work, put
from core import campaigns, database
from core.permissions import SYSTEM
from core.process import Process
from plugins.volunteer.punching import punches
from plugins.volunteer.punching.states import Direction
from plugins.volunteer.punching.taken import Sending, Sent
from plugins.volunteer.records import SHIFTS, VOLUNTEERS
from tests.fixtures.application import Bearer
from tests.fixtures.served import ROOT, free_port

START = datetime.fromisoformat("2022-05-15T08:00:00+08:00")
CLIENTS, PAIRS = 16, 8
START_SECONDS = 60


@pytest.fixture
async def work(campaign_2022: str) -> Work:
    made = Work(SYSTEM, await campaigns.find(campaign_2022))
    shift: dict[str, Any] = {"title": "引导", "organisation": "x1", "activity": None, "capacity": 9}
    shift |= {"starts_at": START.isoformat(), "ends_at": (START + timedelta(hours=4)).isoformat()}
    await put(made, SHIFTS, [{**shift, "key": "h1"}, {**shift, "key": "h2"}])
    people = [
        {"key": f"p{number}", "name": f"志愿者{number}", "organisation": "x1"}
        for number in range(CLIENTS)
    ]
    await put(made, VOLUNTEERS, people)
    return made


def sending(*sent: Sent) -> Sending:
    return Sending(sent, SYSTEM, "steward")


def sent(direction: Direction, minute: int, shift: str = "h1", volunteer: str = "p0") -> Sent:
    return Sent(str(uuid4()), shift, volunteer, direction, START + timedelta(minutes=minute))


async def test_two_devices_with_the_same_people(work: Work) -> None:
    """Each batch in a transaction of its own: one comes first, for each person."""
    people = [f"p{number}" for number in range(CLIENTS)]
    batches = [
        sending(*(sent("in", 5, shift, each) for each in people))
        for shift in ("h1", "h2", "h1", "h2")
    ]
    found = await asyncio.gather(*(punches.take_all(work.campaign, [each]) for each in batches))
    codes = Counter(each.code or each.result for [results] in found for each in results)
    assert codes == {"accepted": CLIENTS, "already_in": CLIENTS, "overlap": 2 * CLIENTS}
    assert await opened() == CLIENTS


async def test_the_same_batch_over_two_connections(work: Work) -> None:
    batch = sending(*(sent("in", 5, volunteer=f"p{number}") for number in range(CLIENTS)))
    found = await asyncio.gather(*(punches.take_all(work.campaign, [batch]) for _ in range(4)))
    results = Counter(each.result for [answered] in found for each in answered)
    assert results == {"accepted": CLIENTS, "repeat": 3 * CLIENTS}
    assert len({each.attendance for [answered] in found for each in answered}) == CLIENTS
    assert await opened() == CLIENTS


async def opened() -> int:
    found: int = await database.fetch_value(
        "SELECT COUNT(*) FROM volunteer_attendance a JOIN volunteer_shift h ON h.id = a.shift"
        " WHERE h.key IN ('h1', 'h2') AND a.status = 'open'"
    )
    return found


@dataclass
class Server:
    """The application in a process of its own, which may be killed and started again."""

    process: Process
    log: Path
    port: int = field(default_factory=free_port)
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or start it again. ``ready`` tells when it answers."""
        settings = self.process.settings
        self.running = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "serve", "--port", str(self.port)],
            env={
                "TONGXING_DATABASE_URL": settings.database_url,
                "TONGXING_KEY_FILE": str(settings.key_file),
                "PATH": os.environ["PATH"],
            },
            stderr=self.log.open("a"),
            start_new_session=True,
        )

    async def ready(self) -> None:
        """Return when it answers."""
        deadline = time.monotonic() + START_SECONDS
        async with httpx.AsyncClient(base_url=self.address) as client:
            while time.monotonic() < deadline:
                assert self.running is not None
                assert self.running.poll() is None, self.log.read_text()
                try:
                    if (await client.get("/health")).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        raise AssertionError(self.log.read_text())

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """End it and all that it started, as a power cut does: nothing is tidied up."""
        if self.running is not None:
            os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait(timeout=30)
            self.running = None


@dataclass
class Storm:
    """Clients that each send comings and goings, and each again until it is answered."""

    server: Server
    headers: dict[str, str]
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    retries: int = 0
    midway: asyncio.Event = field(default_factory=asyncio.Event)

    async def client(self, number: int) -> None:
        """One volunteer's pairs, in order, each over a connection that may break."""
        async with httpx.AsyncClient(base_url=self.server.address, timeout=5) as client:
            for turn in range(2 * PAIRS):
                direction: Direction = "out" if turn % 2 else "in"
                taken = sent(direction, turn, volunteer=f"p{number}")
                self.answers[taken.nonce] = await self.answered(client, taken)
                if len(self.answers) > CLIENTS * PAIRS // 2:
                    self.midway.set()

    async def answered(self, client: httpx.AsyncClient, taken: Sent) -> dict[str, Any]:
        """Send until there is an answer, however often the line is dead."""
        body = {
            "nonce": taken.nonce,
            "shift": taken.shift,
            "volunteer": taken.volunteer,
            "direction": taken.direction,
            "at": taken.at.isoformat(),
        }
        while True:
            try:
                answer = await client.post(
                    "/api/v1/campaigns/2022-city/volunteer/punches",
                    json={"punches": [body]},
                    headers=self.headers,
                )
            except httpx.TransportError:
                self.retries += 1
                await asyncio.sleep(0.05)
                continue
            assert answer.status_code == 200, answer.text
            [result] = answer.json()["results"]
            return dict(result)


async def test_a_server_killed_in_a_storm_loses_and_doubles_nothing(
    work: Work, process: Process, bearer: Bearer, tmp_path: Path
) -> None:
    server = Server(process, tmp_path / "log")
    storm = Storm(server, await bearer("clerk", "x1"))
    try:
        server.start()
        await server.ready()
        clients = asyncio.gather(*(storm.client(number) for number in range(CLIENTS)))
        await asyncio.wait_for(storm.midway.wait(), START_SECONDS)
        server.kill()
        before = set(storm.answers)
        assert len(before) < CLIENTS * PAIRS * 2
        assert before <= {row["nonce"] for row in await accepted()}
        server.start()
        await clients
    finally:
        server.kill()
    assert storm.retries
    await everything_once(storm)


async def accepted() -> list[dict[str, Any]]:
    return await database.fetch(
        "SELECT nonce, attendance_key FROM volunteer_punch WHERE result = 'accepted'"
    )


async def everything_once(storm: Storm) -> None:
    assert {each["result"] for each in storm.answers.values()} <= {"accepted", "repeat"}
    stored = await accepted()
    assert len(stored) == len(storm.answers) == CLIENTS * PAIRS * 2
    assert {row["nonce"]: row["attendance_key"] for row in stored} == {
        nonce: each["attendance"] for nonce, each in storm.answers.items()
    }
    rows = await database.fetch(
        "SELECT a.key, a.status, a.credited_minutes AS minutes FROM volunteer_attendance a"
        " JOIN volunteer_shift h ON h.id = a.shift WHERE h.key = 'h1'"
    )
    assert Counter((row["status"], row["minutes"]) for row in rows) == {
        ("pending", 1): CLIENTS * PAIRS
    }
    made = Counter(row["attendance_key"] for row in stored)
    assert made == {row["key"]: 2 for row in rows}
