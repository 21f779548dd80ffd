"""What must hold whatever happened to the servers of a soak."""

from __future__ import annotations

from typing import Any

from bench.soak_campaigns import CAMPAIGN, REPLACED
from bench.soak_clients import Ledger
from core import audit_seals, bundles, database
from core.checking import everything
from core.process import Process, opened
from core.settings import Settings


async def broken(settings: Settings, ledger: Ledger) -> list[str]:
    """The first invariants that do not hold, as sentences; empty when all do."""
    async with opened(settings) as process:
        checked = await everything.check(process, lambda _: None)
        found = [f"check: {complaint.message}" for complaint in checked.complaints]
        found += await _promises(process, ledger)
        await audit_seals.seal()
    return found


async def _promises(process: Process, ledger: Ledger) -> list[str]:
    document = await bundles.export_document(CAMPAIGN, process.plugins)
    found = []
    for part, keys in ledger.records.items():
        held = {item["key"] for item in _part(document, part)}
        found += [f"{part} {key} was acknowledged and is gone" for key in sorted(keys - held)]
    punches = await database.fetch("SELECT nonce FROM volunteer_punch")
    nonces = {str(row["nonce"]) for row in punches}
    found += [f"punch {n} was acknowledged and is gone" for n in sorted(ledger.nonces - nonces)]
    targets = {(t["metric"], t["organisation"]): t["value"] for t in document["targets"]}
    found += [
        f"target {place} is {targets.get(place)}, which nobody has sent"
        for place, sent in ledger.targets.items()
        if place in targets and targets[place] not in sent
    ]
    versions = {
        (row["key"], row["number"]): row["sha256"]
        for row in await database.fetch(
            "SELECT o.key, v.number, v.sha256 FROM recap_version v"
            " JOIN organisation o ON o.id = v.organisation"
        )
    }
    found += [
        f"recap {place} was acknowledged and is gone"
        for place, digest in ledger.versions.items()
        if versions.get(place) != digest
    ]
    return found + await _replaced(process, ledger)


async def _replaced(process: Process, ledger: Ledger) -> list[str]:
    """The campaign that is sent as a whole is one of those sent, whole."""
    if not ledger.replaced:
        return []
    document = await bundles.export_document(REPLACED, process.plugins)
    keys = {item["key"] for item in document["plugins"]["publicity"]["materials"]}
    whole = keys == {f"m{each}" for each in range(len(keys))}
    if whole and 1 <= len(keys) <= ledger.sent:
        return []
    return [f"the replaced campaign holds {len(keys)} records, a mixture of what was sent"]


def _part(document: dict[str, Any], part: str) -> list[dict[str, Any]]:
    plugin, _, name = part.partition(".")
    found: list[dict[str, Any]] = document["plugins"][plugin][name] if name else document[plugin]
    return found
