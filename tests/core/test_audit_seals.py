"""The log is closed in blocks, and whoever touches a closed one is found out."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from core import audit, audit_seals, database, personal, privacy
from core.checking import audit_chain
from core.checking.audit_chain import Chain
from core.permissions import SYSTEM
from core.process import Process

INSERT = (
    "INSERT INTO audit_entry (at, actor, action, thing, thing_key)"
    " VALUES (now(), 'a', 'thing.changed', 'thing', 'late')"
)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_seals, "BLOCK", 3)


async def entries(count: int) -> list[int]:
    """Write so many entries; answers the numbers of all that there are."""
    for index in range(count):
        async with database.transaction():
            await audit.record(SYSTEM, "thing.changed", "thing", f"k{index}", after={"n": index})
    return [row["id"] for row in await database.fetch("SELECT id FROM audit_entry ORDER BY id")]


async def checked(**how: Any) -> Chain:
    return await audit_chain.check(lambda _: None, **how)


async def told(**how: Any) -> list[str]:
    return [complaint.message for complaint in (await checked(**how)).complaints]


async def test_every_entry_is_sealed_once_and_in_order(process: Process) -> None:
    numbers = await entries(7)
    newest = await audit_seals.seal()
    assert newest is not None
    assert (newest.number, newest.last_entry, newest.entries) == (3, numbers[-1], 1)
    assert await audit_seals.seal() == newest
    await entries(1)
    chain = await checked()
    assert chain == Chain([], 3, numbers[-1], newest.digest, 1)


async def test_an_empty_log_has_no_seal(process: Process) -> None:
    assert await audit_seals.seal() is None
    assert await checked() == Chain([])


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE audit_entry SET after = '{\"n\": 9}' WHERE id = :id", "第 {id} 条被改动过"),
        ("UPDATE audit_entry SET actor = 'somebody' WHERE id = :id", "第 {id} 条被改动过"),
        ("DELETE FROM audit_entry WHERE id = :id", "第 {id} 条被删除了"),
        ("UPDATE audit_entry SET id = id + 1000 WHERE id = :id", "第 {id} 条被删除了"),
        ("DELETE FROM audit_seal WHERE number = 2", "第 2 道封条不见了"),
        ("DELETE FROM audit_seal WHERE number = 1", "第 1 道封条不见了"),
        ("UPDATE audit_seal SET marks = '' WHERE number = 2", "第 2 道封条被改动过"),
        ("UPDATE audit_seal SET first_entry = 0 WHERE number = 2", "第 2 道封条被改动过"),
        ("UPDATE audit_seal SET stamp = '' WHERE number = 2", "第 2 道封条不是用这个密钥文件封的"),
    ],
)
async def test_the_first_thing_that_was_touched_is_named(
    process: Process, damage: str, words: str
) -> None:
    numbers = await entries(8)
    await audit_seals.seal()
    given = {"id": numbers[4]} if ":id" in damage else {}
    await database.execute(damage, **given)
    assert await told() == [
        f"操作记录的{words}" if "道" in words else f"操作记录{words.format(id=numbers[4])}"
    ]


async def test_an_entry_slipped_in_is_named(process: Process) -> None:
    numbers = await entries(5)
    await database.execute("DELETE FROM audit_entry WHERE id = :id", id=numbers[2])
    await audit_seals.seal()
    assert await told() == []
    await database.execute(
        "INSERT INTO audit_entry (id, at, actor, action, thing, thing_key)"
        " SELECT :id, at, actor, action, thing, thing_key FROM audit_entry WHERE id = :other",
        id=numbers[2],
        other=numbers[1],
    )
    assert await told() == [f"操作记录第 {numbers[2]} 条是后来插入的"]


async def test_a_chain_made_anew_is_known_by_a_witness(process: Process) -> None:
    await entries(4)
    first = await audit_seals.seal()
    assert first is not None
    assert await told(witness=first.digest) == []
    await database.execute("DELETE FROM audit_seal")
    await database.execute("UPDATE audit_entry SET actor = 'somebody'")
    await audit_seals.seal()
    assert await told() == []
    assert [words for words in await told(witness=first.digest) if first.digest in words]


async def test_a_chain_made_anew_needs_the_key_file(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    await entries(4)
    ours = privacy.ring()
    privacy.use(privacy.KeyRing([b"x" * 32]))
    try:
        await audit_seals.seal()
    finally:
        privacy.use(ours)
    assert await told() == ["操作记录的第 1 道封条不是用这个密钥文件封的"]


async def test_a_quick_check_reads_the_newest_blocks_alone(process: Process) -> None:
    numbers = await entries(3 * (audit_chain.QUICK_BLOCKS + 1))
    await audit_seals.seal()
    await database.execute("UPDATE audit_entry SET actor = 'a' WHERE id = :id", id=numbers[0])
    assert await told(quick=True) == []
    assert len(await told()) == 1
    await database.execute("UPDATE audit_entry SET actor = 'a' WHERE id = :id", id=numbers[-1])
    assert await told(quick=True) == [f"操作记录第 {numbers[-1]} 条被改动过"]


async def test_several_who_seal_at_once_make_one_chain(process: Process) -> None:
    numbers = await entries(10)
    await asyncio.gather(*(audit_seals.seal() for _ in range(4)))
    await audit_seals.seal()
    chain = await checked()
    assert (chain.complaints, chain.last_entry) == ([], numbers[-1])


async def test_erasing_a_person_leaves_the_chain_whole(
    process: Process, campaign_2022: str
) -> None:
    await audit_seals.seal()
    await personal.ask(SYSTEM, process.plugins, "张三", personal.ERASE)
    await audit_seals.seal()
    assert await told() == []


async def test_a_server_seals_by_itself(process: Process) -> None:
    numbers = await entries(2)
    newest = None
    async with audit_seals.sealing(interval=0.01):
        for _ in range(500):
            newest = await audit_seals.last()
            if newest is not None:
                break
            await asyncio.sleep(0.02)
    assert newest is not None
    assert newest.last_entry == numbers[-1]


@pytest.mark.postgres
async def test_an_entry_that_is_still_on_its_way_is_waited_for(
    engine_name: str, migrated_url: str, process: Process
) -> None:
    """PostgreSQL draws numbers before transactions commit: a lesser one may come later."""
    if engine_name == "sqlite":
        return
    await entries(1)
    first = await audit_seals.seal()
    assert first is not None
    other = await asyncpg.connect(migrated_url)
    try:
        transaction = other.transaction()
        await transaction.start()
        await other.execute(INSERT)
        await entries(1)
        assert await audit_seals.seal(settling=0.2) == first
        waiting = asyncio.create_task(audit_seals.seal(settling=20))
        await asyncio.sleep(0.1)
        await transaction.commit()
        newest = await waiting
    finally:
        await other.close()
    assert newest is not None
    assert newest.entries == 2
    assert await told() == []
