"""Handing requests over: nothing is lost on the way, and whatever ends, people are told."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.types import Message, Receive, Scope, Send

from api.annex import Patience, Porter
from api.kit.problems import Problem
from core.database.faults import FULL, fault_of
from core.settings import ROOT, Settings

COMMAND = (sys.executable, str(Path(__file__).with_name("tiny_application.py")))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return Settings(f"sqlite:///{tmp_path}/unused.db", tmp_path / "unused.key")


@pytest.fixture
async def porter(settings: Settings) -> AsyncIterator[Porter]:
    made = Porter(settings, COMMAND)
    yield made
    await made.stop()


def client_of(porter: Porter) -> httpx.AsyncClient:
    """Whoever asks; a problem is raised to him."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = {"request_id": "f" * 32}
        await porter.carry(scope, receive, send)  # type: ignore[arg-type]

    transport = httpx.ASGITransport(application)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 3_000_000])
async def test_bodies_of_any_size_come_and_go_whole(porter: Porter, size: int) -> None:
    body = os.urandom(size)
    async with client_of(porter) as client:
        answer = await client.post(
            "/echo?a=1&b=%E5%8E%BF", content=body, headers={b"x-given": "是".encode()}
        )
    assert answer.content == body
    assert answer.headers["x-path"] == "/echo"
    assert answer.headers["x-query"] == "a=1&b=%E5%8E%BF"
    assert answer.headers["x-given"] == "是"
    assert answer.headers["x-client"] == "127.0.0.1"
    assert answer.headers["x-id"] == "f" * 32
    assert int(answer.headers["x-pid"]) == porter.pid != os.getpid()


async def test_an_answer_in_pieces_is_whole(porter: Porter) -> None:
    async with client_of(porter) as client:
        for number in (1, 2, 500):
            answer = await client.get(f"/pieces?number={number}")
            assert answer.content == b"".join(b"%08d" % each * 1000 for each in range(number))


async def test_many_at_once_are_answered_by_one_process_in_turn(porter: Porter) -> None:
    bodies = [os.urandom(100_000) for _ in range(8)]
    async with client_of(porter) as client:
        answers = await asyncio.gather(*(client.post("/echo", content=body) for body in bodies))
    assert [answer.content for answer in answers] == bodies
    assert {int(answer.headers["x-pid"]) for answer in answers} == {porter.pid}


async def test_one_that_dies_is_told_and_the_next_is_answered(porter: Porter) -> None:
    async with client_of(porter) as client:
        await client.get("/pieces?number=1")
        for _ in range(2):
            with pytest.raises(Problem, match="看看有没有存上") as told:
                await client.get("/die")
            assert (told.value.status, told.value.code) == (503, "interrupted")
            assert (await client.get("/pieces?number=2")).status_code == 200


async def test_one_that_takes_too_long_is_ended_and_told(
    settings: Settings, tmp_path: Path
) -> None:
    porter = Porter(settings, COMMAND, Patience(one=1.5))
    note = tmp_path / "note"
    async with client_of(porter) as client:
        await client.get("/pieces?number=1")
        pid = porter.pid
        assert pid is not None
        with pytest.raises(Problem) as told:
            await client.get(f"/wait?seconds=4&note={note}")
        assert (told.value.status, told.value.code) == (503, "too_long")
        assert not is_running(pid)
        assert (await client.get("/pieces?number=2")).status_code == 200
    await porter.stop()
    assert not note.exists()


async def test_one_without_work_ends_and_nobody_notices(settings: Settings) -> None:
    porter, seen = Porter(settings, COMMAND, Patience(idle=0.2)), set()
    async with client_of(porter) as client:
        for pause in (0.0, 0.15, 0.2, 0.25, 1.0):
            answer = await client.post("/echo", content=b"here")
            assert answer.content == b"here"
            seen.add(answer.headers["x-pid"])
            await asyncio.sleep(pause)
        assert (await client.post("/echo", content=b"again")).content == b"again"
    assert len(seen) < 5
    assert porter.pid is not None
    assert str(porter.pid) not in seen
    await porter.stop()


async def test_one_that_has_grown_large_makes_way_for_another(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOST", "1000000")
    porter, seen = Porter(settings, COMMAND), []
    async with client_of(porter) as client:
        for number in range(3):
            answer = await client.post("/echo", content=b"%d" % number)
            assert answer.content == b"%d" % number
            seen.append(answer.headers["x-pid"])
    await porter.stop()
    assert len(set(seen)) == 3


async def test_a_full_disk_is_told_as_one(porter: Porter) -> None:
    body = bytes(3_000_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with client_of(porter) as client:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, hard))
        try:
            with pytest.raises(OSError, match="File too large") as told:
                await client.post("/echo", content=body)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert fault_of(told.value) is FULL
        assert (await client.post("/echo", content=body)).content == body


async def test_who_hangs_up_before_all_was_sent_starts_nothing(porter: Porter) -> None:
    messages: list[Any] = [
        {"type": "http.request", "body": b"half", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        raise AssertionError(message)

    await porter.carry({"type": "http", "headers": []}, receive, send)  # type: ignore[typeddict-item, arg-type]
    assert porter.pid is None


async def test_a_request_that_is_given_up_stops_there_too(porter: Porter, tmp_path: Path) -> None:
    note = tmp_path / "note"
    async with client_of(porter) as client:
        await client.get("/pieces?number=1")
        pid = porter.pid
        assert pid is not None
        task = asyncio.create_task(client.get(f"/wait?seconds=1&note={note}"))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not is_running(pid)
        assert (await client.get("/wait?seconds=1")).text == "done"
    assert not note.exists()


async def test_what_is_printed_there_is_no_part_of_an_answer(porter: Porter) -> None:
    async with client_of(porter) as client:
        assert (await client.get("/print")).text == "said"
        assert (await client.get("/print")).text == "said"


async def test_it_ends_with_its_server_in_the_midst_of_work(
    settings: Settings, tmp_path: Path
) -> None:
    note, pid_file = tmp_path / "note", tmp_path / "pid"
    server = f"""
import asyncio, pathlib, sys
from api.annex import Porter
from core.settings import Settings

async def main():
    porter = Porter(Settings("sqlite:///unused.db"), {COMMAND!r})
    async def receive():
        return {{"type": "http.request", "body": b""}}
    async def send(message):
        pass
    scope = {{"type": "http", "method": "GET", "path": "/wait", "headers": [], "asgi": {{}},
              "http_version": "1.1", "scheme": "http", "raw_path": b"/wait", "root_path": "",
              "query_string": b"seconds=2&note={note}", "client": None, "server": None}}
    task = asyncio.create_task(porter.carry(scope, receive, send))
    while porter.pid is None:
        await asyncio.sleep(0.01)
    pathlib.Path({str(pid_file)!r}).write_text(str(porter.pid))
    await task

asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", server, cwd=ROOT)
    await until(lambda: pid_file.exists() and bool(pid_file.read_text()))
    await asyncio.sleep(1.0)
    process.kill()
    await process.wait()
    await until(lambda: not is_running(int(pid_file.read_text())))
    await asyncio.sleep(0.1)
    assert not note.exists()
