"""Punches that arrive together share a commit; none is answered before it.

A commit costs about the same for one punch as for forty, and there is one writer a campaign: while
one batch is written, those that arrive wait, and go together next.
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
MOST = 500
_together = meters.BATCHES.labels("punches")
Work = Callable[[Campaign, Sequence[Sending]], Awaitable[list[list[Result]]]]


@dataclass(slots=True)
class _Waiting:
    campaign: Campaign
    sending: Sending
    answer: asyncio.Future[list[Result]]


@dataclass(slots=True)
class _Queue:
    waiting: list[_Waiting] = field(default_factory=list)
    writing: asyncio.Task[None] | None = None


_queues: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, _Queue]] = WeakKeyDictionary()


async def results(campaign: Campaign, sending: Sending, work: Work) -> list[Result]:
    """The results of a request, after a unit of work that it may have shared with others.

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
            together = _next(queue.waiting)
            if not await _answer(together, work):
                for each in together:  # one of them fails: each by itself, and only that one does
                    await _answer([each], work)
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


async def _answer(together: Sequence[_Waiting], work: Work) -> bool:
    """Write and answer; False when nothing was written and each is to be tried by itself."""
    _together.observe(sum(len(each.sending.sent) for each in together))
    try:
        found = await work(together[0].campaign, [each.sending for each in together])
    except Exception as error:  # noqa: BLE001 — it is raised again, to whom it concerns
        if len(together) > 1:
            return False
        if not together[0].answer.done():
            together[0].answer.set_exception(error)
        return True
    for each, answer in zip(together, found, strict=True):
        if not each.answer.done():
            each.answer.set_result(answer)
    return True
