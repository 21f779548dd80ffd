"""A refused bundle leaves no trace in the database, and nothing but a refusal is ever raised."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import bundles, database, plugins, privacy
from core.permissions import SYSTEM
from core.process import Process
from core.shapes import DocumentRefused
from tests.core.broken_bundles import CASES
from tests.core.broken_duplicates import DUPLICATES
from tests.core.broken_files import BYTES
from tests.core.bundle_samples import campaign, catalogue, faults_of_bytes, put, small
from tests.core.stored import everything
from tests.fixtures.command_line import CommandLine

BROKEN_FILES = [data for data, expected in BYTES.values() if expected]
# Among several defects, one of a kind that only writing would meet: nothing of this may be written.
SEVERAL: list[tuple[str, Any, str]] = [
    ("/organisations/1/name", "别的名字\x00", "value"),
    ("/plugins/condolence/rounds/0/lines/1/cash", "1.234", "value"),
    ("/reported/2/organisation", "nowhere", "unknown_reference"),
]


def several() -> bytes:
    """A bundle with SEVERAL defects, and a change of every other part beside them."""
    document = small()
    for pointer, value, _ in SEVERAL:
        put(document, pointer, value)
    put(document, "/campaign/theme", "改过的主题")
    put(document, "/targets/0/value", "4321")
    put(document, "/activities/3/place", "别处")
    return json.dumps(document, ensure_ascii=False).encode()


async def import_(data: bytes, process: Process) -> str:
    return await bundles.import_bundle(data, process.plugins, process.catalogue, SYSTEM)


async def test_nothing_is_written_into_an_empty_database(process: Process) -> None:
    before = await everything()
    for data in (*BROKEN_FILES, several()):
        with pytest.raises(DocumentRefused):
            await import_(data, process)
    assert await everything() == before


async def test_nothing_is_changed_in_a_campaign_that_is_there(process: Process) -> None:
    await import_(json.dumps(small()).encode(), process)
    before = await everything()
    assert before["campaign"]
    for case in (*CASES, *DUPLICATES):
        with pytest.raises(DocumentRefused):
            await bundles.import_document(
                case.document(), process.plugins, process.catalogue, SYSTEM
            )
    for data in (*BROKEN_FILES, several()):
        with pytest.raises(DocumentRefused):
            await import_(data, process)
    assert await everything() == before


async def test_two_trees_that_only_together_have_a_cycle_are_refused(process: Process) -> None:
    """Each bundle is sound; the second would put the first one's city below its own county."""
    await import_(json.dumps(small()).encode(), process)
    other = small()
    other["campaign"] |= {"key": "other", "organisation": "c0"}
    other["organisations"] = [
        {"key": "c0", "name": "县0", "level": "province", "parent": None},
        {"key": "city", "name": "市残联", "level": "city", "parent": "c0"},
    ]
    for name in ("metrics", "targets", "activities", "reported"):
        other[name] = []
    other["plugins"] = {}
    before = await everything()
    with pytest.raises(DocumentRefused) as refused:
        await import_(json.dumps(other).encode(), process)
    assert {fault.code for fault in refused.value.faults} == {"cycle"}
    assert await everything() == before


