"""Feeds as they were last written, kept until something that they show may have changed.

A calendar programme asks every hour for what changes every few days. What stands on the shelf is
given only for the revision of the campaign that it was written from, which is read from the
database with each request, so that several processes need not know of each other.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

# What a plugin shows may also depend on what touches no campaign, or on the clock.
KEPT_FOR: Final = timedelta(minutes=10)
MOST_BYTES: Final = 16_000_000

Revision = tuple[object, ...]
"""What a feed depends on, as ``feed_tokens.Subscription.revision`` gives it."""
Place = tuple[object, ...]
"""Which feed it is: campaign, office, and the address that its links begin with."""


@dataclass(frozen=True, slots=True)
class Written:
    """A feed as bytes. ``stale_at`` is when it has to be written anew, whatever else happens."""

    data: bytes
    etag: str
    modified_at: datetime
    stale_at: datetime


class Shelf:
    """The feeds of one process that were asked for last, at most so many bytes of them."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[Place, tuple[Revision, Written]] = OrderedDict()
        self.size = 0

    def find(self, place: Place, revision: Revision, now: datetime) -> Written | None:
        """The feed of that place, if it was written from this revision and is not stale."""
        kept = self._kept.get(place)
        if kept is None:
            return None
        if kept[0] != revision or now >= kept[1].stale_at:
            self._remove(place)
            return None
        self._kept.move_to_end(place)
        return kept[1]

    def keep(self, place: Place, revision: Revision, written: Written) -> None:
        """Put a feed in its place. One that alone would fill half the shelf is not kept."""
        self._remove(place)
        if len(written.data) > self._most // 2:
            return
        self._kept[place] = (revision, written)
        self.size += len(written.data)
        while self.size > self._most:
            self._remove(next(iter(self._kept)))

    def _remove(self, place: Place) -> None:
        kept = self._kept.pop(place, None)
        if kept is not None:
            self.size -= len(kept[1].data)
