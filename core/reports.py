"""A campaign looked at from one office: figures, findings and the plugins' words.

Screens, exports, the API and the recap all read figures through ``read``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from core import campaigns, database, figures, moments
from core.campaigns import Campaign
from core.figures import Figures
from core.findings import Finding
from core.kept import Kept, State
from core.observances import Catalogue
from core.plugins import Plugins
from core.recap.model import Section
from core.recap.templating.texts import Texts
from core.scopes import Scope

MOST_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Report:
    """A campaign's figures below an office, with every finding; ``failed`` are plugins' titles.

    ``plugin_titles`` names the campaign's plugins by key, those without figures too.
    """

    campaign: Campaign
    title: str
    scope: Scope
    figures: Figures
    findings: Sequence[Finding]
    failed: Sequence[str]
    plugin_titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Noticed:
    """What plugins have found, and the titles of those that failed."""

    findings: tuple[Finding, ...]
    failed: tuple[str, ...]


_noticed: Kept[_Noticed] = Kept("findings", MOST_KEPT, lambda noticed: 1 + len(noticed.findings))


async def _state(scope: Scope) -> State:
    """What findings depend on: records of this and of other campaigns, and the minute.

    Somebody's hours in other campaigns belong to an over-long day of his; a shift ends without
    anybody writing anything.
    """
    minute = moments.now().replace(second=0, microsecond=0)
    return (*await campaigns.revision_of_all(scope.campaign_id), minute)


async def _notice(scope: Scope, plugins: Plugins, enabled: Sequence[str]) -> _Noticed:
    findings: list[Finding] = []
    failed: list[str] = []
    for outcome in await plugins.ask_together("findings", enabled, scope=scope):
        if outcome.failed:
            failed.append(outcome.title)
        findings += outcome.value or []
    return _Noticed(tuple(findings), tuple(failed))


async def read(
    campaign: Campaign, organisation: str | None, plugins: Plugins, catalogue: Catalogue
) -> Report:
    """Figures and findings of a campaign at an office (its own by default). Raises Missing."""
    async with database.reporting(campaign.id, campaign.changes):
        return await _read(campaign, organisation, plugins, catalogue)


async def _read(
    campaign: Campaign, organisation: str | None, plugins: Plugins, catalogue: Catalogue
) -> Report:
    scope = await campaigns.scope(campaign, organisation)
    computed = await figures.read(scope, plugins, campaign.enabled)
    noticed = await _noticed.get(
        (scope, campaign.enabled),
        partial(_state, scope),
        partial(_notice, scope, plugins, campaign.enabled),
        lambda found: not found.failed,
    )
    findings = [*computed.findings, *noticed.findings]
    failed = [*computed.failed, *noticed.failed]
    title = campaign.title(catalogue)
    return Report(
        campaign=campaign,
        title=title,
        scope=scope,
        figures=computed,
        findings=findings,
        failed=list(dict.fromkeys(failed)),
        plugin_titles={
            key: plugins.infos[key].title for key in plugins.keys if key in campaign.enabled
        },
    )


async def sections(
    report: Report, plugins: Plugins, texts: Texts
) -> tuple[list[Section], list[str]]:
    """What each enabled plugin writes of its part, and the titles of those that failed."""
    written: list[Section] = []
    failed: list[str] = []
    async with database.reporting(report.campaign.id, report.campaign.changes):
        outcomes = await plugins.ask(
            "recap_section",
            report.campaign.enabled,
            scope=report.scope,
            figures=report.figures.own,
            texts=texts,
        )
    for outcome in outcomes:
        if outcome.failed:
            failed.append(outcome.title)
        elif outcome.value is not None:
            written.append(outcome.value)
    return written, failed
