"""All checks in turn; one campaign at a time, so that memory holds one campaign at most."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from core import campaigns, database
from core.checking import (
    audit_chain,
    engine_state,
    figures,
    indexes,
    recaps,
    sealed_texts,
    trees,
)
from core.checking.audit_chain import Chain
from core.checking.complaints import NONSENSE, Complaint, Report, first_of
from core.process import Process

# What stands in the answer without being wrong.
NOTES = frozenset({"not_checked"})


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check: what is wrong, what could not be looked at, and the log's chain."""

    complaints: list[Complaint]
    notes: list[Complaint]
    campaigns: int
    chain: Chain


async def check(
    process: Process, report: Report, *, campaign: str = "", quick: bool = False, witness: str = ""
) -> Checked:
    """Everything, or what belongs to one campaign (a key). Raises Missing for one that is not.

    ``quick`` leaves out figures, and of files, sealed texts and the log reads a part.
    """
    wanted = await _campaigns(campaign)
    found: list[Complaint] = []
    chain = Chain([])
    if not campaign:
        report("正在核对数据库本身……")
        found += await engine_state.check(quick=quick)
        found += await indexes.check()
        found += await _understood("机构树", partial(_lasting, trees.organisations))
    for position, (number, key) in enumerate(wanted, 1):
        report(f"正在核对活动（{position}/{len(wanted)}）：{key}")
        look = partial(_lasting, partial(trees.campaign, number, key))
        found += await _understood(f"活动 {key} 的机构树", look)
        if not quick:
            found += await figures.check(
                await campaigns.find(key), process.plugins, process.catalogue
            )
    if not campaign:
        report("正在核对总结……")
        found += await _understood("总结", recaps.versions)
        if not quick:
            found += await _understood("总结里的图片", recaps.pictures)
        report("正在核对加密内容……")
        found += await _understood("加密内容", partial(sealed_texts.check, quick=quick))
        report("正在核对操作记录……")
        chain = await audit_chain.check(report, quick=quick, witness=witness)
        found += chain.complaints
    told = list(first_of(found))
    return Checked(
        [complaint for complaint in told if complaint.code not in NOTES],
        [complaint for complaint in told if complaint.code in NOTES],
        len(wanted),
        chain,
    )


async def _understood(what: str, look: Callable[[], Awaitable[list[Complaint]]]) -> list[Complaint]:
    """What is wrong; a value that nobody understands keeps nothing else from being looked at."""
    try:
        return await look()
    except NONSENSE as error:
        message = f"{what}没有核对完：有的内容不是该有的样子（{type(error).__name__}）"
        return [Complaint("not_readable", what, message)]


async def _lasting(look: Callable[[], Awaitable[list[Complaint]]]) -> list[Complaint]:
    """What is wrong at a second look too: a tree may change between two statements of the first."""
    found = await look()
    return [complaint for complaint in await look() if complaint in found] if found else []


async def _campaigns(key: str) -> list[tuple[int, str]]:
    if key:
        found = await campaigns.find(key)
        return [(found.id, found.key)]
    rows = await database.fetch("SELECT id, key FROM campaign ORDER BY key")
    return [(row["id"], row["key"]) for row in rows]
