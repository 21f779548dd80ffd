"""SIGKILL at random moments: what was answered is there, nothing is half there, it starts again."""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Self

import asyncpg
import httpx

from tests.faults.servers import Server, end
from tests.fixtures.application import CAMPAIGN_2022
from tests.fixtures.postgres import in_own_thread
from tests.fixtures.served import ROOT


def rows(database_url: str, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a statement, over a connection of the test's own."""
    if database_url.startswith("sqlite"):
        connection = sqlite3.connect(database_url.removeprefix("sqlite:///"))
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()
    return in_own_thread(_postgresql(database_url, sql))


async def _postgresql(database_url: str, sql: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(database_url)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


def after(chance: random.Random, longest: float) -> None:
    time.sleep(chance.uniform(0.05, longest))


def test_migrations_are_all_there_or_none_and_the_next_start_succeeds(
    empty_server: Server, seed: int
) -> None:
    chance = random.Random(seed)
    tables = "SELECT COUNT(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    if empty_server.database_url.startswith("postgresql"):
        tables = "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'"
    begun = time.monotonic()
    whole = 0.0
    for _ in range(3):
        process = empty_server.begin("migrate")
        after(chance, 3.5)
        ended = process.poll() is not None
        end(process)
        whole = time.monotonic() - begun
        [(found,)] = rows(empty_server.database_url, tables)
        assert ended or found == 0 or done(empty_server), f"half migrated after {whole:.1f} s"
    empty_server.command("migrate")
    assert done(empty_server)
    empty_server.command("doctor")


def done(server: Server) -> bool:
    """Whether every migration is noted that the code has."""
    [(noted,)] = rows(server.database_url, "SELECT COUNT(*) FROM migration")
    files = [*ROOT.glob("core/migrations/*.py"), *ROOT.glob("events/migrations/*.py")]
    files += [*ROOT.glob("plugins/*/migrations/*.py")]
    names = [each for each in files if "_20" in each.name]
    return int(noted) >= len(names)


def exported(server: Server) -> str:
    return server.command("export", "2022-city")


def test_an_import_by_command_is_there_whole_or_not_at_all(server: Server, seed: int) -> None:
    chance, found_whole = random.Random(seed), set()
    for _ in range(3):
        process = server.begin("import", str(CAMPAIGN_2022))
        after(chance, 3.5)
        end(process)
        [(found,)] = rows(server.database_url, "SELECT COUNT(*) FROM campaign")
        [(offices,)] = rows(server.database_url, "SELECT COUNT(*) FROM organisation")
        [(noted,)] = rows(
            server.database_url, "SELECT COUNT(*) FROM audit_entry WHERE action = 'import'"
        )
        assert (found > 0) == (offices > 0) == (noted > 0)
        if found:
            found_whole.add(exported(server))
    server.command("import", str(CAMPAIGN_2022))
    assert found_whole <= {exported(server)}


def headers(server: Server, role: str) -> dict[str, str]:
    """Of a programme with that role at the city."""
    made = server.command("token", "add", role, "--role", role, "--organisation", "city")
    return {"authorization": f"Bearer {made.strip()}"}


@dataclass
class Storm:
    """Does ``act`` over and over, in a thread, until the line breaks; what it gave is kept."""

    server: Server
    headers: dict[str, str]
    act: Callable[[httpx.Client, int], str | None]
    acknowledged: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go)
        self._thread.start()
        return self

    def _go(self) -> None:
        client = httpx.Client(base_url=self.server.address, headers=self.headers, timeout=20)
        with client, suppress(httpx.TransportError):
            for number in count(1):
                if self._stop.is_set():
                    return
                try:
                    found = self.act(client, number)
                except AssertionError as error:
                    self.wrong.append(str(error))
                    return
                if found is not None:
                    self.acknowledged.append(found)

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(60)

    def over(self, chance: random.Random) -> None:
        """Let it rage for a while, and kill the server in the middle of it."""
        deadline = time.monotonic() + 60
        while len(self.acknowledged) < 2 and not self.wrong and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.7))
        self.server.kill()
        self._thread.join(60)
        assert self.wrong == []
        assert len(self.acknowledged) >= 2


