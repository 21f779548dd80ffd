"""How a recap stands: what was handed in of it, and what has changed since."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from core.recap.life import snapshot, versions
from core.recap.life.differences import Difference, differs
from core.recap.life.versions import Standing, Version
from core.recap.model import Document
from core.reports import Report


@dataclass(frozen=True, slots=True)
class Stand:
    """The newest version, the one that the recap is held against, and how it differs from it.

    ``against`` is the final version that counts, else the one under review; None without either.
    ``rewritten``: the figures are the same and the words are not. ``tampered``: the stored text
    cannot be used, so nothing is compared.
    """

    newest: Standing | None
    against: Standing | None
    differences: tuple[Difference, ...] = ()
    rewritten: bool = False
    tampered: bool = False


async def stand(report: Report, document: Document, known: Version | None = None) -> Stand:
    """Hold an office's recap, as it is now, against what was handed in.

    ``known`` is a version that was read already. Figures that cannot be counted at the moment
    are not held against anything.
    """
    scope = report.scope
    all_of = await versions.listed(scope.campaign_id, scope.organisation_id)
    newest = versions.newest(all_of)
    against = versions.valid(all_of)
    if against is None and newest is not None and newest.state in versions.OPEN:
        against = newest
    if against is None or report.failed:
        return Stand(newest, against)
    if await asyncio.to_thread(snapshot.fingerprint, document) == against.fingerprint:
        return Stand(newest, against)
    version = known
    if version is None or version.number != against.number:
        version = await versions.find(scope.campaign_id, scope.organisation_id, against.number)
    if not version.is_whole:
        return Stand(newest, against, tampered=True)
    found = tuple(await asyncio.to_thread(differs, version, report))
    return Stand(newest, against, found, rewritten=not found)
