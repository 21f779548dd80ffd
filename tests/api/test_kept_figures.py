"""Nothing is shown that was computed before the last change: every write raises the counter."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from core import bundles, campaigns, database, kept, moments, reports
from core.database.observing import Statement, observing
from core.documents import canonical
from core.process import Process
from core.recap.life import snapshot
from core.recap.made import made
from core.reports import Report
from plugins.volunteer.punching import clock
from tests.fixtures.county_records import OWN
from tests.fixtures.every_route import UndoneError, World, installed
from tests.fixtures.permission_table import Case
from tests.fixtures.route_bodies import BODIES

# Tables that neither a figure nor a finding depends on, and the recap only as it is read anew.
APART = frozenset(
    {
        # who asks, and what was done
        *("account", "account_grant", "api_token", "session", "idempotency_key", "audit_entry"),
        *("audit_seal", "audit_seal_part", "feed_token", "installation", "upload", "migration"),
        # today's offices and days: a campaign has a tree of its own; titles are read anew
        *("organisation", "organisation_closure", "office_observance"),
        # what the recap reads anew: texts, photos, templates, versions
        *("recap_deadline", "recap_image", "recap_manuscript", "recap_part", "recap_photo"),
        *("recap_print", "recap_rendering", "recap_template", "recap_version"),
        # volunteers' own things and papers
        *("volunteer_certificate", "volunteer_device", "volunteer_issuer", "volunteer_own_feed"),
        *("volunteer_profile", "volunteer_waiting"),
    }
)
# Tables that the walk does not come to; tests of their plugin do, and they begin with ``hold``.
BY_HAND = frozenset({"volunteer_star_award"})
WRITTEN = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM) \"?([a-z_]+)")
RAISES = re.compile(r"UPDATE campaign SET .*\bchanges = changes \+ 1|INSERT INTO campaign \(")
STEPS = 12
C = "/api/v1/campaigns/{campaign}"
ITEMS = {path: item for path, item in OWN if item.get("key") != "h-open"}
MORE: dict[str, Any] = {
    f"PATCH {C}": {"theme": "另一个主题"},
    f"POST {C}/participants": {},
    "PATCH /api/v1/organisations/{key}": {"name": "甲县残疾人联合会"},
    "POST /api/v1/organisations": {
        "key": "x9",
        "name": "新县残联",
        "level": "county",
        "parent": "city",
    },
    "POST /api/v1/organisations/{key}/close": {"on": "2026-01-01"},
    f"PATCH {C}/reported/{{key}}": {"value": "4"},
    f"PATCH {C}/activities/{{key}}": {"title": "读书会（改）"},
    f"PATCH {C}/condolence/rounds/{{key}}": {"occasion": "春节"},
    f"PATCH {C}/condolence/lines/{{key}}": {
        "cash": "120.00",
        "goods": [{"item": "米", "quantity": 2, "unit": "袋", "unit_value": "60.00"}],
    },
    f"PATCH {C}/condolence/recipients/{{key}}": {"members": 4},
    f"PATCH {C}/job_fair/fairs/{{key}}": {"mode": "online"},
    f"PATCH {C}/job_fair/positions/{{key}}": {"openings": 9, "job_type": "新工种"},
    f"PATCH {C}/job_fair/employers/{{key}}": {"name": "乙公司"},
    f"PATCH {C}/job_fair/seekers/{{key}}": {"name": "欧阳建军"},
    f"PATCH {C}/job_fair/applications/{{key}}": {"stage": "hired"},
    f"PATCH {C}/publicity/items/{{key}}": {"kind": "tv"},
    f"PATCH {C}/publicity/materials/{{key}}": {"quantity": 30},
    f"PATCH {C}/publicity/outreach/{{key}}": {"people": 300},
    f"PATCH {C}/volunteer/volunteers/{{key}}": {"name": "司马秀兰"},
    f"PATCH {C}/volunteer/shifts/{{key}}": {"capacity": 30},
    f"PATCH {C}/volunteer/attendances/{{key}}": {
        "checked_in_at": "2022-05-12T08:00:00+08:00",
        "checked_out_at": "2022-05-12T11:00:00+08:00",
        "status": "confirmed",
    },
    f"POST {C}/volunteer/objections/{{key}}/answer": {
        "answer": "已经核对。",
        "upheld": True,
    },
    f"POST {C}/volunteer/objections": {"attendance": "t-x1", "text": "再说一次。"},
    f"POST {C}/volunteer/conflicts/{{number}}/resolution": {"resolution": "device_time"},
    f"POST {C}/volunteer/shifts/{{key}}/marks": {"status": "no_show", "attendances": ["t-x1"]},
}


def body_of(case: Case) -> Any:
    """What is sent: the table's body, or a record like the one that x1 has, under a new key."""
    if case.route in MORE:
        return MORE[case.route]
    path = case.pattern.removeprefix(f"{C}/")
    if case.method == "POST" and path in ITEMS:
        new = {name: "new-1" if name == "key" else value for name, value in ITEMS[path].items()}
        return {**new, **NEW.get(path, {})}
    return BODIES.get(case.route, {})