def test_imports_over_http_are_there_whole_and_as_they_were_answered(
    server: Server, seed: int
) -> None:
    """Each gives the campaign another theme: the last one answered is not lost, and whole."""
    server.command("import", str(CAMPAIGN_2022))
    usual = json.loads(exported(server))
    document = json.loads(CAMPAIGN_2022.read_bytes())

    def act(client: httpx.Client, number: int) -> str:
        document["campaign"]["theme"] = f"主题{number}"
        answer = client.post("/api/v1/bundles?replace=true", json=document)
        assert answer.status_code == 201, answer.text
        return f"主题{number}"

    allowed = headers(server, "administrator")
    server.start()
    server.ready()
    with Storm(server, allowed, act) as storm:
        storm.over(random.Random(seed))
    whole = json.loads(exported(server))
    stands, last = whole["campaign"]["theme"], storm.acknowledged[-1]
    # The one after it may stand without having been answered.
    assert int(stands.removeprefix("主题")) - int(last.removeprefix("主题")) in (0, 1)
    assert whole == {**usual, "campaign": {**usual["campaign"], "theme": stands}}


def test_steps_of_recaps_are_taken_whole_and_stay_once_they_are_answered(
    server: Server, seed: int
) -> None:
    """Handing in, accepting and making final, office after office, as fast as it goes."""
    server.command("import", str(CAMPAIGN_2022))
    offices = [each["key"] for each in json.loads(CAMPAIGN_2022.read_bytes())["organisations"]]
    reached: dict[str, str] = {}
    reviewing = headers(server, "reviewer")

    def act(client: httpx.Client, number: int) -> str:
        office = offices[(number - 1) // 3 % len(offices)]
        versions = "/api/v1/campaigns/2022-city/recap/versions"
        step = ("submitted", "accepted", "frozen")[(number - 1) % 3]
        if step == "submitted":
            why = {"unaccepted": "等不及了", "correction": "更正"}
            answer = client.post(versions, params={"organisation": office}, json=why)
            act.number = answer.json().get("number")  # type: ignore[attr-defined]
        else:
            address = f"{versions}/{act.number}"  # type: ignore[attr-defined]
            last, body = ("decision", {"decision": "accepted"})
            if step == "frozen":
                last, body = "freeze", {}
            answer = client.post(
                f"{address}/{last}",
                params={"organisation": office},
                json=body or None,
                headers=reviewing if last == "decision" else None,
            )
        assert answer.status_code in (200, 201, 204), answer.text
        reached[office] = step
        return f"{office} {step}"

    allowed = headers(server, "organiser")
    server.start()
    server.ready()
    with Storm(server, allowed, act) as storm:
        storm.over(random.Random(seed))
    steps = ["submitted", "accepted", "frozen"]
    versions = rows(
        server.database_url,
        "SELECT o.key, v.state, v.content, v.sha256 FROM recap_version v"
        " JOIN organisation o ON o.id = v.organisation ORDER BY v.number",
    )
    stored = {office: state for office, state, _, _ in versions}
    for office, step in reached.items():
        # The step after it, the last of all, may have been taken without an answer; the one after
        # a final version is the next one's first.
        assert (steps.index(stored[office]) - steps.index(step)) % 3 in (0, 1)
    for _, _, content, digest in versions:
        assert hashlib.sha256(content.encode()).hexdigest() == digest
    told = Counter(
        action
        for (action,) in rows(
            server.database_url, "SELECT action FROM audit_entry WHERE action LIKE 'recap.%'"
        )
    )
    for at, step in enumerate(steps):
        states = [state for _, state, _, _ in versions if steps.index(state) >= at]
        assert told[f"recap.{step}"] == len(states)
