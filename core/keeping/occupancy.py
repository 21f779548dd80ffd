"""Who uses a database: a restore must find nobody at it, and keep everybody out meanwhile.

On SQLite every process holds a shared lock on a file beside the database; the system lets go of it
when the process ends, however it ends. PostgreSQL knows its connections itself.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core import database
from core.database.sqlite_engine import PooledSQLiteEngine
from core.keeping.refusal import KeepingError

RESTORING = "这个数据库正在恢复备份，请等恢复完成再启动"


class OccupiedError(KeepingError):
    """Somebody else is at the database; the message says so in Chinese."""


@contextmanager
def present() -> Iterator[None]:
    """Be at the current database. Raises OccupiedError while a backup is being put back."""
    engine = database.engine()
    if not isinstance(engine, PooledSQLiteEngine):
        yield
        return
    with locked(Path(engine.path), shared=True, sentence=RESTORING):
        yield


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only one at an SQLite file. Raises OccupiedError when somebody is there."""
    sentence = f"服务或别的命令正在使用 {path}，请先停止服务（systemctl stop tongxing）再恢复"
    with locked(path, shared=False, sentence=sentence):
        yield


@contextmanager
def locked(path: Path, *, shared: bool, sentence: str = "") -> Iterator[None]:
    """The lock of an SQLite file, held with others or alone. Raises OccupiedError at once."""
    # Reading is enough for a lock: whoever made the file, another account may run the service.
    descriptor = os.open(f"{path}.in-use", os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        try:
            kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OccupiedError(sentence) from None
        yield
    finally:
        os.close(descriptor)