# What must differ from x1's own record of the kind.
NEW: dict[str, dict[str, Any]] = {
    "condolence/lines": {"recipient": "r00240"},
    "job_fair/employers": {"name": "丙公司"},
    "job_fair/attendances": {"seeker": "s00071"},
    "job_fair/applications": {"seeker": "s00071"},
    "volunteer/attendances": {"shift": "h-open", "status": "signed_up"},
}


class Watch:
    """Which tables that matter were written, and whether the counter was raised."""

    def __init__(self) -> None:
        self.tables: set[str] = set()
        self.raised = False

    def see(self, statement: Statement) -> None:
        self.raised |= bool(RAISES.search(statement.sql))
        if statement.rows or "RETURNING" not in statement.sql:
            self.tables |= set(WRITTEN.findall(statement.sql)) - APART

    @property
    def fault(self) -> bool:
        """Whether something that was kept would be shown though it is wrong."""
        return bool(self.tables - {"campaign"}) and not self.raised


async def undone(world: World, case: Case, role: str, office: str) -> tuple[Watch, httpx.Response]:
    """Ask once, and take back what it wrote."""
    watch, answers = Watch(), []
    world.known["place"] = office
    with suppress(UndoneError):
        async with database.transaction():
            with observing(watch.see):
                if case.is_data:
                    headers = await world.bearer(role, office)
                    answers.append(await ask(world, case, body_of(case), headers))
                else:
                    browser = await world.browser(role, office)
                    answers.append(await world.ask(browser, case))
            raise UndoneError
    return watch, answers[0]


async def ask(world: World, case: Case, body: Any, headers: Mapping[str, str]) -> httpx.Response:
    text = json.dumps(body)
    for name, value in world.known.items():
        text = text.replace(f"@{name}", value)
    address = case.address
    for name, value in world.known.items():
        address = address.replace(f"@{name}", value)
    content = {} if case.method == "DELETE" else {"json": json.loads(text)}
    return await world.nobody.request(case.method, address, headers=dict(headers), **content)


def writing(app: Litestar) -> Iterator[Case]:
    """Every route that may change something, but for those that need a file sent before."""
    passing = {"/sign-out", "/password"}
    for case in installed(app):
        if not case.reads and not case.uploads and case.pattern not in passing:
            yield case


