"""A check finds nothing in what the software wrote, and names whatever was damaged since."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from core import audit_seals, bundles, database, moments
from core.checking import everything, indexes
from core.checking.complaints import MOST_OF_A_KIND, Complaint, first_of
from core.checking.indexes import Index
from core.documents import canonical
from core.permissions import SYSTEM
from core.process import Process
from core.refusals import Missing
from tests.core.bundle_samples import campaign
from tests.fixtures.command_line import CommandLine

KEY = "2022-city"
# What is done to a database at once, and the code and words of each thing that a check then says.
TREES_AND_RECORDS = (
    [
        "DELETE FROM organisation_closure WHERE depth = 1",
        "UPDATE campaign_closure SET depth = 3 WHERE depth = 1",
        (
            "INSERT INTO campaign_closure (campaign, ancestor, descendant, depth)"
            " SELECT campaign, descendant, ancestor, 1 FROM campaign_closure WHERE depth = 3"
        ),
        "UPDATE organisation SET parent = id WHERE key = 'x1'",
        "UPDATE volunteer_attendance SET credited_minutes = credited_minutes + 60",
        "UPDATE recap_version SET content = content || ' '",
        "UPDATE audit_entry SET actor = 'x'",
    ],
    [
        ("closure_missing", "organisation_closure：上级 city 与下级 x2 的一行缺少"),
        ("closure_depth", "层数是 3，应当是 1"),
        (
            "closure_surplus",
            "campaign_closure（活动 2022-city）：上级 x1 与下级 city 的一行不应当有",
        ),
        ("cycle", "organisation_closure：机构 x1 的上级绕成了圈"),
        ("figure_differs", "活动 2022-city 机构 x1 的 volunteer.hours：数值是 4，核对得 3"),
        ("recap_changed", "活动 2022-city 机构 city 第 1 版总结的内容与报送时的校验值不符"),
        ("log_touched", "条被改动过"),
    ],
)
OFFICES_AND_PLUGINS = (
    [
        "UPDATE campaign_participant SET parent = NULL WHERE parent IS NOT NULL",
        "INSERT INTO campaign_plugin (campaign, plugin) SELECT id, 'nowhere' FROM campaign",
    ],
    [
        ("parent_missing", "机构 x1 的上级不在活动的机构之中"),
        ("plugin_missing", "插件没有安装：nowhere"),
    ],
)
VALUES = (
    ["UPDATE reported_figure SET value = '-1'"],
    [("record_broken", "活动 2022-city 的记录 /reported/0/value")],
)
NO_NUMBER = (
    ["UPDATE reported_figure SET value = 'abc'"],
    [("record_broken", "活动 2022-city 的记录 /reported/0/value")],
)
NO_LOG = (
    ["DELETE FROM audit_entry", "DELETE FROM audit_seal"],
    [("log_emptied", "操作记录被清空了")],
)
INDEXES = (
    ["DROP INDEX session_account", "DROP INDEX reported_figure_total"],
    [
        ("index_missing", "session 缺少索引 session_account（account）：查询会变慢"),
        ("index_missing", "（campaign、metric、organisation、表达式）：重复的内容拦不住"),
    ],
)
EXCHANGED = (
    [
        (
            "UPDATE volunteer_person SET name_sealed = (SELECT p.name_sealed"
            " FROM volunteer_person p WHERE p.id <> volunteer_person.id)"
        ),
    ],
    [("index_wrong", "的 name_index 与加密内容对不上")],
)
NAMES = (
    ["UPDATE volunteer_person SET name_sealed = 'v1:00000000:AAAA'"],
    [
        ("not_opened", "volunteer_person 第"),
        ("not_readable", "活动 2022-city 读不完整"),
    ],
)


@pytest.fixture
async def loaded(process: Process) -> Process:
    """A campaign of records, volunteers among them, a recap that was handed in, a sealed log."""
    document = campaign(KEY)
    document["plugins"]["volunteer"] = {
        "volunteers": [
            {"key": f"v{number}", "name": f"志愿者{number}", "organisation": "x1"}
            for number in (1, 2)
        ],
        "shifts": [
            {
                "key": "h1", "activity": None, "organisation": "x1", "title": "引导",
                "starts_at": "2022-05-15T08:00:00+08:00", "ends_at": "2022-05-15T12:00:00+08:00",
                "capacity": 20,
            }
        ],
        "attendances": [
            {
                "volunteer": "v1", "shift": "h1", "status": "confirmed",
                "checked_in_at": "2022-05-15T08:00:00+08:00",
                "checked_out_at": "2022-05-15T11:00:00+08:00",
            }
        ],
        "star_scheme": "street-annual",
    }  # fmt: skip
    await bundles.import_document(document, process.plugins, process.catalogue, SYSTEM)
    content = canonical({"a": 1})
    await database.execute(
        "INSERT INTO recap_version (campaign, organisation, number, state, code, content, sha256,"
        " fingerprint, campaign_changes, unaccepted, submitted_by, submitted_at, reason)"
        " SELECT id, organisation, 1, 'frozen', 'C', :content, :digest, '', 0, '', 'a', :now, ''"
        " FROM campaign",
        content=content,
        digest=hashlib.sha256(content.encode()).hexdigest(),
        now=moments.now(),
    )
    await audit_seals.seal()
    return process


async def complaints(process: Process, *, quick: bool = False) -> list[Complaint]:
    return (await everything.check(process, lambda _: None, quick=quick)).complaints


async def test_nothing_is_wrong_with_what_was_imported(loaded: Process) -> None:
    checked = await everything.check(loaded, lambda _: None)
    assert (checked.complaints, checked.notes, checked.campaigns) == ([], [], 1)
    assert checked.chain.seals == 1
    assert await complaints(loaded, quick=True) == []


@pytest.mark.parametrize(
    ("damages", "expected"),
    [TREES_AND_RECORDS, OFFICES_AND_PLUGINS, VALUES, NO_NUMBER, NO_LOG, NAMES, INDEXES, EXCHANGED],
    ids=[
        *("trees-and-records", "offices-and-plugins", "values", "no-number", "no-log", "names"),
        *("indexes", "exchanged-names"),
    ],
)
async def test_what_was_damaged_is_named(
    loaded: Process, damages: list[str], expected: list[tuple[str, str]]
) -> None:
    for damage in damages:
        await database.execute(damage)
    found = await complaints(loaded)
    for code, words in expected:
        assert [c.message for c in found if c.code == code and words in c.message], (code, found)


# PostgreSQL keeps nothing in a column that is not of its kind.
@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_what_nobody_can_read_keeps_nothing_else_from_being_checked(loaded: Process) -> None:
    await database.execute("UPDATE volunteer_person SET name_sealed = x'00ff'")
    await database.execute("UPDATE organisation_closure SET depth = 'x' WHERE depth = 1")
    await database.execute("UPDATE recap_version SET content = x'00ff'")
    await database.execute("UPDATE audit_entry SET actor = 'x'")
    found = await complaints(loaded)
    told = {complaint.code for complaint in found}
    assert {"not_opened", "not_readable", "log_touched"} <= told, found
    assert any("volunteer_person 第" in complaint.message for complaint in found)


async def test_what_cannot_be_compared_is_noted(
    loaded: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "_expected", [])
    monkeypatch.setattr(indexes, "COMMAND", (sys.executable, "-c", "raise SystemExit(3)"))
    checked = await everything.check(loaded, lambda _: None, quick=True)
    assert checked.complaints == []
    assert [note.message for note in checked.notes] == [
        "没有核对索引：不知道应当有哪些（ChildProcessError）"
    ]


def test_an_index_serves_for_another_that_asks_less() -> None:
    plain, unique = (Index("t", "a", each, False, "campaign,key") for each in (False, True))
    assert unique.serves_as(plain)
    assert not plain.serves_as(unique)
    # A table that was divided by campaign.
    whole, divided = (Index("t", "b", True, False, each) for each in ("id", "id,campaign"))
    assert divided.serves_as(whole)
    assert not Index("t", "c", False, False, "campaign,id").serves_as(whole)
    assert not replace(plain, partial=True).serves_as(plain)
    assert not replace(plain, table="u").serves_as(plain)


async def test_one_campaign_alone_is_checked_on_request(loaded: Process) -> None:
    await database.execute("DELETE FROM organisation_closure")
    await database.execute("DELETE FROM campaign_closure")
    checked = await everything.check(loaded, lambda _: None, campaign=KEY)
    assert {c.place.split("（")[0] for c in checked.complaints} >= {"campaign_closure"}
    assert not [c for c in checked.complaints if c.place.startswith("organisation_closure")]
    with pytest.raises(Missing):
        await everything.check(loaded, lambda _: None, campaign="nowhere")


def test_a_thousand_damaged_rows_are_told_by_the_first_of_them() -> None:
    rows = [Complaint("orphan", f"a {number}", f"第 {number} 行") for number in range(1000)]
    told = list(first_of([*rows, Complaint("orphan", "b 1", "另一张表")]))
    assert len(told) == MOST_OF_A_KIND + 2
    assert told[-1].message == f"a：同类问题另有 {1000 - MOST_OF_A_KIND} 处"


async def test_references_to_nothing_are_named(
    loaded: Process, engine_name: str, migrated_url: str
) -> None:
    damage = "UPDATE reported_figure SET organisation = 999999"
    if engine_name == "sqlite":
        path = unquote(migrated_url.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(damage)
    else:
        async with database.transaction():
            await database.execute("SET LOCAL session_replication_role = replica")
            await database.execute(damage)
    found = [c for c in await complaints(loaded, quick=True) if c.code == "orphan"]
    assert found
    assert "reported_figure 第" in found[0].message
    assert "organisation 记录已不存在" in found[0].message


def test_the_command_tells_people_programmes_and_timers(
    sqlite_command_line: CommandLine, sqlite_url: str
) -> None:
    sqlite_command_line("import", Path(__file__).parents[2] / "campaigns" / f"{KEY}.json")
    clean = sqlite_command_line("check")
    assert (clean.returncode, clean.stdout) == (0, "共核对 1 个活动，没有发现问题。\n")
    with closing(sqlite3.connect(unquote(sqlite_url.removeprefix("sqlite:///")))) as connection:
        connection.execute("DELETE FROM campaign_closure WHERE depth = 1")
        connection.commit()
    wrong = sqlite_command_line("check", "--campaign", KEY, "--format", "json")
    told = json.loads(wrong.stdout)
    assert wrong.returncode == 1
    assert {finding["code"] for finding in told["findings"]} >= {"closure_missing"}
    assert sqlite_command_line("check", "--campaign", "nowhere").returncode == 2
