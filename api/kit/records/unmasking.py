"""Reading names in full: a permission of its own, and a line in the log each time."""

from __future__ import annotations

from api.kit.records.fields import Row
from api.kit.records.reading import find
from api.kit.records.resource import Resource, Work
from core import audit, database
from core.permissions import may
from core.refusals import Missing


async def unmask(work: Work, resource: Resource, address_key: str) -> Row:
    """A record whose names the actor may read; noted in the log. Raises Missing."""
    row = await find(work, resource, address_key)
    office = row["office"] or work.campaign.organisation_id
    if not await may(work.actor, "personal.unmask", office):
        raise Missing("没有这条记录，或者您不能查看全名")
    async with database.transaction():
        await audit.record(
            work.actor,
            "personal.unmasked",
            resource.purpose,
            resource.address_key(row),
            organisation=office,
            campaign=work.campaign.key,
        )
    return row


async def unmask_many(work: Work, resource: Resource, count: int) -> None:
    """Note in the log that a list was exported with names in full."""
    async with database.transaction():
        await audit.record(
            work.actor,
            "personal.exported",
            resource.purpose,
            "",
            organisation=work.campaign.organisation_id,
            campaign=work.campaign.key,
            after={"records": count},
        )
