"""A province's database under SERIALIZABLE: everybody writes at once, and nobody is told of it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import timedelta

import asyncpg
import httpx
import pytest

from core import campaigns, database, moments, passwords
from core.process import Process
from tests.core.spreadsheets.samples import csv_of
from tests.fixtures.application import ActorOf, Bearer, SignIn

pytestmark = pytest.mark.postgres
CAMPAIGN = "/api/v1/campaigns/2022-city"
EACH = 6


@pytest.fixture
def engine_name() -> str:
    """SERIALIZABLE is for PostgreSQL: SQLite has one writer at a time anyway."""
    return "postgresql"


@pytest.fixture
async def migrated_url(migrated_postgresql_url: str) -> str:
    """A database all of whose transactions are serializable."""
    connection = await asyncpg.connect(migrated_postgresql_url)
    name = await connection.fetchval("SELECT current_database()")
    strict = "SET default_transaction_isolation = 'serializable'"
    await connection.execute(f'ALTER DATABASE "{name}" {strict}')
    await connection.close()
    return migrated_postgresql_url


async def test_many_write_at_once_and_nothing_is_lost(
    campaign_2022: str, browsers: Callable[[], httpx.AsyncClient], bearer: Bearer
) -> None:
    """What each wrote stands once, each is counted and logged once, whatever was begun anew."""
    assert await database.fetch_value("SHOW transaction_isolation") == "serializable"
    client, headers = browsers(), await bearer("administrator", "city")
    before = await campaigns.find(campaign_2022)
    entries = await database.fetch_value("SELECT COUNT(*) FROM audit_entry")

    def metric(number: int) -> dict[str, str]:
        return {"key": f"own.m{number}", "label": "演出", "unit": "场", "aggregation": "sum"}

    def activity(number: int) -> dict[str, str]:
        times = {"starts_at": "2022-05-15T09:00:00+08:00", "ends_at": "2022-05-15T10:00:00+08:00"}
        return {
            "key": f"n{number}",
            "title": "活动",
            "kind": "culture",
            "organisation": "x1",
        } | times

    answers = await asyncio.gather(
        *(client.patch(CAMPAIGN, json={"theme": f"主题{n}"}, headers=headers) for n in range(EACH)),
        *(
            client.post(
                f"{CAMPAIGN}/metrics",
                json=metric(n),
                headers={**headers, "idempotency-key": f"k{n}"},
            )
            for n in [*range(EACH), *range(EACH)]
        ),
        *(
            client.post(f"{CAMPAIGN}/activities", json=activity(n), headers=headers)
            for n in range(EACH)
        ),
    )
    assert {answer.status_code for answer in answers} == {200, 201}, [
        answer.text for answer in answers if answer.status_code >= 300
    ]
    replayed = [answer for answer in answers if "idempotency-replayed" in answer.headers]
    assert len(replayed) == EACH
    after = await campaigns.find(campaign_2022)
    assert after.changes == before.changes + 3 * EACH
    assert await database.fetch_value("SELECT COUNT(*) FROM metric WHERE key LIKE 'own.m%'") == EACH
    assert await database.fetch_value("SELECT COUNT(*) FROM audit_entry") == entries + 3 * EACH


async def test_punches_from_many_devices_stand_once_each(
    campaign_2022: str, browsers: Callable[[], httpx.AsyncClient], bearer: Bearer
) -> None:
    """Each is sent twice, among others' writes."""
    client, headers = browsers(), await bearer("administrator", "city")
    row = await database.fetch_one(
        "SELECT h.key AS shift, v.key AS volunteer, h.starts_at FROM volunteer_attendance a"
        " JOIN volunteer_shift h ON h.id = a.shift JOIN volunteer_person v ON v.id = a.volunteer"
        " ORDER BY a.id LIMIT 1"
    )
    assert row
    nonces = [str(uuid.uuid4()) for _ in range(EACH)]

    def punch(nonce: str, minutes: int) -> dict[str, object]:
        at = moments.offset_text(row["starts_at"] + timedelta(minutes=minutes))
        who = {"shift": row["shift"], "volunteer": row["volunteer"]}
        return {"punches": [{"nonce": nonce, **who, "direction": "in", "at": at}]}

    answers = await asyncio.gather(
        *(
            client.post(f"{CAMPAIGN}/volunteer/punches", json=punch(nonce, n), headers=headers)
            for n, nonce in enumerate(nonces * 2)
        ),
        *(client.patch(CAMPAIGN, json={"theme": f"主题{n}"}, headers=headers) for n in range(EACH)),
    )
    assert {answer.status_code for answer in answers} == {200}, answers[0].text
    rows = await database.fetch("SELECT nonce FROM volunteer_punch")
    assert sorted(str(each["nonce"]) for each in rows) == sorted(nonces)


async def test_a_file_is_read_again_when_its_form_is(campaign_2022: str, sign_in: SignIn) -> None:
    """Previews by several at once: the handler begins anew, and the file with it."""
    browser = await sign_in("administrator", "city")
    rows = [["编号", "名称", "级别", "上级编号"], ["x1-09", "第九街道", "乡镇（街道）", "x1"]]

    async def preview() -> httpx.Response:
        return await browser.post("/import-organisations", files={"file": ("a.csv", csv_of(rows))})

    for page in await asyncio.gather(*(preview() for _ in range(EACH))):
        assert (page.status_code, "将增加 1 个机构" in page.text) == (200, True)


async def test_one_account_signs_in_at_several_places_at_once(
    campaign_2022: str,
    browsers: Callable[[], httpx.AsyncClient],
    actor_of: ActorOf,
    process: Process,
) -> None:
    """An attempt is counted, committed, and then the session is opened: two units of work."""
    actor = await actor_of("clerk", "x1")
    await database.execute(
        "UPDATE account SET password_hash = :hash WHERE id = :id",
        hash=await passwords.hashed("correct horse battery"),
        id=actor.account_id,
    )

    async def signed_in() -> int:
        browser = browsers()
        page = await browser.get("/sign-in")
        token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
        form = {"name": actor.name, "password": "correct horse battery", "csrf_token": token}
        return (await browser.post("/sign-in", data=form)).status_code

    assert await asyncio.gather(*(signed_in() for _ in range(4))) == [303] * 4
    assert await database.fetch_value("SELECT COUNT(*) FROM session") == 4
