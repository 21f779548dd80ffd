"""Punches that arrive together share a commit; none is answered before it.

A commit costs about the same for one punch as for forty, and there is one writer a campaign: while
one batch is written, those that arrive wait, and go together next. Who belongs to a batch is
settled when it holds the campaign, not before: several processes wait for one another, and those
who arrive meanwhile go along.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from api.kit import meters
from core.campaigns import Campaign
from plugins.volunteer.punching.taken import Result, Sending

# Punches in a shared unit of work, unless one request alone has more.
MOST = 1000
_together = meters.BATCHES.labels("punches")
Join = Callable[[], Sequence[Sending]]
Work = Callable[[Campaign, Join], Awaitable[list[list[Result]]]]


@dataclass(slots=True)
class _Waiting:
    campaign: Campaign
    sending: Sending
    answer: asyncio.Future[list[Result]]


@dataclass(slots=True)
class _Batch:
    """Requests of one unit of work, taken from those who wait."""

    waiting: list[_Waiting]
    members: list[_Waiting] = field(default_factory=list)

    def join(self) -> list[Sending]:
        """Who goes along: all who wait by now; the same ones when the work is begun anew."""
        if not self.members:
            self.members = _next(self.waiting)
        return [each.sending for each in self.members]


@dataclass(slots=True)
class _Queue:
    waiting: list[_Waiting] = field(default_factory=list)
    writing: asyncio.Task[None] | None = None


_queues: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, _Queue]] = WeakKeyDictionary()


async def results(campaign: Campaign, sending: Sending, work: Work) -> list[Result]:
    """The results of a request, after a unit of work that it may have shared with others.

    ``work`` calls what it is given, once it holds the campaign, to learn whose punches it takes.
    Raises what ``work`` raises for this request by itself.
    """
    loop = asyncio.get_running_loop()
    queues = _queues.setdefault(loop, {})
    queue = queues.setdefault(campaign.id, _Queue())
    mine = _Waiting(campaign, sending, loop.create_future())
    queue.waiting.append(mine)
    if queue.writing is None:
        # A task of its own: who asked may hang up, and others wait for the same commit.
        queue.writing = asyncio.create_task(_write(queues, campaign.id, work))
    return await mine.answer


async def _write(queues: dict[int, _Queue], campaign_id: int, work: Work) -> None:
    queue = queues[campaign_id]
    try:
        while queue.waiting:
            batch = _Batch(queue.waiting)
            if not await _answer(batch, work):
                for each in batch.members:  # one fails: each by itself, and only that one does
                    await _answer(_Batch([], [each]), work)
    finally:
        del queues[campaign_id]


def _next(waiting: list[_Waiting]) -> list[_Waiting]:
    """Take the first, and as many after it as fit."""
    count, total = 0, 0
    for each in waiting:
        total += len(each.sending.sent)
        if count and total > MOST:
            break
        count += 1
    together, waiting[:count] = waiting[:count], []
    return together


async def _answer(batch: _Batch, work: Work) -> bool:
    """Write and answer; False when nothing was written and each is to be tried by itself."""
    try:
        found = await work((batch.members or batch.waiting)[0].campaign, batch.join)
    except Exception as error:  # noqa: BLE001 — it is raised again, to whom it concerns
        if len(batch.join()) > 1:
            return False
        answer = batch.members[0].answer
        if not answer.done():
            answer.set_exception(error)
        return True
    _together.observe(sum(len(each.sending.sent) for each in batch.members))
    for each, answered in zip(batch.members, found, strict=True):
        if not each.answer.done():
            each.answer.set_result(answered)
    return True
