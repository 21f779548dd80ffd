"""Several server processes on one database, as real ones: begun at once, asked in turn, ended."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import arrow
import asyncpg
import httpx
import pytest

from api.kit.csrf import session_csrf_token
from core import bundles, database, moments
from core.permissions import SYSTEM
from core.process import opened
from core.sessions import create_token, open_session
from core.settings import ROOT, Settings
from tests.core.spreadsheets.samples import csv_of
from tests.fixtures.application import CAMPAIGN_2022
from tests.fixtures.served import free_port

START_SECONDS = 90
CAMPAIGN = "/api/v1/campaigns/2022-city"


class Server:
    """``app.py serve`` in a process of its own."""

    def __init__(self, settings: Settings, folder: Path, workers: int) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"log-{self.port}"
        command = [sys.executable, str(ROOT / "app.py"), "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, "--workers", str(workers)],
            env={"PATH": os.environ["PATH"], **settings.as_environment()},
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=self.log.open("wb"), start_new_session=True,
        )  # fmt: skip

    def ready(self) -> None:
        """Return when it answers."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            try:
                if httpx.get(f"{self.address}/health", timeout=10).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)

    def stop(self) -> None:
        """Ask it to stop."""
        self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it, whatever it does."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)


Serve = Callable[..., Server]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """``serve(settings, workers=2)``; whatever still runs at the end is killed."""
    made: list[Server] = []

    def begin(settings: Settings, workers: int = 1) -> Server:
        made.append(Server(settings, tmp_path, workers))
        return made[-1]

    yield begin
    for server in made:
        server.kill()


@pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"], indirect=True)
async def test_two_that_begin_at_once_on_an_empty_database_both_serve(
    database_url: str, serve: Serve, tmp_path: Path
) -> None:
    """One of them makes the schema and the key; on PostgreSQL the rest of the story follows."""
    settings = Settings(database_url, tmp_path / "tongxing.key")
    pair = serve(settings), serve(settings, workers=2 if "postgres" in database_url else 1)
    for server in pair:
        server.ready()
    told = "".join(server.log.read_text() for server in pair)
    assert told.count("服务地址") == 2
    assert "Traceback" not in told
    if "postgres" in database_url:
        async with ready(settings) as (cookie, bearer):
            await whichever_answers(pair[0].address, pair[1].address, cookie, bearer)
            await stopped_while_it_works(*pair, settings, bearer)
            return
    for server in pair:
        server.stop()
        assert server.process.wait(30) == 0, server.log.read_text()


@asynccontextmanager
async def ready(settings: Settings) -> AsyncIterator[tuple[str, str]]:
    """The campaign of 2022, with a session and a token of administrators."""
    async with opened(settings, patient=True) as process:
        data = CAMPAIGN_2022.read_bytes()
        await bundles.import_bundle(data, process.plugins, process.catalogue, SYSTEM)
        city = await database.fetch_value("SELECT id FROM organisation WHERE key = 'city'")
        account = await database.fetch_value(
            "INSERT INTO account (name, display_name, password_hash, active, failures,"
            " created_at) VALUES ('a', 'a', '', true, 0, :now) RETURNING id",
            now=moments.now(),
        )
        await database.execute(
            "INSERT INTO account_grant (account, role, organisation)"
            " VALUES (:account, 'administrator', :city)",
            account=account,
            city=city,
        )
        now = arrow.utcnow().datetime
        session = await open_session(account, now)
        token = await create_token(SYSTEM, "tester", "administrator", city, now=now)
        starts = moments.now()
        await database.execute(
            "UPDATE volunteer_shift SET starts_at = :starts, ends_at = :ends"
            " WHERE key = (SELECT MIN(key) FROM volunteer_shift)",
            starts=starts,
            ends=starts + timedelta(hours=2),
        )
        yield session, token


async def whichever_answers(one: str, other: str, session: str, token: str) -> None:
    """What one process began the other goes on with: nothing is known to one of them alone."""
    headers = {"accept": "text/html", "x-csrf-token": session_csrf_token(session)}
    async with (
        httpx.AsyncClient(base_url=one, headers=headers, cookies={"session": session}) as here,
        httpx.AsyncClient(base_url=other, headers=headers, cookies={"session": session}) as there,
    ):
        await previewed_here_and_taken_there(here, there)
        await a_code_shown_here_is_good_there(here, there)
        await the_same_request_twice(here, there, token)
        await told_there_what_is_written_here(here, there, token)
        # Signed out there is signed out here.
        page = await there.get("/campaigns")
        token_field = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token_field
        left = await there.post("/sign-out", data={"csrf_token": token_field[1]})
        assert left.status_code == 303
        assert (await here.get("/campaigns")).headers["location"].startswith("/sign-in")


