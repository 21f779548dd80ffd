"""The server's clock jumps: nothing goes back, nobody is locked out for longer, nothing is lost."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.faults.servers import Server
from tests.faults.test_database_gone import ADDRESS, office
from tests.faults.test_killed import headers, rows
from tests.fixtures.application import CAMPAIGN_2022
from tests.fixtures.served import ROOT

HOUR, DAY = 3600, 86400
PASSWORD = "correct horse battery"
ACTIVITY = "/api/v1/campaigns/2022-city/activities"


@pytest.fixture
def clock(server: Server, tmp_path: Path) -> Path:
    """How many seconds the server's clock is wrong by; see shifted_clock/sitecustomize.py."""
    path = tmp_path / "clock"
    path.write_text("0")
    server.settings = {
        **server.settings,
        "PYTHONPATH": str(Path(__file__).parent / "shifted_clock"),
        "TONGXING_TEST_ROOT": str(ROOT),
        "TONGXING_TEST_CLOCK": str(path),
    }
    return path


@pytest.fixture
def engine_name() -> str:
    """Moments are compared alike on both engines (tests/core/test_moments_stored.py)."""
    return "sqlite"


def lines(feed: str, name: str) -> list[str]:
    return [line for line in feed.splitlines() if line.startswith(name)]


def test_jumps_of_the_clock(server: Server, clock: Path) -> None:
    server.command("import", str(CAMPAIGN_2022))
    server.command("user", "add", "guan", "--role", "administrator", "--organisation", "city")
    path = server.command("feed", "add", "2022-city").strip()
    allowed = headers(server, "administrator")
    server.start()
    server.ready()
    with httpx.Client(base_url=server.address, headers=allowed, timeout=40) as client:
        feeds_do_not_go_back(client, clock, path.replace("https://", "http://"))
        a_repeat_stays_one(client, clock)
        locks_end(server, clock)
        sessions_end(server, clock)


def feeds_do_not_go_back(client: httpx.Client, clock: Path, path: str) -> None:
    """What changes after the clock was set back is no older than what was there."""
    key = json.loads(CAMPAIGN_2022.read_bytes())["activities"][0]["key"]
    seen: list[tuple[str, str, str]] = []
    for shift, place in ((0, "甲处"), (-2 * HOUR, "乙处"), (DAY, "丙处"), (0, "丁处")):
        clock.write_text(str(shift))
        moved = {"place": place, "starts_at": f"2022-05-1{len(seen)}T08:00:00+08:00"}
        moved["ends_at"] = "2022-05-20T08:00:00+08:00"
        answer = client.patch(f"{ACTIVITY}/{key}", json=moved)
        assert answer.status_code == 200, answer.text
        feed = client.get(path)
        assert place in feed.text
        entry = next(each for each in feed.text.split("BEGIN:VEVENT") if place in each)
        seen.append((lines(entry, "SEQUENCE")[0], lines(entry, "LAST-MODIFIED")[0], place))
        again = client.get(path, headers={"if-none-match": feed.headers["etag"]})
        assert again.status_code == 304
    sequences = [int(each[0].partition(":")[2]) for each in seen]
    assert sequences == sorted(set(sequences))
    assert [each[1] for each in seen] == sorted(each[1] for each in seen)


def a_repeat_stays_one(client: httpx.Client, clock: Path) -> None:
    """An answer is kept whatever the clock says when the request is sent again."""
    once = {"idempotency-key": "once"}
    first = client.post(ADDRESS, json=office(7), headers=once)
    for shift in (-2 * HOUR, DAY, 0):
        clock.write_text(str(shift))
        again = client.post(ADDRESS, json=office(7), headers=once)
        assert (again.status_code, again.json()) == (first.status_code, first.json())


def locks_end(server: Server, clock: Path) -> None:
    """An account that was locked while the clock was a day ahead opens once it is right."""
    clock.write_text(str(DAY))
    for _ in range(5):
        with pytest.raises(AssertionError):
            server.browser("guan", "wrong horse battery")
    assert rows(server.database_url, "SELECT 1 FROM account WHERE locked_until IS NOT NULL")
    with pytest.raises(AssertionError):
        server.browser("guan", PASSWORD)
    clock.write_text("0")
    server.browser("guan", PASSWORD).close()


def sessions_end(server: Server, clock: Path) -> None:
    """Set back, a session goes on; a day later it is over, which is told by the sign-in page."""
    with closing(server.browser("guan", PASSWORD)) as browser:
        clock.write_text(str(-2 * HOUR))
        assert "退出登录" in browser.get("/campaigns").text
        clock.write_text(str(DAY))
        assert "退出登录" not in browser.get("/campaigns").text
        clock.write_text("0")
    server.browser("guan", PASSWORD).close()
