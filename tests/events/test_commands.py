"""``feed add`` as a program of its own, and its feed read by a real client from a real server."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from icalendar import Calendar

from tests.fixtures.application import CAMPAIGN_2022
from tests.fixtures.command_line import ROOT, CommandLine

PATH = re.compile(r"/feeds/[A-Za-z0-9_-]{43}\.ics\n")


@pytest.fixture
def imported(command_line: CommandLine) -> CommandLine:
    """The command line on a database with the campaign of 2022."""
    assert command_line("import", CAMPAIGN_2022).returncode == 0
    return command_line


def test_the_path_stands_alone_on_standard_output(imported: CommandLine) -> None:
    own = imported("feed", "add", "2022-city")
    office = imported("feed", "add", "2022-city", "--organisation", "x1", "--label", "办公室")
    for finished in (own, office):
        assert finished.returncode == 0
        assert PATH.fullmatch(finished.stdout)
        assert finished.stderr
    assert own.stdout != office.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["2021-city"], "没有编号为“2021-city”的活动"),
        (["2022-city", "--organisation", "nowhere"], "没有编号为“nowhere”的机构"),
        (["2022-city", "--label", "长" * 51], "说明最多 50 个字"),
        ([], "缺少参数"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_printed(
    imported: CommandLine, arguments: list[str], sentence: str
) -> None:
    finished = imported("feed", "add", *arguments)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert sentence in finished.stderr


@contextmanager
def served(url: str, folder: Path) -> Iterator[str]:
    """The application in a server of its own on a free port; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "TONGXING_DATABASE_URL": url,
        "TONGXING_KEY_FILE": str(folder / "tongxing.key"),
    }
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "serve", "--port", str(port)],
            cwd=folder, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        _wait(f"http://127.0.0.1:{port}/health", folder / "server.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait(address: str, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(address, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(log.read_text(encoding="utf-8"))


@pytest.fixture
def synchronise(tmp_path: Path) -> Callable[[str], dict[str, bytes]]:
    """vdirsyncer: give it a feed's address, it gives the items of its folder."""
    items = tmp_path / "items"
    items.mkdir()

    def run(address: str) -> dict[str, bytes]:
        configuration = tmp_path / "vdirsyncer.ini"
        configuration.write_text(
            f'[general]\nstatus_path = "{tmp_path / "status"}"\n'
            '[pair feed]\na = "office"\nb = "folder"\ncollections = null\n'
            f'[storage office]\ntype = "http"\nurl = "{address}"\n'
            f'[storage folder]\ntype = "filesystem"\npath = "{items}"\nfileext = ".ics"\n',
            encoding="utf-8",
        )
        program = Path(sys.executable).parent / "vdirsyncer"
        environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        for command in ("discover", "sync"):
            subprocess.run(
                [program, "--config", configuration, command],
                env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                timeout=60, check=True,
            )  # fmt: skip
        return {path.name: path.read_bytes() for path in items.iterdir()}

    return run


def test_a_real_client_reads_the_feed_of_a_real_server(
    imported: CommandLine,
    database_url: str,
    tmp_path: Path,
    synchronise: Callable[[str], dict[str, bytes]],
) -> None:
    path = imported("feed", "add", "2022-city").stdout.strip()
    with served(database_url, tmp_path) as address:
        items = synchronise(address + path)
        titles = [
            str(event["SUMMARY"])
            for item in items.values()
            for event in Calendar.from_ical(item).walk("VEVENT")
        ]
        assert len(titles) == len(items) == 23
        assert "第32次全国助残日" in titles
        assert synchronise(address + path) == items
        head = httpx.head(address + path, trust_env=False)
        assert (head.status_code, head.content) == (200, b"")
        again = httpx.get(
            address + path, headers={"If-None-Match": head.headers["etag"]}, trust_env=False
        )
        assert again.status_code == 304
