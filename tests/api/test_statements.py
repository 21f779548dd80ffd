"""A page asks the database as often for a thousand records as for one."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from litestar import Litestar

from core import bundles, database, kept
from core.permissions import SYSTEM
from core.process import Process
from tests.fixtures.application import CAMPAIGN_2022
from tests.fixtures.every_route import World, installed
from tests.fixtures.permission_table import Case

MANY = 1_000
# Table, the row that is multiplied, what must differ, and what each new row points at.
TABLES: tuple[tuple[str, str, tuple[str, ...], dict[str, str]], ...] = (
    ("activity", "key = 'a-x1'", ("key",), {}),
    ("condolence_recipient", "key = 'r00239'", ("key",), {}),
    ("condolence_round", "key = 'n-x1'", ("key",), {}),
    ("condolence_line", "1 = 1", (), {"recipient": "condolence_recipient"}),
    ("job_fair_fair", "key = 'j-x1'", ("key",), {}),
    ("job_fair_employer", "key = 'e-x1'", ("key", "name"), {}),
    ("job_fair_seeker", "key = 's-x1'", ("key",), {}),
    ("job_fair_position", "key = 'p-x1'", ("key",), {"employer": "job_fair_employer"}),
    ("job_fair_attendance", "1 = 1", (), {"seeker": "job_fair_seeker"}),
    ("job_fair_application", "1 = 1", (), {"seeker": "job_fair_seeker"}),
    ("publicity_item", "key = 'm-x1'", ("key", "title"), {}),
    ("publicity_material", "key = 'b-x1'", ("key",), {}),
    ("publicity_outreach", "key = 'o-x1'", ("key",), {}),
    ("volunteer_person", "key = 'v-x1'", ("key",), {}),
    ("volunteer_shift", "key = 'h-x1'", ("key",), {}),
    ("volunteer_attendance", "key = 't-x1'", ("key",), {"volunteer": "volunteer_person"}),
    ("volunteer_punch", "1 = 1", ("nonce",), {}),
    ("volunteer_conflict", "1 = 1", (), {}),
    ("volunteer_device", "1 = 1", ("key", "token_hash"), {}),
    ("volunteer_objection", "1 = 1", ("key",), {}),
    ("reported_figure", "key = 'f-x1'", ("key",), {}),
    ("feed_token", "1 = 1", ("token_hash",), {}),
    ("office_observance", "key = 'day-x1'", ("key",), {}),
    ("account", "name = 'someone'", ("name",), {}),
    ("account_grant", "1 = 1", (), {"account": "account"}),
    ("api_token", "name = 'programme'", ("name", "token_hash"), {}),
    ("audit_entry", "1 = 1", (), {}),
    ("recap_rendering", "1 = 1", ("key",), {}),
    ("recap_part", "key = 'free-1'", ("key",), {}),
    ("recap_photo", "1 = 1", ("key",), {}),
)
ALIVE = "UPDATE session SET last_seen_at"
NAMED_BY = {"account": "name"}


@pytest.fixture
async def campaign_2022(process: Process) -> str:
    """The demonstration's frame: its offices and metrics, one activity and one recipient."""
    bundle: dict[str, Any] = json.loads(CAMPAIGN_2022.read_bytes())
    recipients = bundle["plugins"]["condolence"]["recipients"]
    activities = [each for each in bundle["activities"] if each["key"] == "v00"]
    bundle |= {"activities": activities, "reported": [], "plugins": {}}
    bundle["plugins"] = {"condolence": {"recipients": recipients[:1], "rounds": []}}
    data = json.dumps(bundle).encode()
    return await bundles.import_bundle(data, process.plugins, process.catalogue, SYSTEM)


async def multiply(table: str, where: str, vary: tuple[str, ...], links: dict[str, str]) -> None:
    """Let there be MANY rows of a table like the first that fits."""
    row = await database.fetch_one(f"SELECT * FROM {table} WHERE {where} ORDER BY id LIMIT 1")
    assert row is not None, table
    del row["id"]
    targets = {
        column: [
            each["id"]
            for each in await database.fetch(
                f"SELECT id FROM {other} WHERE {NAMED_BY.get(other, 'key')} LIKE 'more-%'"
            )
        ]
        for column, other in links.items()
    }
    rows = [
        {
            **row,
            **dict.fromkeys(vary, f"more-{number}"),
            **{column: ids[number] for column, ids in targets.items()},
        }
        for number in range(MANY)
    ]
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join(f":{name}" for name in row)
    await database.execute_many(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


async def statements(world: World, table: list[Case]) -> dict[str, Counter[str]]:
    """The statements of every reading route, asked by the organiser of it all."""
    found = {}
    for case in table:
        browser = await world.browser(case.seeing_most, "city")
        told: list[str] = []
        kept.forget()
        async with database.watching(told.append):
            answer = await world.ask(browser, case)
        # What is open to all answers whoever brings no code of theirs that there is nothing.
        least = 500 if case.permission == "public" else 400
        assert answer.status_code < least, (case, answer.status_code)
        # Once a minute at most, whatever is asked, a session is noted to live.
        found[case.route] = Counter(sql for sql in told if not sql.startswith(ALIVE))
    return found


async def test_the_number_of_statements_does_not_grow_with_the_records(
    world: World, built_app: Litestar
) -> None:
    table = [case for case in installed(built_app) if case.reads and not case.uploads]
    await statements(world, table)  # what is remembered at the first visit is remembered
    few = await statements(world, table)
    for row in TABLES:
        await multiply(*row)
        count = await database.fetch_value(f"SELECT COUNT(*) FROM {row[0]}")
        assert count > MANY, row[0]
    # The first file of another content is noted down.
    await statements(world, [case for case in table if case.pattern.endswith((".html", ".md"))])
    many = await statements(world, table)
    grown = {
        route: (few[route].total(), many[route].total(), list(many[route] - few[route])[:2])
        for route in few
        if few[route].total() != many[route].total()
    }
    assert grown == {}
    browser = await world.browser("clerk", "x1")  # the many are there to be seen
    assert "more-" in (await browser.get("/campaigns/2022-city/volunteer/volunteers")).text
