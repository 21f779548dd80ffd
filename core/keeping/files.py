"""The files that backups lie in: whole or not there, closed to others, the oldest removed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from core import moments
from core.keeping.refusal import KeepingError

DATED = re.compile(r"tongxing-\d{8}-\d{6}\.(db|dump)")


def stamp(moment: datetime) -> str:
    """A moment in a file's name, by the clock in China: ``20260517-023000``."""
    return moments.local(moment).strftime("%Y%m%d-%H%M%S")


def target(given: Path, ending: str, moment: datetime, *, overwrite: bool) -> Path:
    """Where a backup goes: the file, or a dated one in the folder. Raises KeepingError."""
    if given.is_dir():
        _remove_parts(given)
        return given / f"tongxing-{stamp(moment)}.{ending}"
    if not given.parent.is_dir():
        raise KeepingError(f"没有文件夹 {given.parent}")
    if given.exists() and not overwrite:
        raise KeepingError(f"{given} 已经存在；要覆盖请加 --overwrite")
    if given.exists() and not given.is_file():
        raise KeepingError(f"{given} 不是普通文件")
    return given


def _remove_parts(folder: Path) -> None:
    """Remove what killed backups left of dated files, not what somebody is writing."""
    for part in folder.glob("tongxing-*.part"):
        if not DATED.fullmatch(part.stem):
            continue
        descriptor = os.open(part, os.O_RDONLY)
        try:
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                part.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file beside ``path`` to write to, with mode 0600, that takes its place when it is done.

    What a killed process left of it is written over. Raises KeepingError while another process
    writes it, or when there is no room.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise KeepingError(f"另一个备份正在写入 {path}") from None
            os.ftruncate(descriptor, 0)
            try:
                yield part
                settle(part)
                part.replace(path)
                settle(path.parent)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
        finally:
            os.close(descriptor)
    except OSError as error:
        raise KeepingError(f"无法写入 {path}：{error.strerror}") from error


def settle(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_old(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest ``keep`` dated backups of a folder; answers what is gone."""
    dated = sorted(path for path in folder.iterdir() if DATED.fullmatch(path.name))
    gone = dated[:-keep]
    for path in gone:
        path.unlink()
    return gone


def sha256(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unused(base: str, is_used: Callable[[str], bool], between: str) -> str:
    """A name that nothing bears yet: two restores may fall in one second."""
    numbered = (f"{base}{between}{number}" for number in count(2))
    return next(name for name in chain([base], numbered) if not is_used(name))


def keep_aside(path: Path, aside: Path) -> None:
    """Give a file a second name, so that it stays when the first is given to another."""
    try:
        aside.hardlink_to(path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        shutil.copyfile(path, aside)
        aside.chmod(0o600)
        settle(aside)
    settle(path.parent)
