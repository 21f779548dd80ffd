"""What was made into a file, and what its code says of it to whoever holds the paper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from core import audit, database, moments
from core.observances import Catalogue
from core.permissions import Actor
from core.plugins import Plugins
from core.recap.life import codes, currency, snapshot, versions
from core.recap.life.versions import Standing
from core.recap.model import Document, Verification
from core.reports import Report

DRAFT = "草稿"
Verdict = Literal["current", "outdated", "pending"]


async def issued(report: Report, document: Document, actor: Actor, base_url: str = "") -> Document:
    """The document with the code that its files carry, noted at the first of them.

    One that says what the newest version says carries that version's code; any other is a draft.
    ``base_url`` is where this installation is reached from outside; empty leaves out the address.
    """
    scope, mark = report.scope, snapshot.fingerprint(document)
    newest = versions.newest(await versions.listed(scope.campaign_id, scope.organisation_id))
    if newest and newest.state != "returned" and newest.fingerprint == mark:
        return replace(document, verification=newest.verification(base_url))
    code = codes.code_of(scope.campaign, scope.organisation, mark)
    if (
        await database.fetch_value("SELECT 1 FROM recap_print WHERE code = :code", code=code)
        is None
    ):
        await _note(report, document.title, actor, {"code": code, "fingerprint": mark})
    address = versions.verification_address(code, base_url)
    return replace(document, verification=Verification(codes.grouped(code), address, DRAFT))


async def _note(report: Report, title: str, actor: Actor, values: dict[str, str]) -> None:
    scope = report.scope
    async with database.transaction():
        made = await database.fetch_value(
            "INSERT INTO recap_print (code, campaign, organisation, fingerprint, title, made_by,"
            " made_at) VALUES (:code, :campaign, :organisation, :fingerprint, :title, :made_by,"
            " :made_at) ON CONFLICT (code) DO NOTHING RETURNING id",
            campaign=scope.campaign_id,
            organisation=scope.organisation_id,
            title=title,
            made_by=actor.name,
            made_at=moments.now(),
            **values,
        )
        if made is not None:
            await audit.record(
                actor,
                "recap.printed",
                "recap",
                codes.grouped(values["code"]),
                organisation=scope.organisation_id,
                campaign=scope.campaign,
            )


@dataclass(frozen=True, slots=True)
class Checked:
    """What a code stands for. ``verdict`` is whether the paper may be relied on today.

    ``standing`` says it in a few words, ``more`` are sentences on what else is to be known.
    """

    code: str
    title: str
    office: str
    campaign: str
    made_at: datetime
    verdict: Verdict
    standing: str
    more: tuple[str, ...]


async def check(typed: str, plugins: Plugins, catalogue: Catalogue) -> Checked | None:
    """What the code that somebody typed stands for; None when it stands for nothing of ours."""
    code = codes.read(typed)
    row = await database.fetch_one(
        "SELECT p.title, p.made_at, p.fingerprint, p.campaign AS campaign_id,"
        " p.organisation AS organisation_id, c.key AS campaign, o.key AS organisation,"
        " COALESCE(q.name, o.name) AS office FROM recap_print p"
        " JOIN campaign c ON c.id = p.campaign JOIN organisation o ON o.id = p.organisation"
        " LEFT JOIN campaign_participant q ON q.campaign = p.campaign"
        " AND q.organisation = p.organisation WHERE p.code = :code",
        code=code or "",
    )
    if code is None or row is None:
        return None
    standings = await versions.listed(row["campaign_id"], row["organisation_id"])
    version = next((each for each in standings if each.code == code), None)
    if version is not None:
        verdict, standing, more = _of_version(version, standings)
    else:
        verdict, standing, more = await _of_draft(row, standings, plugins, catalogue)
    return Checked(
        code=codes.grouped(code),
        title=row["title"],
        office=row["office"],
        campaign=row["campaign"],
        made_at=row["made_at"],
        verdict=verdict,
        standing=standing,
        more=tuple(more),
    )


def _of_version(version: Standing, all_of: list[Standing]) -> tuple[Verdict, str, list[str]]:
    valid, newest = versions.valid(all_of), all_of[0]
    if valid is not None and valid.number > version.number:
        said = f"请改用第{valid.number}版（定稿，核验码 {codes.grouped(valid.code)}）。"
        return "outdated", f"已被第{valid.number}版更正", [said]
    if version.state == "frozen":
        more = []
        if newest.number > version.number and newest.state in versions.OPEN:
            more.append(
                f"第{newest.number}版正在审核；在它定稿以前，仍以第{version.number}版为准。"
            )
        return "current", f"现行定稿（第{version.number}版）", more
    more = [f"现行的是第{valid.number}版（定稿）。"] if valid else []
    if version.state == "returned":
        return "outdated", f"第{version.number}版，已被上级退回", more
    waits = "已报送，等待审核" if version.state == "submitted" else "上级已接受，还没有定稿"
    return "pending", f"第{version.number}版，{waits}", more


async def _of_draft(
    row: dict[str, Any], all_of: list[Standing], plugins: Plugins, catalogue: Catalogue
) -> tuple[Verdict, str, list[str]]:
    if (valid := versions.valid(all_of)) is not None:
        code = codes.grouped(valid.code)
        return (
            "outdated",
            f"草稿；总结后来已经定稿（第{valid.number}版）",
            [f"请以第{valid.number}版为准，它的核验码是 {code}。"],
        )
    mark = await currency.fingerprint(row["campaign"], row["organisation"], plugins, catalogue)
    if mark is None:
        return "pending", "草稿", ["系统现在算不出最新的总结，无法比较；请过一会儿再核验。"]
    if mark == row["fingerprint"]:
        return "pending", "草稿，与现在的数据一致", ["草稿还没有报送审核，数字以后可能改动。"]
    return "outdated", "草稿，数据此后有变动", ["请向制作单位要最新的一份。"]
