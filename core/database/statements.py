"""The text of statements: written once with names, run by both drivers.

``:campaign`` is a named parameter; a list or tuple stands for its members: ``organisation IN
(:ids)``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
BEGINS_READING = re.compile(r"\s*(SELECT|WITH|EXPLAIN|SHOW)\b", re.IGNORECASE)
WRITES = re.compile(
    r"\b(INSERT|UPDATE|DELETE|MERGE|nextval|pg_notify|pg_advisory\w*)\b", re.IGNORECASE
)


# Longer ones have lists of hundreds of members, each length a text of its own: kept, a thousand of
# them would take tens of megabytes.
LONGEST_KEPT = 4000


def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """PostgreSQL's form of a statement: ``$1`` for the first name, and the names in order."""
    return _kept(sql) if len(sql) <= LONGEST_KEPT else _numbered(sql)


def _numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    names: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        return f"${names.setdefault(match[1], len(names) + 1)}"

    return PARAMETER.sub(number, sql), tuple(names)


_kept = lru_cache(maxsize=1024)(_numbered)


def expanded(sql: str, params: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Lists written out as one parameter a member; an empty one as ``NULL``: it matches nothing."""
    lists = [name for name, value in params.items() if isinstance(value, list | tuple)]
    if not lists:
        return sql, params
    flat = dict(params)
    for name in lists:
        members = {f"{name}_{index}": member for index, member in enumerate(flat.pop(name))}
        flat.update(members)
        listed = ", ".join(f":{member}" for member in members) or "NULL"
        sql = re.sub(rf"(?<![:\w]):{name}\b", listed, sql)
    return sql, flat


@lru_cache(maxsize=1024)
def only_reads(sql: str) -> bool:
    """Whether a statement surely writes nothing, so that it may be asked twice, or elsewhere.

    A statement that merely looks like writing is taken for one that writes.
    """
    return bool(BEGINS_READING.match(sql)) and not WRITES.search(sql)
