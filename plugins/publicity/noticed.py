"""Publicity's findings: one sentence for each office and each thing to look at."""

from __future__ import annotations

from core.findings import Finding
from core.scopes import Scope
from plugins.publicity import addresses, checks
from plugins.publicity.checks import Check, Noticed

OUTSIDE = "publicity_outside_window"
DATED = (
    ("publicity_material", "materials", "批宣传品"),
    ("publicity_outreach", "outreach", "次宣传受众"),
)


async def read(scope: Scope) -> list[Finding]:
    """Missing outlets and addresses, days outside the campaign's, reprints before originals.

    Three statements.
    """
    found = [_of_items(scope, check, noticed) for check, noticed in await checks.items(scope)]
    for table, resource, what in DATED:
        found += [
            _of_records(scope, resource, what, noticed)
            for noticed in await checks.outside(scope, table)
        ]
    return found


def _of_items(scope: Scope, check: Check, noticed: Noticed) -> Finding:
    if noticed.count == 1:
        subject = f"{noticed.office}的报道“{noticed.label}”"
        href = addresses.record(scope.campaign, "items", noticed.key)
    else:
        subject = f"{noticed.office}有{noticed.count}条报道"
        href = addresses.list_of(
            scope.campaign, "items", organisation=noticed.organisation, issues=check.words
        )
    return Finding(check.code, subject + check.sentence, noticed.organisation, href=href)


def _of_records(scope: Scope, resource: str, what: str, noticed: Noticed) -> Finding:
    if noticed.count == 1:
        href = addresses.record(scope.campaign, resource, noticed.key)
    else:
        href = addresses.list_of(scope.campaign, resource, organisation=noticed.organisation)
    message = f"{noticed.office}有{noticed.count}{what}的日期不在活动期间，请核对日期"
    return Finding(OUTSIDE, message, noticed.organisation, href=href)
