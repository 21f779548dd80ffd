"""A short soak on each engine; and that it would notice what it looks for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bench.soak import soak
from bench.soak_invariants import broken
from core import database
from core.process import opened
from core.settings import Settings


async def _spoil(settings: Settings, statement: str) -> None:
    async with opened(settings):
        await database.execute(statement)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_servers_are_killed(
    migrated_url: str, key_file: Path, tmp_path: Path
) -> None:
    settings = Settings(migrated_url, key_file)
    summary, ledger = soak(settings, tmp_path, seconds=1, seed=5)
    assert summary.violations == []
    assert (summary.rounds, summary.kills) == (1, 1)
    assert ledger.nonces
    assert sum(len(keys) for keys in ledger.records.values()) > 0

    nonce = min(ledger.nonces)
    place, kept = min(ledger.records.items())
    lost = replace(ledger, records={place: kept | {"lost"}}, nonces=ledger.nonces | {"none"})
    assert asyncio.run(broken(settings, lost)) == [
        f"{place} lost was acknowledged and is gone",
        "punch none was acknowledged and is gone",
    ]
    asyncio.run(_spoil(settings, f"DELETE FROM volunteer_punch WHERE nonce = '{nonce}'"))
    asyncio.run(_spoil(settings, "DELETE FROM campaign_closure WHERE depth = 1"))
    found = asyncio.run(broken(settings, ledger))
    assert f"punch {nonce} was acknowledged and is gone" in found
    assert [words for words in found if words.startswith("check: campaign_closure")]