def test_the_command_line_lists_every_fault(command_line: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_bytes(several())
    done = command_line("import", file)
    assert (done.returncode, done.stdout) == (2, "")
    assert "发现 3 处错误，没有写入任何内容" in done.stderr
    for fault in faults_of_bytes(several()):
        assert f"{fault.pointer} [{fault.code}] {fault.message}" in done.stderr.splitlines()
    assert command_line("organisation", "list").stdout == ""


@pytest.mark.parametrize("name", ["empty", "GB 18030", "nested lists", "a list", "NaN"])
def test_the_command_line_refuses_what_is_no_bundle(
    name: str, sqlite_command_line: CommandLine, tmp_path: Path
) -> None:
    data, expected = BYTES[name]
    file = tmp_path / "不是活动包.json"
    file.write_bytes(data)
    done = sqlite_command_line("import", file)
    assert (done.returncode, done.stdout) == (2, "")
    for pointer, code in expected:
        assert f"{pointer or '/'} [{code}] " in done.stderr


@pytest.mark.parametrize("what", ["missing", "folder", "unreadable"])
def test_a_file_that_cannot_be_read_is_told(
    what: str, sqlite_command_line: CommandLine, tmp_path: Path
) -> None:
    path = {
        "missing": tmp_path / "没有.json",
        "folder": tmp_path,
        "unreadable": tmp_path / ("长" * 300),
    }[what]
    done = sqlite_command_line("import", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert any("一" <= letter <= "鿿" for letter in done.stderr)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://somewhere/base",
        "sqlite://relative.db",
        "sqlite:///",
        "x",
        "postgresql://nobody@127.0.0.1:1/none",
        "postgresql://[::1",
        "postgresql://127.0.0.1:notaport/none",
        "sqlite:////proc/no/such/folder/t.db",
        "sqlite:////proc",
    ],
)
def test_a_database_that_cannot_be_used_is_told(
    url: str, sqlite_command_line: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "small.json"
    file.write_text(json.dumps(small()), encoding="utf-8")
    done = sqlite_command_line("import", file, TONGXING_DATABASE_URL=url)
    assert (done.returncode, done.stdout) == (2, "")
    assert "地址" in done.stderr or "无法使用数据库" in done.stderr


@pytest.mark.parametrize("content", ["这不是数据库" * 100, ""])
def test_a_file_that_is_no_database_is_told(
    content: str, sqlite_command_line: CommandLine, tmp_path: Path
) -> None:
    """An empty file is an empty database."""
    base = tmp_path / "other.db"
    base.write_text(content, encoding="utf-8")
    file = tmp_path / "small.json"
    file.write_text(json.dumps(small()), encoding="utf-8")
    done = sqlite_command_line(
        "import", file, TONGXING_DATABASE_URL=f"sqlite:///{quote(str(base))}"
    )
    if content:
        assert (done.returncode, done.stdout) == (2, "")
        assert "数据库" in done.stderr
        assert base.read_text(encoding="utf-8") == content
    else:
        assert (done.returncode, done.stdout) == (0, "generated-1\n")


# Anything that JSON can hold, with what our members look like strewn in.
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["city", "c0", "a01", "1.5", "2026-03-01", "2026-03-01T08:00:00+08:00", "sum"]
    )
    | st.sampled_from(["", "key", "0", "total", "condolence.cash", "confirmed", "\ud800", "\x00"])
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def spots(value: Any, pointer: str = "") -> list[str]:
    """Pointers of everything in a document but its root."""
    if isinstance(value, dict):
        pairs: list[tuple[Any, Any]] = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    else:
        pairs = []
    found = []
    for name, part in pairs:
        found += [f"{pointer}/{name}", *spots(part, f"{pointer}/{name}")]
    return found


def holder_of(document: Any, pointer: str) -> tuple[Any, Any]:
    *above, last = pointer.split("/")[1:]
    for part in above:
        document = document[int(part) if isinstance(document, list) else part]
    return document, int(last) if isinstance(document, list) else last


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """The small bundle after one to four changes: replaced, removed, doubled, swapped, added to."""
    document = small()
    for _ in range(draw(st.integers(1, 4))):
        pointers = spots(document)
        if not pointers:
            break
        holder, last = holder_of(document, draw(st.sampled_from(pointers)))
        match draw(st.sampled_from(["replace", "remove", "copy", "double", "add"])):
            case "replace":
                holder[last] = draw(anything)
            case "remove":
                del holder[last]
            case "copy":
                source, name = holder_of(document, draw(st.sampled_from(pointers)))
                holder[last] = json.loads(json.dumps(source[name]))
            case "double" if isinstance(holder, list):
                holder.append(json.loads(json.dumps(holder[last])))
            case _ if isinstance(holder, dict):
                holder[draw(st.text(max_size=8))] = draw(anything)
    return document


@pytest.fixture(scope="module")
def open_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A loop with a migrated SQLite database open in it, for many small imports."""
    from core import migrating

    folder = tmp_path_factory.mktemp("mutations")
    privacy.use(privacy.KeyRing.load(folder / "key"))
    database.connect(f"sqlite:///{folder / 't.db'}")
    with asyncio.Runner() as runner:
        runner.run(database.start())
        runner.run(migrating.migrate())
        yield runner
        runner.run(database.stop())


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=mutated())
def test_a_changed_bundle_is_imported_or_refused(
    document: Any, open_sqlite: asyncio.Runner
) -> None:
    """Nothing but a refusal is ever raised, and what was taken in comes out and goes in again."""
    data = json.dumps(document).encode()
    found = plugins.installed()

    async def attempt() -> None:
        try:
            key = await bundles.import_bundle(data, found, catalogue(), SYSTEM)
        except DocumentRefused:
            return
        first = await bundles.export_bundle(key, found)
        await bundles.import_bundle(first.encode(), found, catalogue(), SYSTEM)
        assert await bundles.export_bundle(key, found) == first

    open_sqlite.run(attempt())


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200), place=st.integers(0, 17_000))
def test_damaged_bytes_are_read_or_refused(data: bytes, place: int) -> None:
    """Some bytes in the middle of a bundle are overwritten, as by a bad disk."""
    whole = json.dumps(small(), ensure_ascii=False).encode()
    damaged = whole[:place] + data + whole[place + len(data) :]
    assert all(fault.code and fault.message for fault in faults_of_bytes(damaged))


def test_the_campaigns_are_what_they_were() -> None:
    """The tests of this file change copies."""
    assert small() != campaign("generated-1")
    assert small() == small()
