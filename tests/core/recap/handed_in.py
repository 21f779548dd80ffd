"""What tests of versions need: a recap handed in, and a record changed since."""

from __future__ import annotations

from typing import Any

from core import campaigns, database, reports
from core.permissions import Actor
from core.process import Process
from core.recap import build
from core.recap.life import handing_in, versions
from core.recap.life.versions import Version
from core.recap.model import Document
from core.reports import Report

KEY = "2022-city"


async def live(process: Process, office: str = "x1") -> tuple[Report, Document]:
    """The recap of an office as it would be now."""
    report = await reports.read(
        await campaigns.find(KEY), office, process.plugins, process.catalogue
    )
    return report, await build.document(report, process.plugins, process.catalogue)


async def submit(process: Process, actor: Actor, office: str = "x1", **reasons: Any) -> Version:
    """Hand in what there is now."""
    report, document = await live(process, office)
    number = await handing_in.submit(actor, report, document, process.catalogue, **reasons)
    return await versions.find(report.scope.campaign_id, report.scope.organisation_id, number)


async def again(version: Version) -> Version:
    """The version as it is stored now."""
    return await versions.find(version.campaign, version.organisation, version.number)


async def to_final(process: Process, author: Actor, above: Actor, office: str = "x1") -> Version:
    """Hand in, accept and freeze."""
    version, campaign = await submit(process, author, office), await campaigns.find(KEY)
    await handing_in.decide(above, campaign, version, "accepted")
    await handing_in.freeze(above, campaign, version.organisation, version.number)
    return await again(version)


async def change_a_record() -> None:
    """Let x1 have eight more shows than before."""
    await database.execute(
        "INSERT INTO reported_figure (campaign, key, metric, organisation, value, basis,"
        " approximate, source) SELECT c.id, 'more-' || c.changes, 'culture.shows', o.id, '8',"
        " 'additional', :exact, '甲旗' FROM campaign c JOIN organisation o ON o.key = 'x1'"
        " WHERE c.key = :key",
        exact=False,
        key=KEY,
    )
    await campaigns.touch((await campaigns.find(KEY)).id)
