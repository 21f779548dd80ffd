"""Whether what was printed of a recap is still what the recap says."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any

from core import campaigns, database, moments, reports
from core.observances import Catalogue
from core.plugins import Plugins
from core.recap import build, made
from core.recap.life import snapshot
from core.scopes import Scope

# How many recaps' fingerprints are remembered; each is a hundred bytes.
REMEMBERED = 1_000

State = tuple[Any, ...]


class _Memory:
    """What is remembered of one database, and whose turn it is to compute."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self._known: OrderedDict[tuple[int, int], tuple[State, str]] = OrderedDict()

    def recall(self, scope: Scope, state: State) -> str | None:
        then, mark = self._known.get((scope.campaign_id, scope.organisation_id), (None, ""))
        return mark if then == state else None

    def keep(self, scope: Scope, state: State, mark: str) -> None:
        self._known[scope.campaign_id, scope.organisation_id] = state, mark
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


_remembered: tuple[database.Engine, _Memory] | None = None


def _memory() -> _Memory:
    """The memory of the current database; another database begins with an empty one."""
    global _remembered  # noqa: PLW0603 — one database a process, and its memory with it
    if _remembered is None or _remembered[0] is not database.engine():
        _remembered = database.engine(), _Memory()
    return _remembered[1]


async def _state(scope: Scope) -> State:
    """Whatever a recap is made of, as counters: while they stand, so does the recap.

    The campaign, the text that was added, the templates above the office, the office's other
    campaigns (last time's figures stand beside this time's), and the day. Two statements.
    """
    row = await database.fetch_one(
        "SELECT (SELECT COALESCE(MAX(m.revision), 0) FROM recap_manuscript m"
        " WHERE m.campaign = :campaign AND m.organisation = :organisation) AS revision,"
        " COUNT(*) AS templates, MAX(t.changed_at) AS changed_at"
        " FROM recap_template t JOIN organisation_closure k"
        " ON k.ancestor = t.organisation WHERE k.descendant = :organisation",
        campaign=scope.campaign_id,
        organisation=scope.organisation_id,
    )
    return (*await made.counters(scope), *(row or {}).values(), moments.today())


async def fingerprint(
    campaign: str, organisation: str, plugins: Plugins, catalogue: Catalogue
) -> str | None:
    """The fingerprint of an office's recap as it would be now; None while a part of it fails.

    Computed when something has changed, else remembered; one at a time, for anybody may ask.
    """
    found = await campaigns.find(campaign)
    scope = await campaigns.scope(found, organisation)
    memory = _memory()
    async with memory.turn:
        state = await _state(scope)
        mark = memory.recall(scope, state)
        if mark is None:
            report = await reports.read(found, organisation, plugins, catalogue)
            document = await build.document(report, plugins, catalogue)
            if snapshot.failures(document):
                return None
            mark = snapshot.fingerprint(document)
            memory.keep(scope, state, mark)
        return mark
