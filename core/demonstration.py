"""The demonstration of a first start: a real campaign, and accounts to look at it with."""

from __future__ import annotations

import secrets
from pathlib import Path

from core import accounts, bundles, database
from core.permissions import ROLE_LABELS, SYSTEM
from core.process import Process
from core.settings import ROOT

CAMPAIGN = ROOT / "tests" / "campaigns" / "2022-city.json"
# Who is who: account, role, office of the demonstration campaign.
PEOPLE = (
    ("admin", "administrator", "city"),
    ("zuzhi", "organiser", "city"),
    ("jingban", "clerk", "x1"),
    ("shenhe", "reviewer", "city"),
    ("chakan", "viewer", "city"),
)


async def wanted() -> bool:
    """Whether nothing has been put into this database yet."""
    return await database.fetch_value("SELECT 1 FROM organisation LIMIT 1") is None


async def load(process: Process, logins: Path) -> str:
    """Import the campaign and make the accounts, whose passwords go into the file ``logins``.

    Passwords are drawn for this installation: a demonstration that is left running on a network
    has none that a stranger knows. All of it is there or nothing: a start that is broken off, even
    after the file was written, is begun anew by the next. Answers the campaign's key.
    """
    async with database.transaction(durable=True):
        return await _loaded(process, logins)


async def _loaded(process: Process, logins: Path) -> str:
    key = await bundles.import_bundle(
        CAMPAIGN.read_bytes(), process.plugins, process.catalogue, SYSTEM
    )
    lines = []
    for name, role, office in PEOPLE:
        password = "-".join(secrets.token_hex(2) for _ in range(3))
        number = await database.fetch_value(
            "SELECT id FROM organisation WHERE key = :key", key=office
        )
        await accounts.create(
            SYSTEM,
            name,
            display_name=f"示例{ROLE_LABELS[role]}",
            password=password,
            role=role,
            organisation_id=number,
        )
        lines.append(f"{name}\t{password}\t{ROLE_LABELS[role]}\n")
    _write_privately(logins, "".join(lines))
    return key


def _write_privately(path: Path, text: str) -> None:
    """Write the file whole, before the passwords in it count; nobody else reads it."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        beside.touch(mode=0o600)
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
