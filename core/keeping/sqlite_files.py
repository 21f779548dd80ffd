"""SQLite: a copy of one moment while others write, and a file put in another's place."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.keeping import files
from core.keeping.contents import Contents
from core.keeping.refusal import KeepingError

STEP_PAGES = 512
# Where SQLite keeps what is not in the file yet.
BESIDE = ("-wal", "-shm")
ALL_BESIDE = (*BESIDE, "-journal")
Report = Callable[[str], Any]


def copy(source: Path, target: Path, report: Report) -> None:
    """Copy a database as it is at this moment, with all that was committed until now.

    Writers go on meanwhile; what they write is not in it. Raises KeepingError.
    """
    told = [-1]

    def progress(_: int, remaining: int, total: int) -> None:
        percent = 100 - 100 * remaining // max(total, 1)
        if percent // 10 > told[0]:
            told[0] = percent // 10
            report(f"已备份 {percent}%")

    _remove_beside(target)  # a killed copy's journal would be played into this one
    try:
        _copy(source, target, progress)
    finally:
        _remove_beside(target)


def _copy(source: Path, target: Path, progress: Callable[[int, int, int], object]) -> None:
    with _refusals(target):
        with closing(_connection(source, "mode=rw")) as reading, closing(_writing(target)) as into:
            into.execute("PRAGMA journal_mode=OFF")  # of what fails nothing is kept
            # One reading transaction around all steps: else each writer would have it begin anew.
            reading.execute("BEGIN")
            reading.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
            reading.backup(into, pages=STEP_PAGES, progress=progress, sleep=0.001)
            reading.rollback()
        make_single(target)
        if said := _damage(target):
            raise KeepingError(f"数据库 {source} 已损坏：{said}；请用以前的备份恢复")


def _remove_beside(target: Path) -> None:
    for ending in ALL_BESIDE:
        Path(f"{target}{ending}").unlink(missing_ok=True)


def require_whole(path: Path) -> None:
    """Read every page. Raises KeepingError for a file that is damaged or no database."""
    with _refusals(path):
        if said := _damage(path):
            raise KeepingError(f"{path} 已损坏：{said}")


def _damage(path: Path) -> str:
    with closing(_connection(path, "mode=ro&immutable=1")) as connection:
        said: str = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    return "" if said == "ok" else said


def contents(path: Path) -> Contents:
    """The schema and the key of a backup. Raises KeepingError."""
    with _refusals(path), closing(_connection(path, "mode=ro&immutable=1")) as connection:
        migrations = connection.execute("SELECT app_name, name FROM migration").fetchall()
        key = connection.execute("SELECT value FROM installation WHERE name = 'key'").fetchone()
    return Contents(frozenset(f"{app}/{name}" for app, name in migrations), key and key[0])


def is_empty(path: Path) -> bool:
    """Whether nothing would be lost with the database: no file, no schema, or nobody in it."""
    if not path.exists() or path.stat().st_size == 0:
        return True
    try:
        with closing(_connection(path, "mode=rw")) as connection:
            counted = "SELECT (SELECT COUNT(*) FROM organisation) + (SELECT COUNT(*) FROM account)"
            return bool(connection.execute(counted).fetchone()[0] == 0)
    except sqlite3.DatabaseError as error:
        return "no such table" in str(error)


def is_same(file: Path, path: Path) -> bool:
    """Whether both names are of one file."""
    return path.exists() and file.samefile(path)


def put_in_place(prepared: Path, path: Path, moment: datetime) -> Path | None:
    """Give ``prepared`` the name of the database; answers where the old one is kept.

    A process killed in the midst of it leaves the old database or the new one under the name.
    The caller is alone at the database.
    """
    aside = None
    if path.exists():
        aside = _aside(path, moment)
        _fold(path, aside)
        files.keep_aside(path, aside)
    files.settle(prepared)
    prepared.replace(path)
    files.settle(path.parent)
    return aside


def _aside(path: Path, moment: datetime) -> Path:
    def is_used(name: str) -> bool:
        return any(path.with_name(f"{name}{ending}").exists() for ending in ("", *BESIDE))

    base = f"{path.name}.before-restore-{files.stamp(moment)}"
    return path.with_name(files.unused(base, is_used, "-"))


def _fold(path: Path, aside: Path) -> None:
    """Bring the newest pages of a database into its file, so that nothing of it lies beside it.

    Those of a damaged one stay aside: a new file must not find them under its name.
    """
    copies = _copied_aside(path, aside)
    try:
        with closing(_connection(path, "mode=rw")) as connection:
            said = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
        in_use = said != "delete"
    except sqlite3.DatabaseError as error:
        in_use = "locked" in str(error)
        if not in_use:
            for ending in BESIDE:
                Path(f"{path}{ending}").unlink(missing_ok=True)
            return
    for copy in copies:
        copy.unlink()
    if in_use:
        raise KeepingError(f"有别的程序打开着 {path}，请先关闭它")


def _copied_aside(path: Path, aside: Path) -> list[Path]:
    return [
        Path(shutil.copyfile(beside, f"{aside}{ending}"))
        for ending in BESIDE
        if (beside := Path(f"{path}{ending}")).exists()
    ]


def make_single(path: Path) -> None:
    """Bring everything of a database into its one file."""
    with closing(_writing(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def _connection(path: Path, mode: str) -> sqlite3.Connection:
    address = f"file:{quote(os.fspath(path.resolve()))}?{mode}"
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=10)


def _writing(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """SQLite's errors as sentences."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            raise KeepingError(f"{path} 不是同行的备份") from None
        if "full" in str(error):
            raise KeepingError(f"磁盘空间不够，无法写入 {path}") from None
        raise KeepingError(f"无法使用 {path}：{error}") from error
    except sqlite3.DatabaseError as error:
        raise KeepingError(f"{path} 不是数据库，或者已损坏：{error}") from error