async def all_tables() -> set[str]:
    rows = await database.fetch("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {row["name"] for row in rows} - {"sqlite_sequence"}


async def furnished(world: World) -> list[str]:
    """People of every role, made before anything is taken back."""
    for role in ROLES:
        await world.browser(role, "city")
        await world.bearer(role, "city")
    return list(ROLES)


ROLES = ("administrator", "organiser", "volunteer")


def role_for(case: Case) -> str:
    if case.permission == "volunteer.self":
        return "volunteer"
    return "administrator" if case.permission.endswith(".manage") else "organiser"


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_every_route_that_writes_what_figures_are_made_of_raises_the_counter(
    world: World, built_app: Litestar
) -> None:
    await furnished(world)
    faults, reached = [], set[str]()
    for case in writing(built_app):
        watch, answer = await undone(world, case, role_for(case), "city")
        if watch.fault:
            faults.append((case.route, answer.status_code, sorted(watch.tables)))
        if answer.is_success or answer.is_redirect:
            reached |= watch.tables
    assert faults == []
    # The walk is worth something only if it comes to whatever a figure may be made of.
    assert await all_tables() - APART - reached <= BY_HAND


def test_a_write_that_does_not_raise_the_counter_is_seen() -> None:
    def watched(*statements: str) -> Watch:
        watch = Watch()
        for sql in statements:
            watch.see(Statement(sql, {}, 0.0, 1))
        return watch

    added = "INSERT INTO publicity_item (campaign, key) VALUES (1, 'x')"
    raised = "UPDATE campaign SET changes = changes + 1, modified_at = :now WHERE id = :campaign"
    assert watched(added).fault
    assert watched(added, "UPDATE campaign SET state = 'open'").fault
    assert not watched(added, raised).fault
    assert not watched("INSERT INTO session (id) VALUES (1)", "SELECT 1").fault


async def shown(process: Process, office: str | None) -> Report:
    return await reports.read(
        await campaigns.find("2022-city"), office, process.plugins, process.catalogue
    )


async def assert_fresh(process: Process, said: str) -> None:
    """What is shown is what would be computed now: figures, findings and the recap's words."""
    report, county = await shown(process, None), await shown(process, "x1")
    document = (await made(report, process.plugins, process.catalogue)).document
    kept.forget()
    # Kept again by this, so that the next change finds something that it makes wrong.
    anew = await shown(process, None)
    assert report.figures == anew.figures, said
    assert report.findings == anew.findings, said
    assert county.figures == (await shown(process, "x1")).figures, said
    built = (await made(anew, process.plugins, process.catalogue)).document
    assert snapshot.fingerprint(document) == snapshot.fingerprint(built), said


async def test_after_any_writes_what_is_shown_is_what_would_be_computed(
    world: World, built_app: Litestar, process: Process, engine_name: str
) -> None:
    """Routes in an order drawn by lot, each for good; now and then a command beside them."""
    await furnished(world)
    await assert_fresh(process, "at first")
    draw = random.Random(engine_name)
    table = [case for case in writing(built_app) if case.is_data and "{campaign}" in case.pattern]
    draw.shuffle(table)
    done = 0
    for case in table[:STEPS]:
        world.known["place"] = "city"
        headers = await world.bearer(role_for(case), "city")
        before = await campaigns.find("2022-city")
        answer = await ask(world, case, body_of(case), headers)
        done += (await campaigns.find("2022-city")).changes > before.changes
        await assert_fresh(process, f"{case.route}: {answer.status_code}")
    assert done >= 2
    await clock.close_forgotten(moments.now())
    await assert_fresh(process, "after forgotten check-outs were closed")


async def test_a_bundle_of_another_process_is_seen_at_once(
    process: Process, campaign_2022: str, tmp_path: Path
) -> None:
    await assert_fresh(process, "at first")
    before = await shown(process, None)
    document = await bundles.export_document(campaign_2022, process.plugins)
    document["reported"].append(
        {
            "key": "f-more",
            "metric": "publicity.reach",
            "organisation": "x1",
            "activity": None,
            "value": "7",
            "basis": "additional",
            "source": "补报",
        }
    )
    path = tmp_path / "bundle.json"
    path.write_bytes(canonical(document).encode())
    environment = {**os.environ, **process.settings.as_environment()}
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "app.py", "import", str(path)],
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    after = await shown(process, None)
    reached = [report.figures.own.get("publicity.reach") for report in (before, after)]
    assert [each.value if each else 0 for each in reached] == [0, 7]
    await assert_fresh(process, "after the import")


async def test_what_a_unit_of_work_sees_before_its_commit_is_not_kept(
    process: Process, campaign_2022: str
) -> None:
    """Undone, the counter stands where it stood, and will be raised to the same number again."""
    before = await shown(process, None)
    with suppress(UndoneError):
        async with database.transaction():
            campaign = await campaigns.find(campaign_2022)
            await campaigns.touch(campaign.id)
            await database.execute("DELETE FROM condolence_goods")
            assert (await shown(process, None)).figures != before.figures
            raise UndoneError
    await campaigns.touch((await campaigns.find(campaign_2022)).id)
    assert (await shown(process, None)).figures == before.figures


async def test_a_database_that_was_put_back_is_another_state(
    process: Process, campaign_2022: str
) -> None:
    before = await shown(process, None)
    campaign = await campaigns.find(campaign_2022)
    await database.execute("DELETE FROM condolence_goods")
    await database.execute(
        "UPDATE campaign SET modified_at = :then WHERE id = :id",
        then=campaign.modified_at - timedelta(days=1),
        id=campaign.id,
    )
    assert (await shown(process, None)).figures != before.figures