async def previewed_here_and_taken_there(here: httpx.AsyncClient, there: httpx.AsyncClient) -> None:
    rows = [["编号", "名称", "级别", "上级编号"], ["x1-09", "第九街道残联", "乡镇（街道）", "x1"]]
    page = await here.post("/import-organisations", files={"file": ("a.csv", csv_of(rows))})
    form = page.text.split('action="/import-organisations/confirm"', 1)[1].split("</form>", 1)[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    done = await there.post("/import-organisations/confirm", data=fields)
    assert done.headers["location"] == "/organisations"
    assert "第九街道残联" in (await here.get("/organisations/x1-09")).text


async def a_code_shown_here_is_good_there(
    here: httpx.AsyncClient, there: httpx.AsyncClient
) -> None:
    key = await database.fetch_value("SELECT MIN(key) FROM volunteer_shift")
    page = await here.get(f"/campaigns/2022-city/volunteer/shifts/{key}/station")
    code = re.search(r"/volunteer/c/\d+/[\w-]+", page.text)
    assert code, page.text
    answer = await there.get(code[0])
    assert answer.status_code == 303, answer.text


async def the_same_request_twice(
    here: httpx.AsyncClient, there: httpx.AsyncClient, token: str
) -> None:
    """At the same moment, at both: one does it, and both say the same."""
    headers = {"authorization": f"Bearer {token}", "idempotency-key": uuid.uuid4().hex}
    form = {"key": "own.shows", "label": "演出", "unit": "场", "aggregation": "sum"}
    sent = (each.post(f"{CAMPAIGN}/metrics", json=form, headers=headers) for each in (here, there))
    first, second = await asyncio.gather(*sent)
    assert (first.status_code, second.status_code) == (201, 201), (first.text, second.text)
    assert first.json() == second.json()
    replayed = [answer.headers.get("idempotency-replayed") for answer in (first, second)]
    assert sorted(filter(None, replayed)) == ["true"]


async def told_there_what_is_written_here(
    here: httpx.AsyncClient, there: httpx.AsyncClient, token: str
) -> None:
    headers = {"authorization": f"Bearer {token}"}
    async with (
        asyncio.timeout(20),
        there.stream("GET", f"{CAMPAIGN}/live", headers=headers) as stream,
    ):
        lines = stream.aiter_lines()
        before = await _changes(lines)
        answer = await here.patch(CAMPAIGN, json={"theme": "新的主题"}, headers=headers)
        assert answer.json()["changes"] == before + 1, answer.text
        while await _changes(lines) != before + 1:
            pass


async def _changes(lines: AsyncIterator[str]) -> int:
    async for line in lines:
        if line.startswith("data: "):
            return int(json.loads(line.removeprefix("data: "))["changes"])
    raise AssertionError("the stream ended")


async def stopped_while_it_works(one: Server, two: Server, settings: Settings, token: str) -> None:
    """What it has begun is done and answered, nobody new is let in, and nothing is left behind."""
    headers = {"authorization": f"Bearer {token}"}
    holder = await asyncpg.connect(settings.database_url)
    hold = holder.transaction()
    await hold.start()
    await holder.execute("SELECT 1 FROM campaign FOR UPDATE")
    async with httpx.AsyncClient(base_url=one.address, headers=headers, timeout=30) as client:
        begun = asyncio.create_task(client.patch(CAMPAIGN, json={"theme": "最后的主题"}))
        following = asyncio.create_task(client.get(f"{CAMPAIGN}/live"))
        await asyncio.sleep(1)
        one.stop()
        assert (await following).text.startswith("event: changed")
        await asyncio.sleep(0.5)
        with pytest.raises(httpx.ConnectError):
            await asyncio.to_thread(httpx.get, f"{one.address}/health")
        assert not begun.done()
        await hold.rollback()
        assert (await begun).json()["theme"] == "最后的主题"
    assert await asyncio.to_thread(one.process.wait, 30) == 0, one.log.read_text()
    two.stop()
    assert await asyncio.to_thread(two.process.wait, 30) == 0, two.log.read_text()
    left = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'tongxing'"
    assert await holder.fetchval(f"{left} AND datname = current_database()") == 0
    await holder.close()
