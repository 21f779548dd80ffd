"""The station's rotating code, and the ticket of a browser that has scanned it.

A photographed code is soon useless: it holds for the half minute in which it is shown and for the
next one. Whoever opens it in time gets a ticket, which stays in his browser and cannot be passed
on with an address; so that slow hands have the time they need, it holds for three minutes. Both
are stamps of this installation: nothing is stored, and every worker knows them.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core import privacy

STEP_SECONDS = 30
HOLDS = timedelta(minutes=3)
# 50 bits in letters that are read aloud without doubt; guessing meets a new code every 30 seconds.
CODE_LETTERS = 10
TICKET = re.compile(r"(\d{1,18})\.(\d{1,12})\.([A-Z2-7]{26})")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A browser was at a shift's station at that moment."""

    shift_id: int
    at: datetime


def _letters(text: str, purpose: str) -> str:
    return base64.b32encode(privacy.stamp(text, purpose)).decode()


def _step(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_SECONDS


def _code(shift_id: int, step: int) -> str:
    return _letters(f"{shift_id}.{step}", "volunteer.station")[:CODE_LETTERS]


def code(shift_id: int, moment: datetime) -> str:
    """What a shift's station shows at a moment: ten letters and digits."""
    return _code(shift_id, _step(moment))


def seconds_left(moment: datetime) -> int:
    """How long the code of a moment is shown, 1 to 30 seconds."""
    return STEP_SECONDS - int(moment.timestamp()) % STEP_SECONDS


def is_current(shift_id: int, given: str, moment: datetime) -> bool:
    """Whether it is the code shown at that moment or the one before it."""
    text = given.strip().upper().encode()
    step = _step(moment)
    shown = [_code(shift_id, each).encode() for each in (step, step - 1)]
    return hmac.compare_digest(text, shown[0]) | hmac.compare_digest(text, shown[1])


def ticket(shift_id: int, moment: datetime) -> str:
    """What a browser keeps that has opened a current code."""
    head = f"{shift_id}.{int(moment.timestamp())}"
    return f"{head}.{_letters(head, 'volunteer.ticket')[:26]}"


def read_ticket(text: str, moment: datetime) -> Ticket | None:
    """The ticket that holds at that moment; None for one that is over, or is none of ours."""
    match = TICKET.fullmatch(text)
    if match is None:
        return None
    head, _, _ = text.rpartition(".")
    expected = f"{head}.{_letters(head, 'volunteer.ticket')[:26]}"
    if not hmac.compare_digest(text.encode(), expected.encode()):
        return None
    at = datetime.fromtimestamp(int(match[2]), UTC)
    return Ticket(int(match[1]), at) if at <= moment <= at + HOLDS else None
