"""Rows become those of a document: ids stay, nothing is written that is there already."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import bundles, database, privacy
from core.permissions import SYSTEM
from core.process import Process
from core.synchronise import BATCH, Synchroniser
from tests.core.bundle_samples import small

COLUMNS = "key, label, unit, aggregation, numerator, denominator"


@pytest.fixture
async def campaign(process: Process) -> int:
    """The id of a campaign whose own metrics are synchronised here."""
    await bundles.import_document(small(), process.plugins, process.catalogue, SYSTEM)
    await database.execute("DELETE FROM metric")
    return int(await database.fetch_value("SELECT id FROM campaign"))


def metrics() -> Synchroniser:
    return Synchroniser(
        "metric", f"SELECT id, campaign, {COLUMNS} FROM metric WHERE campaign = :campaign", ("key",)
    )


def row(campaign: int, key: str, label: str = "甲") -> dict[str, Any]:
    given = {"key": key, "label": label, "unit": "件", "aggregation": "sum"}
    return {"campaign": campaign, **given, "numerator": None, "denominator": None}


async def make(campaign: int, labels: dict[str, str]) -> tuple[dict[str, int], int]:
    """Make the metrics those of ``labels``; ids by key, and how many rows were written."""
    rows = {(key,): row(campaign, key, label) for key, label in labels.items()}
    return await make_rows(campaign, rows)


async def make_rows(
    campaign: int, rows: dict[tuple[str], dict[str, Any]]
) -> tuple[dict[str, int], int]:
    """The same for whole rows."""
    async with database.transaction():
        stored = metrics()
        await stored.load(campaign=campaign)
        await stored.prune(rows)
        await stored.store(rows, campaign=campaign)
    return {key: number for (key,), number in stored.ids.items()}, stored.written


async def kept(campaign: int) -> dict[str, str]:
    rows = await database.fetch("SELECT key, label FROM metric WHERE campaign = :c", c=campaign)
    return {each["key"]: each["label"] for each in rows}


async def test_new_rows_are_inserted_and_known_by_their_ids(campaign: int) -> None:
    ids, written = await make(campaign, {"a": "甲", "b": "乙"})
    assert written == 2
    assert await kept(campaign) == {"a": "甲", "b": "乙"}
    for key, number in ids.items():
        sql = "SELECT key FROM metric WHERE id = :id"
        assert await database.fetch_value(sql, id=number) == key


async def test_the_same_again_writes_nothing(campaign: int) -> None:
    before, _ = await make(campaign, {"a": "甲", "b": "乙"})
    statements: list[str] = []
    async with database.watching(statements.append):
        assert await make(campaign, {"b": "乙", "a": "甲"}) == (before, 0)
    assert [sql for sql in statements if not sql.startswith("SELECT")] == []


async def test_changed_rows_keep_their_ids_and_others_go(campaign: int) -> None:
    before, _ = await make(campaign, {"a": "甲", "b": "乙", "c": "丙"})
    after, written = await make(campaign, {"a": "甲", "b": "改", "d": "丁"})
    assert written == 3
    assert await kept(campaign) == {"a": "甲", "b": "改", "d": "丁"}
    assert (after["a"], after["b"]) == (before["a"], before["b"])
    assert set(after) == {"a", "b", "d"}


async def test_rows_of_other_campaigns_stay(campaign: int, process: Process) -> None:
    other = small()
    other["campaign"]["key"] = "other"
    await bundles.import_document(other, process.plugins, process.catalogue, SYSTEM)
    await make(campaign, {"a": "甲"})
    sql = "SELECT key FROM metric WHERE campaign <> :campaign"
    left = await database.fetch(sql, campaign=campaign)
    assert len(left) == len(other["metrics"])


async def test_more_rows_than_a_statement_takes(campaign: int) -> None:
    many = {f"m{number:05d}": "甲" for number in range(BATCH * 2 + 2)}
    ids, written = await make(campaign, many)
    assert (len(ids), written) == (len(many), len(many))
    statements: list[str] = []
    async with database.watching(statements.append):
        assert (await make(campaign, {"m00007": "甲"}))[1] == len(many) - 1
    assert len([sql for sql in statements if sql.startswith("DELETE")]) == 3
    assert await kept(campaign) == {"m00007": "甲"}


async def test_a_failing_row_takes_all_with_it(campaign: int) -> None:
    await make(campaign, {"a": "甲"})
    rows = {("b",): row(campaign, "b"), ("c",): row(campaign, "c") | {"label": None}}
    with pytest.raises(database.UNREACHABLE):
        await make_rows(campaign, rows)
    assert await kept(campaign) == {"a": "甲"}


async def test_sealed_columns_are_compared_in_clear_and_written_sealed(campaign: int) -> None:
    """Sealing the same name twice gives two texts: compared sealed, all would be written again."""

    def people() -> Synchroniser:
        return Synchroniser(
            "condolence_recipient",
            "SELECT * FROM condolence_recipient WHERE campaign = :campaign",
            ("key",),
            {"name_sealed": (privacy.seal, privacy.unseal)},
        )

    stored = people()
    await stored.load(campaign=campaign)
    rows = {identity: dict(found) for identity, found in stored.now.items()}
    assert all(found["name_sealed"].startswith("对象") for found in rows.values())
    async with database.transaction():
        await stored.store(rows, campaign=campaign)
        assert stored.written == 0
        first = next(iter(rows))
        rows[first] = {**rows[first], "name_sealed": "新名字"}
        await stored.store(rows, campaign=campaign)
    assert stored.written == 1
    assert stored.now[first]["name_sealed"] == "新名字"
    sealed = await database.fetch("SELECT name_sealed FROM condolence_recipient")
    assert not [each for each in sealed if "新名字" in each["name_sealed"]]


documents = st.dictionaries(st.text("abc", min_size=1, max_size=2), st.sampled_from("甲乙丙"))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=documents, second=documents)
async def test_whatever_was_there_the_document_is_there_afterwards(
    first: dict[str, str], second: dict[str, str], campaign: int
) -> None:
    before, _ = await make(campaign, first)
    after, written = await make(campaign, second)
    assert await kept(campaign) == second
    assert all(after[key] == before[key] for key in set(first) & set(second))
    same = {key for key in first if second.get(key) == first[key]}
    assert written == len(set(first) | set(second)) - len(same)
