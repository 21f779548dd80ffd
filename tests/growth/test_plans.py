"""With a million rows of other campaigns, nothing that one campaign asks reads through them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import pytest
from litestar import Litestar

from core import campaigns, database
from core.database import Statement
from core.process import Process
from core.scopes import Scope
from tests.fixtures.every_route import World, installed
from tests.fixtures.permission_table import Case
from tests.growth import crowd, plans

MEANT = (
    # What one office has of all campaigns, a row each, is what is asked for.
    "recap_version WHERE organisation = :organisation AND state = 'frozen'",
    # Goes back from the newest entry until the page is full.
    (
        "FROM audit_entry AS e LEFT JOIN organisation AS o ON o.id = e.organisation"
        " WHERE (e.organisation + 0 IN"
    ),
)
PLANNED = re.compile(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
LISTED = re.compile(r":(\w+?)_0(?:, :\1_\d+)+")


class Heard:
    """Every statement that ran, once for each text, with who asked it first."""

    def __init__(self) -> None:
        self.statements: dict[str, tuple[str, str, Mapping[str, Any]]] = {}
        self.place = ""

    def __call__(self, statement: Statement) -> None:
        """Take one in that could be run and has a plan."""
        if statement.failed or not PLANNED.match(statement.sql):
            return
        text = LISTED.sub(r":\1…", statement.sql)
        self.statements.setdefault(text, (self.place, statement.sql, statement.values))


async def walk(world: World, table: list[Case], heard: Heard) -> None:
    """Ask for every page, list and file once, as those who see the most."""
    for case in table:
        browser = await world.browser(case.seeing_most, "city")
        heard.place = case.route
        answer = await world.ask(browser, case)
        assert answer.status_code < 400 or case.permission == "public", (case, answer.text[:200])


async def write(world: World, table: list[Case], heard: Heard) -> None:
    """Send everything that writes once, as whoever may; nothing of it stays."""
    for case in table:
        heard.place = case.route
        await world.as_person(case, case.seeing_most, "city")


async def ask_plugins(process: Process, heard: Heard) -> None:
    """Ask every hook that reads, from the top and from below."""
    campaign = await campaigns.find("2022-city")
    offices = await database.fetch("SELECT id, key FROM organisation WHERE key IN ('city', 'x1')")
    assert len(offices) == 2
    for office in offices:
        place = (campaign.id, campaign.key, office["id"], office["key"])
        plain = Scope(*place)
        scopes = (plain, Scope(*place, by_activity=True), Scope(*place, by_day=True))
        for hook in ("measure", "calendar_entries", "findings", "live_counts"):
            for scope in scopes if hook == "measure" else (plain,):
                heard.place = hook
                outcomes = await process.plugins.ask(hook, campaign.enabled, scope=scope)
                assert outcomes
                assert not any(outcome.failed for outcome in outcomes), hook
        for metric in process.plugins.metrics():
            heard.place = f"figure_records of {metric.key}"
            for after in (0, 10):
                asked = {"scope": plain, "metric": metric.key, "after": after, "limit": 20}
                await process.plugins.ask_one("figure_records", metric.plugin or "", **asked)


async def own_rows() -> dict[str, int]:
    """How many rows the campaign has of each large table whose rows name theirs by its id."""
    found = {}
    campaign = await database.fetch_value("SELECT id FROM campaign WHERE key = '2022-city'")
    for table in crowd.LARGE:
        if "campaign" in await columns(table) and table != "audit_entry":
            sql = f"SELECT COUNT(*) FROM {table} WHERE campaign = :campaign"
            found[table] = await database.fetch_value(sql, campaign=campaign)
    return found


async def columns(table: str) -> set[str]:
    if database.is_postgresql():
        sql = "SELECT column_name AS name FROM information_schema.columns WHERE table_name = :table"
    else:
        sql = "SELECT name FROM pragma_table_info(:table)"
    return {row["name"] for row in await database.fetch(sql, table=table)}


async def crowded(url: str) -> plans.Rows:
    """The database with a million rows beside those that there are."""
    if database.is_postgresql():
        await crowd.crowd_postgresql(url)
    else:
        await asyncio.to_thread(crowd.crowd_sqlite, url)
    return plans.Rows(crowd.LARGE, await own_rows())


async def too_much(heard: Heard, rows: plans.Rows) -> list[str]:
    """What the plans of the statements read that they need not, and which they are."""
    look = plans.postgresql_complaints if database.is_postgresql() else plans.sqlite_complaints
    found = []
    for place, sql, values in heard.statements.values():
        if any(words in sql for words in MEANT):
            continue
        found += [
            f"{place}: {each}\n  in {' '.join(sql.split())}"
            for each in await look(sql, values, rows)
        ]
    return found


@pytest.mark.slow
async def test_no_statement_reads_what_belongs_to_other_campaigns(
    world: World, built_app: Litestar, process: Process, migrated_url: str
) -> None:
    rows, heard = await crowded(migrated_url), Heard()
    assert sum(crowd.LARGE.values()) > 1_000_000
    table = [case for case in installed(built_app) if case.reads and not case.uploads]
    with database.observing(heard):
        await walk(world, table, heard)
        await ask_plugins(process, heard)
        read = len(heard.statements)
        writing = [case for case in installed(built_app) if not case.reads or case.uploads]
        await write(world, writing, heard)
    assert read > 400
    assert len(heard.statements) - read > 150
    complaints = await too_much(heard, rows)
    assert complaints == [], "\n".join(complaints)
