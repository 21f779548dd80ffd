"""The recap's document, kept while nothing that it is made of has changed.

What is small is read anew each time and compared: the author's text, the templates, what was found.
For what is large, the records, the counters of the campaigns stand.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import partial
from itertools import count

from core import database, moments
from core.kept import Kept, State
from core.observances import Catalogue
from core.plugins import Plugins
from core.recap import build
from core.recap.manuscript import manuscripts
from core.recap.model import Document
from core.recap.templating.texts import effective, usual_words
from core.reports import Report
from core.scopes import Scope

# Documents that a process keeps; one of a large city takes some 2 MB.
MOST_KEPT = 12
# All campaigns that the office has a part in, last time's among them.
OTHERS = (
    "FROM campaign o JOIN campaign_participant p ON p.campaign = o.id"
    " WHERE p.organisation = :organisation"
)
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Made:
    """A document; of two with the same number it is the same one."""

    document: Document
    number: int


_kept: Kept[Made] = Kept("recaps", MOST_KEPT)


async def made(report: Report, plugins: Plugins, catalogue: Catalogue) -> Made:
    """The recap of a report, built only when something has changed since the last time."""
    scope, states = report.scope, set[State]()

    async def read() -> State:
        state = await _state(report, plugins, catalogue)
        states.add(state[:2])
        return state

    return await _kept.get(
        (scope, report.campaign.enabled),
        read,
        partial(_make, report, plugins, catalogue),
        # A report that was read before the last change must not stand for what came after it.
        lambda _: (
            not report.failed and states == {(report.campaign.changes, report.campaign.modified_at)}
        ),
    )


async def _make(report: Report, plugins: Plugins, catalogue: Catalogue) -> Made:
    return Made(await build.document(report, plugins, catalogue), next(_numbers))


async def _state(report: Report, plugins: Plugins, catalogue: Catalogue) -> State:
    """All that the document is made of. Three statements."""
    scope, campaign = report.scope, report.campaign
    own = await manuscripts.read(scope.campaign_id, scope.organisation_id)
    templates = await effective(scope.organisation_id, plugins)
    office = report.figures.names[scope.organisation]
    words = usual_words(campaign, office, catalogue)
    observance = catalogue.get(campaign.observance) if campaign.observance else None
    return (
        *await counters(scope),
        own,
        *templates.values(),
        *words.items(),
        observance,
        *report.findings,
        *report.failed,
        moments.today(),
    )


async def counters(scope: Scope) -> tuple[Hashable, ...]:
    """Counters of the campaign's records and of those of the office's other campaigns.

    The first two are the campaign's ``changes`` and ``modified_at``. Last time's figures stand
    beside this time's, as its recap was frozen or from its records. One statement.
    """
    row = await database.fetch_one(
        f"SELECT c.changes, c.modified_at, (SELECT COUNT(*) {OTHERS}) AS campaigns,"
        f" (SELECT SUM(o.changes) {OTHERS}) AS others,"
        f" (SELECT MAX(o.modified_at) {OTHERS}) AS last,"
        " (SELECT COUNT(*) FROM recap_version WHERE organisation = :organisation"
        " AND state = 'frozen') AS frozen,"
        " (SELECT MAX(id) FROM recap_version WHERE organisation = :organisation"
        " AND state = 'frozen') AS newest FROM campaign c WHERE c.id = :campaign",
        campaign=scope.campaign_id,
        organisation=scope.organisation_id,
    )
    return tuple((row or {}).values())
