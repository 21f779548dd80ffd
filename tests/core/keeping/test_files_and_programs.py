"""Copies of one moment, files that are whole, and PostgreSQL's programs."""

from __future__ import annotations

import resource
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from core.keeping import files, occupancy, postgres_programs, sqlite_files
from core.keeping.refusal import KeepingError
from core.moments import now


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A database of two tables that always hold the same number of rows."""
    path = tmp_path / "t.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(
            "PRAGMA journal_mode=WAL; CREATE TABLE a (x TEXT); CREATE TABLE b (x TEXT);"
        )
    fill(path, 3000)
    return path


def fill(path: Path, rows: int) -> None:
    with closing(sqlite3.connect(path, timeout=10)) as connection, connection:
        for table in ("a", "b"):
            connection.executemany(
                f"INSERT INTO {table} VALUES (?)", [("x" * 4000,) for _ in range(rows)]
            )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Somebody who writes to both tables all the time."""
    end = threading.Event()

    def write() -> None:
        while not end.is_set():
            fill(path, 1)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def test_a_copy_is_of_one_moment_while_others_write(written: Path, tmp_path: Path) -> None:
    copy, told = tmp_path / "copy.db", list[str]()
    with writing(written):
        sqlite_files.copy(written, copy, told.append)
    assert told[-1] == "已备份 100%"
    assert len(told) > 5
    with closing(sqlite3.connect(copy)) as connection:
        counts = connection.execute(
            "SELECT (SELECT COUNT(*) FROM a), (SELECT COUNT(*) FROM b)"
        ).fetchone()
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert counts[0] == counts[1] >= 3000


def test_a_damaged_page_is_found(written: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    sqlite_files.copy(written, copy, lambda _: None)
    with copy.open("r+b") as file:
        file.seek(8 * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(KeepingError, match="损坏"):
        sqlite_files.require_whole(copy)


def test_a_file_is_there_whole_or_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    (tmp_path / "file.part").write_text("left by somebody who was killed, and longer")

    def fail() -> None:
        with files.whole(path) as part:
            part.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [found.name for found in tmp_path.iterdir()] == ["file"]
    assert path.read_text() == "before"
    with files.whole(path) as part:
        with pytest.raises(KeepingError, match="另一个备份"), files.whole(path):
            pass
        part.write_text("after")
    assert path.read_text() == "after"


def test_what_killed_backups_left_is_removed_and_what_is_being_written_is_not(
    tmp_path: Path,
) -> None:
    names = ("tongxing-20260101-000000.db", "tongxing-20260102-000000.dump", "mine.db")
    for name in names:
        (tmp_path / f"{name}.part").write_text("half")
    with files.whole(tmp_path / names[1]):
        files.target(tmp_path, "db", now(), overwrite=False)
        left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["mine.db.part", "tongxing-20260102-000000.dump.part"]


def test_a_copy_that_finds_no_room_leaves_nothing_behind(written: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(KeepingError, match=r"copy\.db\.part"), files.whole(target) as part:
            sqlite_files.copy(written, part, lambda _: None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.glob("copy.db*"))


def test_the_old_database_is_kept_with_its_newest_pages(written: Path, tmp_path: Path) -> None:
    moment = now()
    ready = tmp_path / "ready.db"
    with closing(sqlite3.connect(ready)) as connection, connection:
        connection.execute("CREATE TABLE new (x TEXT)")
    aside = sqlite_files.put_in_place(ready, written, moment)
    assert aside is not None
    with closing(sqlite3.connect(aside)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM a").fetchone() == (3000,)
    with closing(sqlite3.connect(written)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM new").fetchone() == (0,)
    assert not list(tmp_path.glob("t.db-*"))


def test_a_damaged_database_gives_way_and_leaves_nothing_beside_the_new(
    written: Path, tmp_path: Path
) -> None:
    written.write_bytes(b"no database at all" * 500)
    wal = tmp_path / "t.db-wal"
    wal.write_bytes(b"pages of the old one")
    ready = tmp_path / "ready.db"
    with closing(sqlite3.connect(ready)) as connection, connection:
        connection.execute("CREATE TABLE new (x TEXT)")
    sqlite_files.put_in_place(ready, written, now())
    assert not wal.exists()
    assert len(list(tmp_path.glob("t.db.before-restore-*"))) == 2
    with closing(sqlite3.connect(written)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM new").fetchone() == (0,)


def test_a_database_that_another_programme_has_open_stays(written: Path, tmp_path: Path) -> None:
    ready = tmp_path / "ready.db"
    ready.touch()
    with closing(sqlite3.connect(written)) as connection:
        connection.execute("SELECT COUNT(*) FROM a").fetchone()
        with pytest.raises(KeepingError, match="别的程序"):
            sqlite_files.put_in_place(ready, written, now())
    assert ready.exists()


def test_many_may_be_at_a_database_and_one_alone(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with occupancy.alone(path), pytest.raises(KeepingError), occupancy.alone(path):
        pass
    with occupancy.alone(path):
        pass


def test_no_list_of_processes_shows_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "of somebody else")
    address = "postgresql://office:p%40ss@db.example:5433/tongxing?sslmode=require"
    shown = postgres_programs.without_password(address)
    assert shown == "postgresql://office@db.example:5433/tongxing?sslmode=require"
    assert postgres_programs.environment(address)["PGPASSWORD"] == "p@ss"
    plain = "postgresql://127.0.0.1/tongxing"
    assert postgres_programs.without_password(plain) == plain
    assert "PGPASSWORD" not in postgres_programs.environment(plain)


@pytest.mark.parametrize(
    ("versions", "wanted", "answer"),
    [((15, 17), 15, 15), ((15, 17), 16, 17), ((15,), 18, "是 15"), ((), 15, "上没有")],
)
def test_a_programme_is_never_older_than_the_server(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    versions: tuple[int, ...],
    wanted: int,
    answer: int | str,
) -> None:
    for version in versions:
        folder = tmp_path / str(version) / "bin"
        folder.mkdir(parents=True)
        program = folder / "pg_dump"
        program.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}.3'\n")
        program.chmod(0o755)
    monkeypatch.setattr(postgres_programs, "FOLDERS", (f"{tmp_path}/*/bin",))
    monkeypatch.setenv("PATH", "/nowhere")
    if isinstance(answer, int):
        assert postgres_programs.fitting("pg_dump", wanted).major == answer
        return
    with pytest.raises(KeepingError, match=answer):
        postgres_programs.fitting("pg_dump", wanted)
