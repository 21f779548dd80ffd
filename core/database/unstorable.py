"""Values that no column holds: numbers beyond 64 bits (32 in some columns), text with NUL.

Rules refuse nearly all of them long before, by their place. What still reaches the database, such
as a number in a made-up cursor or address, is a fault of the request and none of ours.
"""

from __future__ import annotations

import sqlite3

import asyncpg

SENTENCE = "内容里有一个数字太大，或者有不能保存的字符"

POSTGRESQL = frozenset(
    {
        asyncpg.DataError,
        asyncpg.NumericValueOutOfRangeError,
        asyncpg.CharacterNotInRepertoireError,
        asyncpg.UntranslatableCharacterError,
        asyncpg.DatetimeFieldOverflowError,
        asyncpg.InvalidDatetimeFormatError,
        asyncpg.InvalidTextRepresentationError,
    }
)


def is_unstorable(error: BaseException) -> bool:
    """Whether a driver raised because a value given to a statement fits no column."""
    if isinstance(error, OverflowError):
        return "SQLite INTEGER" in str(error)
    if isinstance(error, UnicodeEncodeError):
        return error.reason == "surrogates not allowed"
    if isinstance(error, sqlite3.DataError):
        return True
    # The driver itself raises the plain class; the server's subclasses say what it could not hold.
    return type(error) in POSTGRESQL
