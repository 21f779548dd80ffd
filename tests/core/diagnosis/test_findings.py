"""What ``doctor`` finds, beyond what the command's own tests show."""

from __future__ import annotations

import os
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest

from core import audit, database, installation, moments
from core.diagnosis import machine, stored
from core.diagnosis.findings import Finding
from core.permissions import SYSTEM
from core.process import Process
from core.settings import Settings


def bad(found: list[Finding]) -> list[str]:
    return [each.subject for each in found if each.state == "bad"]


async def states(settings: Settings) -> dict[str, str]:
    """What is found in the database, by subject."""
    return {each.subject: each.state async for each in stored._contents(settings)}


async def test_a_key_that_is_gone_or_another_is_found(process: Process, tmp_path: Path) -> None:
    settings = process.settings
    whole = await states(settings)
    assert whole.pop("backup") == "note"
    assert set(whole.values()) == {"good"}
    missing = Settings(settings.database_url, tmp_path / "none.key")
    assert (await states(missing))["key-identity"] == "bad"
    other = tmp_path / "other.key"
    other.write_text("1 " + "ab" * 32 + "\n", encoding="ascii")
    other.chmod(0o600)
    assert (await states(Settings(settings.database_url, other)))["key-identity"] == "bad"


async def test_files_that_nobody_makes_and_entries_that_nobody_seals_are_found(
    process: Process, campaign_2022: str
) -> None:
    old = moments.now() - timedelta(days=3)
    await database.execute(
        "INSERT INTO recap_rendering (key, campaign, organisation, form, state, created_at)"
        " SELECT 'k', id, organisation, 'pdf', 'queued', :old FROM campaign WHERE key = :campaign",
        old=old,
        campaign=campaign_2022,
    )
    async with database.transaction():
        await audit.record(SYSTEM, "tested", "campaign", "x")
    assert (await states(process.settings))["log"] == "good"
    await database.execute("UPDATE audit_entry SET at = :old", old=old)
    found = await states(process.settings)
    assert (found["renderings"], found["log"]) == ("bad", "note")


async def test_a_backup_that_is_overdue_is_found(process: Process) -> None:
    await installation.note_backup(moments.now() - timedelta(days=7))
    assert (await states(process.settings))["backup"] == "good"
    await installation.note_backup(moments.now() - timedelta(days=9))
    assert (await states(process.settings))["backup"] == "bad"


def test_clocks_apart_are_found() -> None:
    assert stored._clocks(moments.now()).state == "good"
    apart = stored._clocks(moments.now() - timedelta(minutes=3))
    assert (apart.state, "180" in apart.text) == ("bad", True)


def test_a_network_share_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts, folder = tmp_path / "mounts", tmp_path / "with space"
    folder.mkdir()
    lines = [
        "/dev/sda1 / ext4 rw 0 0",
        "nas:/x " + str(folder).replace(" ", r"\040") + " nfs4 rw 0 0",
    ]
    mounts.write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setattr(stored, "MOUNTS", mounts)
    assert stored.file_system(folder / "tongxing.db") == "nfs4"
    assert stored.file_system(tmp_path / "tongxing.db") == "ext4"


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("https://canlian.example.cn", "good"),
        ("http://192.168.1.9:8000", "good"),
        ("http://canlian.example.cn", "note"),
        ("", "note"),
        ("canlian.example.cn", "bad"),
        ("ftp://canlian.example.cn", "bad"),
    ],
)
def test_an_address_that_is_none_is_found(address: str, state: str) -> None:
    found = list(machine._addresses(Settings(base_url=address, contact="张三")))
    assert [(each.subject, each.state) for each in found] == [("address", state)]


def test_a_key_file_open_to_others_is_found(tmp_path: Path) -> None:
    path = tmp_path / "tongxing.key"
    path.write_text("x", encoding="ascii")
    for mode, state in ((0o600, "good"), (0o640, "bad"), (0o620, "bad"), (0o604, "bad")):
        path.chmod(mode)
        (found,) = machine._key(path)
        assert found.state == state, oct(mode)
    assert os.name == "posix"


def test_a_temporary_folder_without_room_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert [each.state for each in machine._temporary()] == ["good"]
    monkeypatch.setattr(machine, "LEAST_TEMPORARY", 10**18)
    assert [each.state for each in machine._temporary()] == ["bad"]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nothing"))
    (found,) = machine._temporary()
    assert found.state == "bad"
    assert "TMPDIR" in found.text


def test_this_machine_is_fit() -> None:
    assert bad([*machine._versions(), *machine._clock(), *machine._documents()]) == []
