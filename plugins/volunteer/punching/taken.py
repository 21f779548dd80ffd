"""Punches on their way: as they were sent, and what is answered to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from core.permissions import Actor
from plugins.volunteer.punching.states import Code, Direction

Source = Literal["steward", "self", "programme", "correction", "clock"]
Answer = Literal["accepted", "repeat", "refused"]
PUNCH = "volunteer.punch"


class Sent(msgspec.Struct, frozen=True):
    """A punch as a device sends it: keys of shift and volunteer, and the device's time."""

    nonce: str
    shift: str
    volunteer: str
    direction: Direction
    at: datetime
    device: str = ""


class Result(msgspec.Struct, frozen=True):
    """What became of a punch; ``attendance`` is the key of the one that it opened or closed."""

    nonce: str
    result: Answer
    code: Code | None = None
    attendance: str | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """Punches of one request. ``skew`` is how far the device's clock is ahead, where known."""

    sent: Sequence[Sent]
    actor: Actor
    source: Source
    skew: timedelta | None = None
