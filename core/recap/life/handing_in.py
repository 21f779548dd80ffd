"""Handing in a recap, accepting it or giving it back, and making it final.

A version's text is written once, when it is handed in; afterwards only its state moves on:
submitted, then accepted or returned; accepted, then frozen. What is wrong in it is put right by
a new version, which names the one before.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any, Literal

from core import audit, database, moments
from core.campaigns import Campaign
from core.documents import canonical
from core.observances import Catalogue
from core.permissions import Actor, may
from core.recap.formats.as_json import report_as_json
from core.recap.life import children, codes, snapshot, versions
from core.recap.life.versions import OPEN, Standing
from core.recap.model import Document
from core.recap.sections.comparison import Comparison
from core.refusals import Conflict, Missing, Refusal
from core.reports import Report

WRITE, REVIEW, FREEZE = "recap.write", "recap.review", "recap.freeze"
Decision = Literal["accepted", "returned"]
LONGEST_REASON = 500
FASTER = "别人刚刚报送或处理了这个单位的总结，请刷新后再看"


async def submit(
    actor: Actor,
    report: Report,
    document: Document,
    catalogue: Catalogue,
    *,
    last: Comparison | None = None,
    unaccepted: str = "",
    correction: str = "",
) -> int:
    """Hand in an office's recap as it stands now; gives the number of the version.

    ``last`` is the last edition, as in ``report_as_json``.
    ``unaccepted`` says why although offices below are not accepted, ``correction`` why anew after
    a final version. Raises Missing for who may not write it, Conflict where its life forbids it,
    Refusal for a reason that is missing or too long.
    """
    scope = report.scope
    if not await may(actor, WRITE, scope.organisation_id):
        raise Missing(f"活动“{scope.campaign}”里没有编号为“{scope.organisation}”的机构")
    unaccepted, correction = _reason(unaccepted, "unaccepted"), _reason(correction, "correction")
    _check_whole(report.campaign, document)
    before = versions.newest(await versions.listed(scope.campaign_id, scope.organisation_id))
    _check_turn(before, correction)
    if not (before and before.state == "frozen"):
        correction = ""
    recap = report_as_json(report, catalogue, last)
    written = await asyncio.to_thread(_written, document, recap, correction)
    number = before.number + 1 if before else 1
    values = {
        **written,
        "campaign": scope.campaign_id,
        "organisation": scope.organisation_id,
        "number": number,
        "state": "submitted",
        "code": codes.code_of(scope.campaign, scope.organisation, written["fingerprint"], number),
        "replaces": before.id if before else None,
        "campaign_changes": report.campaign.changes,
        "unaccepted": unaccepted,
        "submitted_by": actor.name,
        "submitted_at": moments.now(),
    }
    async with database.transaction():
        await _store(actor, report, values, before, {"title": document.title, "why": correction})
    return number


def _written(document: Document, recap: dict[str, Any], correction: str) -> dict[str, str]:
    """The text that is stored, its SHA-256, and the fingerprint of what it says.

    Of a large tree it takes seconds, so it comes before the transaction: others write meanwhile.
    """
    told = snapshot.to_json(snapshot.without_findings(document))
    content = canonical({"document": told, "recap": recap, "correction": correction})
    digest = hashlib.sha256(content.encode()).hexdigest()
    return {"content": content, "sha256": digest, "fingerprint": snapshot.fingerprint(document)}


async def _store(
    actor: Actor,
    report: Report,
    values: dict[str, Any],
    before: Standing | None,
    words: dict[str, str],
) -> None:
    """Write the version and the log, unless somebody was faster or parts are not accepted."""
    scope = report.scope
    standing = versions.newest(await versions.listed(scope.campaign_id, scope.organisation_id))
    if standing != before:
        raise Conflict.of("recap_state", FASTER)
    skipped = await children.require_settled(scope, values["unaccepted"], "报送", "unaccepted")
    values = {**values, "unaccepted": values["unaccepted"] if skipped else ""}
    await _insert(values, words["title"])
    told = {name: values[name] for name in ("number", "code", "sha256", "unaccepted")}
    told["correction"] = words["why"]
    await _record(actor, "recap.submitted", report.campaign, scope.organisation_id, told)


def _reason(text: str, member: str) -> str:
    text = text.strip()
    if len(text) > LONGEST_REASON:
        raise Refusal.of("too_long", f"原因最多 {LONGEST_REASON} 个字", member)
    return text


def _check_whole(campaign: Campaign, document: Document) -> None:
    """A recap is handed in once there is something to tell, and with all its parts."""
    if campaign.state == "draft":
        raise Conflict.of("campaign_state", "活动还在筹备，没有开始，不能报送总结")
    if campaign.state == "archived":
        raise Conflict.of("campaign_state", "活动已归档，不能再报送总结；需要时请先取消归档")
    if failed := snapshot.failures(document):
        raise Conflict.of("incomplete", f"总结还不完整，不能报送：{failed[0]}")


def _check_turn(before: Standing | None, correction: str) -> None:
    """One version at a time; after a final one only with a reason."""
    if before and before.state in OPEN:
        raise Conflict.of(
            "recap_state", f"第{before.number}版{before.label}，还没有结果，不能再报送一版"
        )
    if before and before.state == "frozen" and not correction:
        raise Refusal.of(
            "missing", f"第{before.number}版已定稿；更正定稿，请写明更正的原因", "correction"
        )


async def _insert(values: dict[str, Any], title: str) -> None:
    """Write the version and what its prints are known by. Raises Conflict for the second of two."""
    made = await database.fetch_value(
        f"INSERT INTO recap_version ({', '.join(values)}, reason)"
        f" VALUES ({', '.join(':' + name for name in values)}, '')"
        " ON CONFLICT DO NOTHING RETURNING id",
        **values,
    )
    if made is None:
        raise Conflict.of("recap_state", FASTER)
    await database.execute(
        "INSERT INTO recap_print (code, campaign, organisation, fingerprint, title, made_by,"
        " made_at) VALUES (:code, :campaign, :organisation, :fingerprint, :title, :submitted_by,"
        " :submitted_at)",
        title=title,
        **values,
    )


async def decide(
    actor: Actor, campaign: Campaign, version: Standing, decision: Decision, reason: str = ""
) -> None:
    """Accept a version that was handed in, or give it back with a reason.

    It is for the office above, of the first office for itself, and never for who wrote it. Raises
    Missing for who may not, Conflict for a version of another state or of one's own, Refusal for
    a missing reason.
    """
    async with database.transaction():
        await require_reviewer(actor, version)
        reason = _reason(reason, "reason")
        if decision == "returned" and not reason:
            raise Refusal.of("missing", "退回要写明原因", "reason")
        if version.state != "submitted":
            raise _out_of_turn(version, "审核")
        if actor.name in await _authors(version):
            raise Conflict.of("author", "报送和编写总结的人不能审核它，请换一位审核人")
        await _move(
            version,
            decision,
            {"decided_by": actor.name, "decided_at": moments.now(), "reason": reason},
        )
        told = {"number": version.number, "reason": reason}
        await _record(actor, f"recap.{decision}", campaign, version.organisation, told)


async def require_reviewer(actor: Actor, version: Standing) -> None:
    """Raise Missing unless the actor may decide on this office's recaps."""
    if not await may(actor, REVIEW, await _reviewing_office(version)):
        raise Missing("审核要由上级单位的审核人来做，您的账号不在其中")


