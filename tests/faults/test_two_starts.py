"""Two servers start at once on an empty database: one demonstration, one key, and both serve."""

from __future__ import annotations

import random
import time
from contextlib import closing
from pathlib import Path

import httpx

from tests.faults.servers import Server, end
from tests.faults.test_killed import rows
from tests.fixtures.served import free_port


def accounts(server: Server) -> dict[str, str]:
    """Names and passwords of the demonstration."""
    lines = (server.folder / "demo-logins.txt").read_text().splitlines()
    return {name: password for name, password, _ in (line.split("\t") for line in lines)}


def test_two_first_starts_make_one_demonstration_and_one_key(empty_server: Server) -> None:
    first, second = empty_server, Server(empty_server.database_url, empty_server.folder)
    second.port = free_port()
    first.start("run")
    second.start("run")
    try:
        for server in (first, second):
            server.ready()
        for server in (first, second):
            password = accounts(server)["chakan"]
            with closing(server.browser("chakan", password)) as browser:
                page: httpx.Response = browser.get("/campaigns/2022-city")
            assert page.status_code == 200
            assert "第32次全国助残日" in page.text
    finally:
        second.kill()
        first.kill()
    keys = list(Path(first.folder).glob("*.key"))
    assert len(keys) == 1
    assert rows(first.database_url, "SELECT COUNT(*) FROM campaign") == [(1,)]
    assert rows(first.database_url, "SELECT COUNT(*) FROM account") == [(5,)]
    told = "SELECT COUNT(*) FROM audit_entry WHERE action = 'import'"
    assert rows(first.database_url, told) == [(1,)]


def test_a_first_start_that_is_killed_is_begun_anew(empty_server: Server, seed: int) -> None:
    """Killed anywhere in it: the next one gives passwords that open."""
    chance = random.Random(seed)
    for _ in range(2):
        process = empty_server.begin("run", "--port", str(empty_server.port))
        time.sleep(chance.uniform(0.5, 5))
        end(process)
    empty_server.start("run")
    empty_server.ready()
    with closing(empty_server.browser("admin", accounts(empty_server)["admin"])) as browser:
        assert browser.get("/campaigns/2022-city").status_code == 200
