"""Who issues a certificate, and who answers for it there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core import audit, database, moments
from core.campaigns import Campaign
from core.permissions import Actor, may, scope_sql
from core.refusals import Fault, Missing, Refusal
from plugins.volunteer.records import VIEW

CERTIFY = "volunteer.certify"
MEMBERS = {"responsible": "负责人", "handler": "经办人", "contact": "联系方式"}
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Issuer:
    """An office and who answers there; the three are empty where nobody has said it yet."""

    organisation_id: int
    organisation: str
    name: str
    responsible: str = ""
    handler: str = ""
    contact: str = ""

    @property
    def is_told(self) -> bool:
        """Whether the office has said who answers."""
        return bool(self.responsible)


_SELECT = (
    "SELECT o.id AS organisation_id, o.key AS organisation, o.name,"
    " COALESCE(i.responsible, '') AS responsible, COALESCE(i.handler, '') AS handler,"
    " COALESCE(i.contact, '') AS contact FROM organisation o"
    " LEFT JOIN volunteer_issuer i ON i.organisation = o.id"
)


async def issuer_of(offices: Iterable[int]) -> Issuer:
    """Who issues a certificate of what these offices have recorded (谁记录谁证明).

    The lowest office that has all of them in its tree, or the nearest above it that has said who
    answers for certificates. Raises Refusal when no office is above them all. One statement.
    """
    recording = sorted(set(offices))
    rows = await database.fetch(
        f"{_SELECT} JOIN (SELECT ancestor, SUM(depth) AS distance FROM organisation_closure"
        " WHERE descendant IN (:offices) GROUP BY ancestor HAVING COUNT(*) = :number) a"
        " ON a.ancestor = o.id ORDER BY a.distance",
        offices=recording,
        number=len(recording),
    )
    if not rows:
        raise Refusal.of(
            "no_issuer",
            "这段时间的服务由互不隶属的机构记录，一份证明开不了；请选短一些的时间，分开出具",
            "period",
        )
    above = [Issuer(**row) for row in rows]
    return next((each for each in above if each.is_told), above[0])


async def listed(actor: Actor, campaign: Campaign) -> list[Issuer]:
    """The campaign's offices in the actor's reach that have said who answers. One statement."""
    scope, values = scope_sql(actor, VIEW)
    rows = await database.fetch(
        f"{_SELECT} WHERE i.id IS NOT NULL AND o.id IN ({scope}) AND o.id IN"
        " (SELECT organisation FROM campaign_participant WHERE campaign = :campaign)"
        " ORDER BY o.key",
        campaign=campaign.id,
        **values,
    )
    return [Issuer(**row) for row in rows]


async def find(actor: Actor, campaign: Campaign, organisation: str) -> Issuer:
    """An office of the campaign, for those who may say who answers there. Raises Missing."""
    row = await database.fetch_one(
        f"{_SELECT} WHERE o.key = :key AND o.id IN"
        " (SELECT organisation FROM campaign_participant WHERE campaign = :campaign)",
        key=organisation,
        campaign=campaign.id,
    )
    if row is None or not await may(actor, CERTIFY, row["organisation_id"]):
        raise Missing("没有这个机构，或者它不在您的范围之内")
    return Issuer(**row)


async def tell(actor: Actor, issuer: Issuer, told: Mapping[str, str]) -> None:
    """Note who answers for an office's certificates from now on.

    Raises Refusal for what is missing or too long; what was issued stays as it was printed.
    """
    values = {name: told.get(name, "").strip() for name in MEMBERS}
    faults = [
        Fault(f"/{name}", "too_long" if values[name] else "missing", f"请填写{label}，最多60个字")
        for name, label in MEMBERS.items()
        if not 0 < len(values[name]) <= LONGEST
    ]
    if faults:
        raise Refusal(*faults)
    before: dict[str, Any] = {name: getattr(issuer, name) for name in MEMBERS}
    async with database.transaction():
        await database.execute(
            "INSERT INTO volunteer_issuer (organisation, responsible, handler, contact, changed_at)"
            " VALUES (:organisation, :responsible, :handler, :contact, :now)"
            " ON CONFLICT (organisation) DO UPDATE SET responsible = excluded.responsible,"
            " handler = excluded.handler, contact = excluded.contact,"
            " changed_at = excluded.changed_at",
            organisation=issuer.organisation_id,
            now=moments.now(),
            **values,
        )
        await audit.record(
            actor,
            "volunteer.issuer.changed",
            "volunteer.issuer",
            issuer.organisation,
            organisation=issuer.organisation_id,
            before=before if issuer.is_told else None,
            after=values,
        )
