"""A cell as its clerk sees it: the same text for the preview, for messages and for reading."""

from __future__ import annotations

import unicodedata
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final

from core.spreadsheets.columns import NO, YES, Content

LAST_YEAR: Final = 2100


class UnreadableCellError(ValueError):
    """A cell cannot be read; the message is a Chinese sentence."""


def shown(content: Content) -> str:
    """Return the content as a clerk sees it in the cell; empty where there is no value."""
    match content.value:
        case None:
            text = ""
        case str() as written:
            text = cleaned(written)
        case bool() as flag:
            text = YES if flag else NO
        case int() | float() as number:
            text = digits(number)
        case datetime() as moment:
            text = _shown_moment(moment, clock=content.clock)
        case other:
            text = str(other)
    return text


def _shown_moment(moment: datetime, *, clock: bool) -> str:
    rounded = to_second(moment)
    if rounded.time() == time() and not clock:
        return rounded.date().isoformat()
    return rounded.isoformat(" ", "seconds" if rounded.second else "minutes")


def quoted(content: Content) -> str:
    """Return the content for a message: on one line, cut at 30 characters."""
    text = " ".join(shown(content).split())
    return text if len(text) <= 30 else text[:29] + "…"


def cleaned(text: str) -> str:
    """Return `text` trimmed, with plain line ends and without control and invisible characters.

    The two joiners stay: the scripts of several nationalities need them.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = (
        character
        for character in plain
        if character in "\n\u200c\u200d"
        or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
    )
    return "".join(kept).strip()


def to_second(moment: datetime) -> datetime:
    """Round away what the binary fraction of a day adds to a time."""
    half = timedelta(microseconds=500_000)
    return (moment + half if moment.year <= LAST_YEAR else moment).replace(microsecond=0)


def digits(number: float) -> str:
    """Return a number cell as plain digits.

    A binary float is read to the fifteen digits that spreadsheet software shows: a formula's 0.1 +
    0.2 is 0.3, as its author sees it.
    """
    exact = Decimal(number) if isinstance(number, int) else Decimal(f"{number:.15g}")
    return f"{exact or Decimal(0):f}"
