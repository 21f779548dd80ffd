"""A full disk: writing is refused with 507 and a sentence, reading goes on, room makes it all well.

The disk is a small tmpfs where the tests may mount one, otherwise a limit on the size of files.
"""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.core.bundle_samples import campaign
from tests.faults.servers import Server
from tests.faults.test_database_gone import ADDRESS, office, prepared, told

DISK_BYTES = 12 * 1024 * 1024
WAITING = "/campaigns/2022-city/volunteer/confirm"
WORDS = "县" * 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path | None]:
    """A small disk; None where none can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    size = f"size={DISK_BYTES}"
    mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(server: Server, disk: Path | None) -> Iterator[None]:
    """No room any more until the block ends."""
    if disk is not None:
        ballast = disk / "ballast"
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(b"\0" * 4096):
                pass
        yield
        ballast.unlink()
        return
    assert server.running is not None
    soft, hard = resource.prlimit(server.running.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.running.pid, resource.RLIMIT_FSIZE, (4096, hard))
    yield
    resource.prlimit(server.running.pid, resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_takes_nothing_more_and_shows_everything(
    disk: Path | None, tmp_path: Path
) -> None:
    folder = disk or tmp_path
    server = Server(f"sqlite:///{quote(str(folder / 'tongxing.db'))}", tmp_path)
    try:
        with prepared(server) as client:
            forgotten(client)
            known = [key for key in range(3) if add(client, key).status_code == 201]
            assert known == [0, 1, 2]
            with filled(server, disk):
                refused = 0
                for number in range(100, 160):  # what fits into pages that are there may still go
                    answer = add(client, number)
                    if answer.status_code == 201:
                        known.append(number)
                        continue
                    told(answer, 507, "storage_full")
                    refused += 1
                assert refused
                assert stored(client) == set(known)
                for path in ("/organisations", WAITING):
                    page = client.get(path, headers={"accept": "text/html"})
                    assert page.status_code == 200, page.text
            assert add(client, 999).status_code == 201
            assert stored(client) == {*known, 999}
    finally:
        server.kill()


def forgotten(client: httpx.Client) -> None:
    """A volunteer who came years ago and never went: a page that shows it closes it."""
    document = campaign("2022-city")
    shift = {
        "key": "h1", "activity": None, "organisation": "x1", "title": "引导", "capacity": 20,
        "starts_at": "2022-05-15T08:00:00+08:00", "ends_at": "2022-05-15T12:00:00+08:00",
    }  # fmt: skip
    came = {"checked_in_at": "2022-05-15T08:00:00+08:00", "checked_out_at": None}
    document["plugins"]["volunteer"] = {
        "volunteers": [{"key": "v1", "name": "欧阳志愿", "organisation": "x1"}],
        "shifts": [shift],
        "attendances": [{"volunteer": "v1", "shift": "h1", "status": "open", **came}],
        "star_scheme": "street-annual",
    }
    answer = client.post("/api/v1/bundles", json=document)
    assert answer.status_code == 201, answer.text


def add(client: httpx.Client, number: int) -> httpx.Response:
    return client.post(ADDRESS, json={**office(number), "name": f"{WORDS}{number}"})


def stored(client: httpx.Client) -> set[int]:
    """The numbers of the offices that are there, by all pages of the list."""
    found: set[int] = set()
    cursor = ""
    while True:
        answer = client.get(ADDRESS, params={"cursor": cursor, "limit": 100})
        assert answer.status_code == 200, answer.text
        keys = [each["key"] for each in answer.json()["items"]]
        found |= {int(key[1:]) for key in keys if key.startswith("k")}
        cursor = answer.json()["next"] or ""
        if not cursor:
            return found


def test_a_log_that_takes_nothing_stops_nobody(sqlite_url: str, tmp_path: Path) -> None:
    server = Server(sqlite_url, tmp_path)
    server.stderr = "/dev/full"
    try:
        with prepared(server) as client:
            assert add(client, 1).status_code == 201
            assert client.get("/nothing/here").status_code == 404
            assert stored(client) == {1}
    finally:
        server.kill()