async def _reviewing_office(version: Standing) -> int:
    """The id of the office above in the campaign's tree; the first office reviews itself."""
    above = await database.fetch_value(
        "SELECT parent FROM campaign_participant"
        " WHERE campaign = :campaign AND organisation = :organisation",
        campaign=version.campaign,
        organisation=version.organisation,
    )
    return version.organisation if above is None else int(above)


async def _authors(version: Standing) -> set[str]:
    """Who handed it in, and who was the last to write at it until then."""
    writer = await database.fetch_value(
        "SELECT changed_by FROM recap_manuscript WHERE campaign = :campaign"
        " AND organisation = :organisation AND changed_at <= :then",
        campaign=version.campaign,
        organisation=version.organisation,
        then=version.submitted_at,
    )
    return {version.submitted_by, writer} - {None}


async def may_review(actor: Actor, version: Standing) -> bool:
    """Whether this version waits for a decision that the actor may make."""
    return (
        version.state == "submitted"
        and await may(actor, REVIEW, await _reviewing_office(version))
        and actor.name not in await _authors(version)
    )


async def freeze(actor: Actor, campaign: Campaign, organisation_id: int, number: int) -> None:
    """Make an accepted version final, after a look whether its text is still the one handed in.

    Raises Missing for who may not, Conflict for a version of another state or a changed text.
    """
    async with database.transaction():
        if not await may(actor, FREEZE, organisation_id):
            raise Missing("这个单位的总结要由它的组织者来定稿")
        version = await versions.find(campaign.id, organisation_id, number)
        if version.state != "accepted":
            raise _out_of_turn(version, "定稿")
        if not version.is_whole:
            raise Conflict.of("tampered", f"第{number}版的存档内容与报送时的校验值不一致，不能定稿")
        await _move(version, "frozen", {"frozen_by": actor.name, "frozen_at": moments.now()})
        told = {"number": number, "sha256": version.sha256}
        await _record(actor, "recap.frozen", campaign, organisation_id, told)


def _out_of_turn(version: Standing, act: str) -> Refusal:
    return Conflict.of("recap_state", f"第{version.number}版{version.label}，现在不能{act}")


async def _move(version: Standing, state: str, values: dict[str, Any]) -> None:
    """Write the next state, unless somebody else has just written one."""
    moved = await database.fetch_value(
        f"UPDATE recap_version SET state = :state, {', '.join(f'{n} = :{n}' for n in values)}"
        " WHERE id = :id AND state = :before RETURNING id",
        id=version.id,
        state=state,
        before=version.state,
        **values,
    )
    if moved is None:
        raise Conflict.of("recap_state", "别人刚刚处理了这一版，请刷新后再看")


async def _record(
    actor: Actor, action: str, campaign: Campaign, organisation_id: int, told: dict[str, Any]
) -> None:
    await audit.record(
        actor,
        action,
        "recap",
        f"{campaign.key} 第{told['number']}版",
        organisation=organisation_id,
        campaign=campaign.key,
        after=told,
    )
