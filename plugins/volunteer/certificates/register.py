"""Certificates that were issued: finding them, and withdrawing those whose records are no more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core import audit, database, moments, privacy
from core.permissions import SYSTEM, Actor, scope_sql
from core.recap.life import codes
from core.refusals import Conflict, Missing, Refusal
from plugins.volunteer.certificates import content
from plugins.volunteer.certificates.content import Content
from plugins.volunteer.certificates.issuers import CERTIFY
from plugins.volunteer.certificates.served import on_record
from plugins.volunteer.records import VIEW

RECORDS_CHANGED = "所依据的服务记录后来有改动"
TAMPERED = "存档内容与出具时的校验值不一致"
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate as it was issued, and what became of it.

    ``content`` is None where the stored text is no longer the one that was issued.
    """

    id: int
    number: str
    code: str
    profile: int
    organisation: int
    office: str
    content: Content | None
    minutes: int
    issued_at: datetime
    withdrawn_at: datetime | None
    reason: str

    @property
    def is_valid(self) -> bool:
        """Whether it may be relied on."""
        return self.withdrawn_at is None and self.content is not None

    @property
    def why_not(self) -> str:
        """Why it may not be relied on, in Chinese; "" where it may."""
        return self.reason or ("" if self.content else TAMPERED)


_SELECT = (
    "SELECT f.id, f.number, f.code, f.profile, f.organisation, o.name AS office,"
    " f.content_sealed, f.sha256, f.minutes, f.issued_at, f.withdrawn_at, f.reason"
    " FROM volunteer_certificate f JOIN organisation o ON o.id = f.organisation"
)


async def of_profile(profile: int) -> list[Certificate]:
    """A volunteer's certificates, the newest first; those that have fallen are withdrawn.

    Two statements, and some more when one is withdrawn.
    """
    return await _settled(
        f"{_SELECT} WHERE f.profile = :profile ORDER BY f.id DESC", profile=profile
    )


async def of_code(typed: str) -> Certificate | None:
    """The certificate that bears this code, however it was typed; None when there is none."""
    if (code := codes.read(typed)) is None:
        return None
    found = await _settled(f"{_SELECT} WHERE f.code = :code", code=code)
    return found[0] if found else None


async def of_offices(
    actor: Actor, campaign_id: int, *, before: int | None, limit: int
) -> list[Certificate]:
    """What the campaign's offices in the actor's reach have issued, the newest first.

    ``before`` is the id of the last one on the page before.
    """
    scope, values = scope_sql(actor, VIEW)
    return await _settled(
        f"{_SELECT} WHERE f.organisation IN ({scope}) AND f.organisation IN"
        " (SELECT organisation FROM campaign_participant WHERE campaign = :campaign)"
        " AND f.id < :before ORDER BY f.id DESC LIMIT :limit",
        campaign=campaign_id,
        before=2**62 if before is None else before,
        limit=limit,
        **values,
    )


async def withdraw(actor: Actor, number: str, reason: str) -> Certificate:
    """Withdraw a certificate of an office in the actor's reach; the reason is shown to anybody.

    Raises Refusal without a reason, Missing, Conflict for one that is withdrawn already.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Refusal.of("missing", "请写明撤回的原因，最多200个字", "reason")
    scope, values = scope_sql(actor, CERTIFY)
    found = await _settled(
        f"{_SELECT} WHERE f.number = :number AND f.organisation IN ({scope})",
        number=number.strip(),
        **values,
    )
    if not found:
        raise Missing("没有这个编号的证明，或者它不是您的范围之内的机构出具的")
    certificate = found[0]
    if certificate.withdrawn_at or not await _withdraw(actor, certificate, reason):
        raise Conflict.of("withdrawn", "这份证明已经撤回了", "number")
    return replace(certificate, withdrawn_at=moments.now(), reason=reason)


async def rewrite_without_name(profile: int) -> int:
    """Take the name out of a volunteer's certificates; they stay verifiable. Answers how many.

    The SHA-256 becomes that of the text without the name; the log keeps both.
    """
    rows = await database.fetch(f"{_SELECT} WHERE f.profile = :profile", profile=profile)
    async with database.transaction():
        for row in rows:
            if (said := _content(row)) is None:
                continue
            text = said.without_name().text()
            await database.execute(
                "UPDATE volunteer_certificate SET content_sealed = :sealed, sha256 = :sha256"
                " WHERE id = :id",
                sealed=privacy.seal(text),
                sha256=content.digest(text),
                id=row["id"],
            )
            await audit.record(
                SYSTEM,
                "volunteer.certificate.unnamed",
                "volunteer.certificate",
                row["number"],
                organisation=row["organisation"],
                before={"sha256": row["sha256"]},
                after={"sha256": content.digest(text)},
            )
    return len(rows)


async def _settled(sql: str, **values: Any) -> list[Certificate]:
    """The certificates of a statement; those whose records are no more are withdrawn first."""
    found = [_read(row) for row in await database.fetch(sql, **values)]
    standing = await on_record({each.profile for each in found})
    return [await _settle(each, standing.get(each.profile, {})) for each in found]


async def _settle(
    certificate: Certificate, standing: dict[tuple[str, str], tuple[int, str]]
) -> Certificate:
    said = certificate.content
    if certificate.withdrawn_at or said is None or said.holds(standing):
        return certificate
    await _withdraw(SYSTEM, certificate, RECORDS_CHANGED)
    return replace(certificate, withdrawn_at=moments.now(), reason=RECORDS_CHANGED)


async def _withdraw(actor: Actor, certificate: Certificate, reason: str) -> bool:
    """Note the withdrawal; False when somebody else was first."""
    async with database.transaction():
        done = await database.fetch_value(
            "UPDATE volunteer_certificate SET withdrawn_at = :now, reason = :reason"
            " WHERE id = :id AND withdrawn_at IS NULL RETURNING id",
            now=moments.now(),
            reason=reason,
            id=certificate.id,
        )
        if done is not None:
            await audit.record(
                actor,
                "volunteer.certificate.withdrawn",
                "volunteer.certificate",
                certificate.number,
                organisation=certificate.organisation,
                after={"reason": reason},
            )
    return done is not None


def _read(row: dict[str, Any]) -> Certificate:
    stored = {name: row[name] for name in row if name not in ("content_sealed", "sha256")}
    return Certificate(**stored, content=_content(row))


def _content(row: dict[str, Any]) -> Content | None:
    try:
        text = privacy.unseal(row["content_sealed"])
    except privacy.UnsealError:
        return None
    return content.read(text) if content.digest(text) == row["sha256"] else None
