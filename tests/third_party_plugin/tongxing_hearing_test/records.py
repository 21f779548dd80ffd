"""Screenings in the database: listed for whoever asks, added by whoever may."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any

from core import audit, campaign_states, campaigns, database, installation, wording
from core.calendar_entries import CalendarEntry
from core.campaigns import Campaign
from core.findings import Finding
from core.moments import now
from core.permissions import Actor, scope_sql
from core.refusals import Refusal
from core.scopes import Scope
from tongxing_hearing_test.addresses import address

VIEW, EDIT = "hearing_test.view", "hearing_test.edit"
IN_SCOPE = (
    "s.campaign = :campaign AND s.organisation IN (SELECT descendant FROM campaign_closure"
    " WHERE campaign = :campaign AND ancestor = :root)"
)


async def listed(
    actor: Actor, campaign: Campaign, after: str = "", limit: int = 200
) -> list[dict[str, Any]]:
    """Screenings of the offices where the actor may look, by key, after a key."""
    scope, parameters = scope_sql(actor, VIEW)
    return await database.fetch(
        "SELECT s.key, o.key AS organisation, p.name AS organisation_name, s.held_on, s.people,"
        " s.referred FROM hearing_test_screening s JOIN organisation o ON o.id = s.organisation"
        " JOIN campaign_participant p"
        " ON p.campaign = s.campaign AND p.organisation = s.organisation"
        f" WHERE s.campaign = :campaign AND s.organisation IN ({scope}) AND s.key > :after"
        " ORDER BY s.key LIMIT :limit",
        campaign=campaign.id,
        after=after,
        limit=limit,
        **parameters,
    )


async def add(
    actor: Actor,
    campaign: Campaign,
    *,
    organisation: str,
    held_on: date,
    people: int,
    referred: int,
) -> dict[str, Any]:
    """Write a screening down; gives its key and what was given. Raises Refusal or Conflict."""
    campaign_states.require(campaign, "records")
    if referred > people:
        raise Refusal.of("value", "转诊人数多于筛查人数", "referred")
    async with database.transaction():
        office = await _office(actor, campaign, organisation)
        key = f"h{secrets.token_hex(5)}"
        after = {"organisation": organisation, "held_on": held_on, "people": people}
        after["referred"] = referred
        await database.execute(
            "INSERT INTO hearing_test_screening (campaign, key, organisation, activity, held_on,"
            " people, referred, sequence, modified_at) VALUES (:campaign, :key, :organisation,"
            " NULL, :held_on, :people, :referred, 0, :now)",
            **{**after, "organisation": office},
            campaign=campaign.id,
            key=key,
            now=now(),
        )
        await campaigns.touch(campaign.id)
        await audit.record(
            actor,
            "hearing_test.added",
            "hearing_test.screening",
            key,
            organisation=office,
            campaign=campaign.key,
            after=after,
        )
    return {"key": key, **after}


async def _office(actor: Actor, campaign: Campaign, key: str) -> int:
    """The id of an office that takes part and where the actor may write. Raises Refusal."""
    scope, parameters = scope_sql(actor, EDIT)
    found = await database.fetch_value(
        "SELECT o.id FROM campaign_participant p JOIN organisation o ON o.id = p.organisation"
        f" WHERE p.campaign = :campaign AND o.key = :key AND o.id IN ({scope})",
        campaign=campaign.id,
        key=key,
        **parameters,
    )
    if found is None:
        raise Refusal.of(
            "unknown_reference", "这个机构没有参加活动，或不在您的范围之内", "organisation"
        )
    return int(found)


async def _in_scope(scope: Scope) -> list[dict[str, Any]]:
    return await database.fetch(
        "SELECT s.id, s.held_on, s.people, s.sequence, s.modified_at,"
        " o.key AS organisation, p.name, c.starts_on, c.ends_on FROM hearing_test_screening s"
        " JOIN campaign c ON c.id = s.campaign JOIN organisation o ON o.id = s.organisation"
        " JOIN campaign_participant p"
        " ON p.campaign = s.campaign AND p.organisation = s.organisation"
        f" WHERE {IN_SCOPE} ORDER BY s.held_on, s.id",
        campaign=scope.campaign_id,
        root=scope.organisation_id,
    )


async def entries(scope: Scope) -> list[CalendarEntry]:
    """Each screening as a whole day."""
    here = await installation.identifier()
    return [
        CalendarEntry(
            uid=f"hearing-test-{row['id']}@{here}",
            title=f"听力筛查：{row['name']}",
            starts=row["held_on"],
            ends=row["held_on"] + timedelta(days=1),
            modified_at=row["modified_at"],
            sequence=row["sequence"],
        )
        for row in await _in_scope(scope)
    ]


async def outside_the_window(scope: Scope) -> list[Finding]:
    """Screenings on days that the campaign does not have."""
    return [
        Finding(
            code="hearing_test_outside_window",
            message=(
                f"{row['name']}在{wording.day(row['held_on'])}的听力筛查不在活动期间，请核对日期"
            ),
            organisation=row["organisation"],
            metric="hearing_test.sessions",
            href=address(scope.campaign),
        )
        for row in await _in_scope(scope)
        if not row["starts_on"] <= row["held_on"] <= row["ends_on"]
    ]
