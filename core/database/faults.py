"""What is wrong with the database when a driver raises: told apart, and in a sentence for people.

Nothing here mends anything. A request that meets one of these has written nothing, with one
exception: when the connection breaks while a transaction is being committed, nobody knows. So the
sentence for ``gone`` asks to look before doing it again.
"""

from __future__ import annotations

import asyncio
import errno
import sqlite3
from dataclasses import dataclass

import asyncpg


@dataclass(frozen=True, slots=True)
class DatabaseFault:
    """One kind of trouble. ``again_after`` is how many seconds to wait before the next attempt."""

    code: str
    sentence: str
    again_after: int


BUSY = DatabaseFault(
    "database_busy", "数据库正忙，这一次没有办成，也没有写入任何内容。请过几秒再试。", 3
)
GONE = DatabaseFault(
    "database_unavailable",
    "暂时连不上数据库，恢复以后会自动接上。刚才如果提交了内容，请先看看有没有存上，再决定是否重新提交。",
    10,
)
FULL = DatabaseFault(
    "storage_full",
    "服务器的磁盘满了，写不进去，刚才的内容没有保存。查看不受影响；请通知管理员清理磁盘后再试。",
    60,
)
READ_ONLY = DatabaseFault(
    "database_read_only",
    "数据库现在只能读，不能写，刚才的内容没有保存。查看不受影响；请通知管理员。",
    60,
)
DAMAGED = DatabaseFault(
    "database_damaged",
    "数据库读不出来，文件可能已损坏或被换掉。请通知管理员运行 doctor 检查，必要时用备份恢复。",
    60,
)

# Primary result codes of SQLite (the low byte of an extended one), https://sqlite.org/rescode.html.
SQLITE = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_PROTOCOL: BUSY,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_CANTOPEN: GONE,
    sqlite3.SQLITE_IOERR: GONE,
    sqlite3.SQLITE_INTERRUPT: BUSY,
}
# Classes of errors and single ones of PostgreSQL, the first that fits (appendix A of its manual).
POSTGRESQL = (
    ("53100", FULL),  # disk_full
    ("53", BUSY),  # insufficient resources: memory, too many connections
    ("25006", READ_ONLY),  # read_only_sql_transaction: a standby
    ("40", BUSY),  # serialization failure, deadlock
    ("55P03", BUSY),  # lock_not_available
    ("57014", BUSY),  # query_canceled: the statement timeout
    ("57", GONE),  # operator intervention: shutdown, crash, starting up
    ("25P03", BUSY),  # idle_in_transaction_session_timeout
    ("08", GONE),  # connection exception
    ("28", GONE),  # the password or the rights are not (yet) those of the server
    ("3D000", GONE),  # invalid_catalog_name: no such database
    ("58030", GONE),  # io_error
    ("XX001", DAMAGED),
    ("XX002", DAMAGED),
    ("42P01", DAMAGED),  # undefined_table: another database than the one it was
)
OUT_OF_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
UNCONNECTED = {
    errno.ECONNREFUSED,
    errno.ECONNRESET,
    errno.ECONNABORTED,
    errno.EPIPE,
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
    errno.ETIMEDOUT,
}


def fault_of(error: BaseException) -> DatabaseFault | None:
    """What is wrong, for an error that the database, its connection or its disk caused; or None.

    Errors that say that a statement is wrong are defects of the software, and none of these.
    """
    if isinstance(error, sqlite3.Error):
        return _sqlite(error)
    if isinstance(error, asyncpg.PostgresError):
        return _postgresql(error)
    if isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError):
        return GONE if _is_about_connection(error) else None
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return BUSY
    if isinstance(error, OSError):
        return _system(error)
    return None


def is_of_database(error: BaseException) -> bool:
    """Whether a driver raised for what is the database's trouble alone, whoever asked.

    A statement that takes too long, or a table that is not there, may be the asker's.
    """
    drivers = sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError
    return isinstance(error, drivers) and fault_of(error) in (GONE, FULL, READ_ONLY)


def _sqlite(error: sqlite3.Error) -> DatabaseFault | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        closed = isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error)
        return GONE if closed else None
    if code == sqlite3.SQLITE_ERROR and "no such table" in str(error):
        return DAMAGED
    # A file that was taken away under the server is "read-only" to SQLite; so is a locked journal.
    if code == sqlite3.SQLITE_READONLY_DBMOVED:
        return DAMAGED
    if code in (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC):
        return FULL
    return SQLITE.get(code & 0xFF)


def _postgresql(error: asyncpg.PostgresError) -> DatabaseFault | None:
    state = getattr(error, "sqlstate", None) or ""
    if isinstance(error, asyncpg.PostgresConnectionError):
        return GONE
    return next((fault for start, fault in POSTGRESQL if state.startswith(start)), None)


def _is_about_connection(error: Exception) -> bool:
    """Whether the connection went; "another operation" is one that went while it was spoken on."""
    words = ("closed", "closing", "released", "connection", "another operation")
    return any(word in str(error) for word in words)


def _system(error: OSError) -> DatabaseFault | None:
    if error.errno in OUT_OF_SPACE:
        return FULL
    # Without a number: what asyncio raises when every address of a name refused.
    refused = error.errno in UNCONNECTED or isinstance(error, ConnectionError)
    return GONE if refused or error.errno is None else None
