"""What is wrong with a database, by what the drivers raise."""

from __future__ import annotations

import errno
import sqlite3

import asyncpg
import pytest

from core.database.faults import (
    BUSY,
    DAMAGED,
    FULL,
    GONE,
    READ_ONLY,
    DatabaseFault,
    fault_of,
    is_of_database,
)


def sqlite_error(code: int, words: str = "words") -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error


CASES: list[tuple[BaseException, DatabaseFault | None]] = [
    (sqlite_error(sqlite3.SQLITE_BUSY), BUSY),
    (sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT), BUSY),
    (sqlite_error(sqlite3.SQLITE_FULL), FULL),
    (sqlite_error(sqlite3.SQLITE_IOERR_WRITE), FULL),
    (sqlite_error(sqlite3.SQLITE_IOERR_READ), GONE),
    (sqlite_error(sqlite3.SQLITE_READONLY), READ_ONLY),
    (sqlite_error(sqlite3.SQLITE_READONLY_DBMOVED), DAMAGED),
    (sqlite_error(sqlite3.SQLITE_CORRUPT), DAMAGED),
    (sqlite_error(sqlite3.SQLITE_NOTADB), DAMAGED),
    (sqlite_error(sqlite3.SQLITE_CANTOPEN), GONE),
    (sqlite_error(sqlite3.SQLITE_ERROR, "no such table: campaign"), DAMAGED),
    (sqlite_error(sqlite3.SQLITE_ERROR, "no such column: x"), None),
    (sqlite3.ProgrammingError("Cannot operate on a closed database."), GONE),
    (sqlite3.IntegrityError("UNIQUE constraint failed"), None),
    (asyncpg.DiskFullError("x"), FULL),
    (asyncpg.TooManyConnectionsError("x"), BUSY),
    (asyncpg.QueryCanceledError("x"), BUSY),
    (asyncpg.LockNotAvailableError("x"), BUSY),
    (asyncpg.SerializationError("x"), BUSY),
    (asyncpg.AdminShutdownError("x"), GONE),
    (asyncpg.CannotConnectNowError("x"), GONE),
    (asyncpg.ConnectionDoesNotExistError("x"), GONE),
    (asyncpg.InvalidPasswordError("x"), GONE),
    (asyncpg.ReadOnlySQLTransactionError("x"), READ_ONLY),
    (asyncpg.DataCorruptedError("x"), DAMAGED),
    (asyncpg.UndefinedColumnError("x"), None),
    (asyncpg.UniqueViolationError("x"), None),
    (asyncpg.InterfaceError("connection is closed"), GONE),
    (asyncpg.InterfaceError("cannot use named arguments"), None),
    (OSError(errno.ENOSPC, "x"), FULL),
    (OSError(errno.EDQUOT, "x"), FULL),
    (OSError(errno.EACCES, "x"), None),
    (FileNotFoundError(errno.ENOENT, "x"), None),
    (ConnectionRefusedError(errno.ECONNREFUSED, "x"), GONE),
    (OSError("Multiple exceptions: [Errno 111] Connect call failed"), GONE),
    (TimeoutError(), BUSY),
    (ValueError("x"), None),
]


@pytest.mark.parametrize(("error", "fault"), CASES, ids=lambda each: repr(each)[:60])
def test_what_is_wrong(error: BaseException, fault: DatabaseFault | None) -> None:
    assert fault_of(error) is fault


@pytest.mark.parametrize("fault", [BUSY, DAMAGED, FULL, GONE, READ_ONLY])
def test_each_has_a_whole_sentence_and_says_when_to_come_again(fault: DatabaseFault) -> None:
    assert fault.sentence.endswith("。")
    assert fault.again_after > 0


def test_what_a_plugin_does_in_the_network_is_no_fault_of_the_database() -> None:
    assert not is_of_database(ConnectionRefusedError(errno.ECONNREFUSED, "x"))
    assert is_of_database(asyncpg.AdminShutdownError("x"))
    assert not is_of_database(asyncpg.UndefinedTableError("x"))
