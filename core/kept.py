"""What was computed from the database, kept while the database says that it still holds.

Nothing here is a second truth. Each time the state of what it was computed from is read from the
database (a counter that every write raises in its own transaction), and only what was computed in
that very state is given again; other processes may write as they like. What was read while the
state changed is used once and not kept.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Generic, TypeVar
from weakref import WeakSet, WeakValueDictionary

from core import database

Thing = TypeVar("Thing")
State = tuple[Hashable, ...]
StateReader = Callable[[], Awaitable[State]]


@dataclass(slots=True)
class _Entry(Generic[Thing]):
    """A thing; ``state`` is None where it changed meanwhile. ``began`` orders the beginnings."""

    thing: Thing
    state: State | None
    began: int
    weight: int


@dataclass(slots=True)
class Counts:
    """How often something was given again, how often it was computed; what is kept now."""

    hits: int = 0
    misses: int = 0
    entries: int = 0
    weight: int = 0


@dataclass(eq=False)
class Kept(Generic[Thing]):
    """Things by place, together at most so heavy; those used longest ago go first."""

    name: str
    most: int
    weigh: Callable[[Thing], int] = lambda _: 1
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        """Join those that ``forget`` empties."""
        self._entries: OrderedDict[Hashable, _Entry[Thing]] = OrderedDict()
        self._turns: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()
        self._numbers = count(1)
        self._engine: Any = None
        _all.add(self)

    async def get(
        self,
        place: Hashable,
        read: StateReader,
        make: Callable[[], Awaitable[Thing]],
        is_whole: Callable[[Thing], bool] = lambda _: True,
    ) -> Thing:
        """What was kept at the place in the state that ``read`` gives; else what ``make`` gives.

        In a unit of work, which sees what nobody else does, it is made and not kept. Of several who
        ask at once one makes it, and the others wait: they are given it too if it was begun after
        they asked. What is not ``is_whole`` is not kept.
        """
        if database.in_transaction():
            return await make()
        if self._engine is not database.engine():
            self.clear()
            self._engine = database.engine()
        asked = next(self._numbers)
        if found := self._recalled(place, await read()):
            return found.thing
        turn = self._turns.setdefault(place, asyncio.Lock())
        async with turn:
            entry = self._entries.get(place)
            if entry is not None and entry.began > asked:
                return entry.thing
            began, state = next(self._numbers), await read()
            if found := self._recalled(place, state):
                return found.thing
            self.counts.misses += 1
            thing = await make()
            whole = await read() == state and is_whole(thing)
            self._keep(place, _Entry(thing, state if whole else None, began, self.weigh(thing)))
            return thing

    def _recalled(self, place: Hashable, state: State) -> _Entry[Thing] | None:
        entry = self._entries.get(place)
        if entry is None or entry.state != state:
            return None
        self._entries.move_to_end(place)
        self.counts.hits += 1
        return entry

    def _keep(self, place: Hashable, entry: _Entry[Thing]) -> None:
        self._drop(place)
        self._entries[place] = entry
        self.counts.weight += entry.weight
        while self.counts.weight > self.most and self._entries:
            self._drop(next(iter(self._entries)))
        self.counts.entries = len(self._entries)

    def _drop(self, place: Hashable) -> None:
        if (entry := self._entries.pop(place, None)) is not None:
            self.counts.weight -= entry.weight

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._turns.clear()
        self.counts.entries = self.counts.weight = 0


_all: WeakSet[Kept[Any]] = WeakSet()


def all_kept() -> list[Kept[Any]]:
    """Everything that keeps something, by name."""
    return sorted(_all, key=lambda kept: kept.name)


def forget() -> None:
    """Forget all that is kept in this process, as if it had just been started."""
    for kept in _all:
        kept.clear()
