"""Statements that took long: told in the log, by their text alone."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable

from core.database import Statement

# One line a statement in so many seconds, however often it is slow.
QUIET_SECONDS = 60.0
# Texts that are remembered, and the characters of one that are written.
MOST_TEXTS, LONGEST_TEXT = 500, 2_000
# What a list of values was written out as: ``:offices_0, :offices_1, …``.
LISTED = re.compile(r":(\w+?)_0(?:, :\1_\d+)+")
SPACE = re.compile(r"\s+")
log = logging.getLogger("tongxing.statements")


def plain(sql: str) -> str:
    """The text on one line, with a list of values of whatever length written as ``:name…``."""
    return SPACE.sub(" ", LISTED.sub(r":\1…", sql)).strip()[:LONGEST_TEXT]


class SlowStatements:
    """Tells of statements that take ``milliseconds`` or longer; each text once in a while.

    ``clock`` gives seconds that never go back.
    """

    def __init__(self, milliseconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._least = milliseconds / 1000
        self._clock = clock
        self._told: dict[str, tuple[float, int]] = {}

    def __call__(self, statement: Statement) -> None:
        """Look at a statement that ran: an observer of the database."""
        if statement.seconds < self._least:
            return
        text, now = plain(statement.sql), self._clock()
        last, untold = self._told.pop(text, (None, 0))
        if last is not None and now - last < QUIET_SECONDS:
            self._told[text] = (last, untold + 1)
            return
        self._told[text] = (now, 0)
        if len(self._told) > MOST_TEXTS:
            del self._told[next(iter(self._told))]
        facts = {
            "statement": text,
            "milliseconds": round(statement.seconds * 1000),
            "rows": statement.rows,
            "failed": statement.failed,
            "untold": untold,
        }
        log.warning("slow statement", extra={"facts": facts})
