"""Look-ups that are asked at the same time are answered by one statement.

Every request asks who it is from and what it is about. While one statement is under way those that
come meanwhile wait, and go together in the next: the more requests, the fewer statements each. A
question is only ever answered by a statement that was sent after it was asked, so nobody learns
less than he would by asking alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from core import database
from core.database.planning import planned_once

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")
Asked = list[asyncio.Future[Answer | None]]
MOST = 200
"""Different questions of one statement."""


@dataclass(slots=True)
class _Waiting(Generic[Question, Answer]):
    asked: dict[Question, Asked[Answer]] = field(default_factory=dict)
    reading: asyncio.Task[None] | None = None


class Gathered(Generic[Question, Answer]):
    """One kind of look-up, asked with ``ask`` from any request of this process."""

    def __init__(
        self, read: Callable[[Sequence[Question]], Awaitable[Mapping[Question, Answer]]]
    ) -> None:
        """Let ``read`` answer different questions at once; what it leaves out is None."""
        self._read = read
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _Waiting[Question, Answer]] = (
            WeakKeyDictionary()
        )

    async def ask(self, question: Question) -> Answer | None:
        """The answer; inside a unit of work by a statement of its own, which sees its writes.

        Raises what reading raises.
        """
        if database.in_transaction():
            return (await self._read([question])).get(question)
        loop = asyncio.get_running_loop()
        waiting = self._loops.get(loop)
        if waiting is None:
            waiting = self._loops[loop] = _Waiting()
        answer: asyncio.Future[Answer | None] = loop.create_future()
        waiting.asked.setdefault(question, []).append(answer)
        if waiting.reading is None:
            # In nobody's own task or context: who asked first may hang up, or read a replica.
            waiting.reading = loop.create_task(self._answer(waiting), context=Context())
        return await answer

    async def _answer(self, waiting: _Waiting[Question, Answer]) -> None:
        asked: dict[Question, Asked[Answer]] = {}
        try:
            while waiting.asked:
                asked = {each: waiting.asked.pop(each) for each in list(waiting.asked)[:MOST]}
                await self._answer_some(asked)
        finally:
            waiting.reading = None
            for answer in _unanswered([*asked.values(), *waiting.asked.values()]):
                answer.cancel()  # the loop ends
            waiting.asked.clear()

    async def _answer_some(self, asked: Mapping[Question, Asked[Answer]]) -> None:
        try:
            with planned_once():
                found = await self._read(list(asked))
        except Exception as error:  # noqa: BLE001 — it is raised again where it was asked
            for answer in _unanswered(asked.values()):
                answer.set_exception(error)
            return
        for question, answers in asked.items():
            for answer in _unanswered([answers]):
                answer.set_result(found.get(question))


def _unanswered(asked: Iterable[Asked[Answer]]) -> Iterator[asyncio.Future[Answer | None]]:
    """Those who still wait: one who hung up has been cancelled."""
    return (answer for answers in asked for answer in answers if not answer.done())
