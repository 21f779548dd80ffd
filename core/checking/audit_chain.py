"""The log against its seals: the first entry that was changed, taken out or slipped in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core import audit_seals, database
from core.checking.complaints import Complaint, Report

TABLE = "audit_entry"
# What a quick check reads again; the chain of seals itself is always read whole.
QUICK_BLOCKS = 5
EMPTIED = "操作记录和它的封条都是空的，活动却在：操作记录被清空了"


@dataclass(frozen=True, slots=True)
class Chain:
    """What came of it: complaints, and how far the log is sealed (``digest`` of the last seal)."""

    complaints: list[Complaint]
    seals: int = 0
    last_entry: int = 0
    digest: str = ""
    unsealed: int = 0


async def check(report: Report, *, quick: bool = False, witness: str = "") -> Chain:
    """Read the chain from its start. It ends at the first thing that is wrong.

    ``witness`` is a digest that somebody noted earlier: it has to be part of the chain, else the
    chain was made anew.
    """
    previous, number, last_entry, seen = audit_seals.START, 0, 0, not witness
    total = int(await database.fetch_value("SELECT COUNT(*) FROM audit_seal") or 0)
    while seal := await _seal(number):
        number += 1
        complaint = _link(seal, number, last_entry, previous)
        if complaint is None and not (quick and number <= total - QUICK_BLOCKS):
            complaint = await _block(seal, last_entry)
        if complaint:
            return Chain([complaint], number - 1, last_entry, previous)
        previous, last_entry = seal["digest"], seal["last_entry"]
        seen = seen or previous == witness
        if number % 100 == 0:
            report(f"正在核对操作记录：{number}/{total}")
    complaints = [] if seen else [_unwitnessed(witness)]
    if number == 0 and await _emptied():
        complaints.append(Complaint("log_emptied", TABLE, EMPTIED))
    if number < total:  # a server may have added some meanwhile
        complaints.append(_broken(number + 1, "不见了"))
    unsealed = await database.fetch_value(
        "SELECT COUNT(*) FROM audit_entry WHERE id > :last", last=last_entry
    )
    return Chain(complaints, number, last_entry, previous if number else "", int(unsealed))


async def _emptied() -> bool:
    """Whether there is no entry although there are campaigns, each of which had one when made."""
    return bool(
        await database.fetch_value(
            "SELECT COUNT(*) FROM campaign WHERE NOT EXISTS (SELECT 1 FROM audit_entry)"
        )
    )


async def _seal(after: int) -> dict[str, Any] | None:
    return await database.fetch_one(
        "SELECT number, first_entry, last_entry, entries, marks, content, digest, stamp"
        " FROM audit_seal WHERE number > :after ORDER BY number LIMIT 1",
        after=after,
    )


def _link(seal: Mapping[str, Any], number: int, last_entry: int, previous: str) -> Complaint | None:
    """Whether the seal follows the one before, says what it said, and is ours."""
    if seal["number"] != number:
        return _broken(number, "不见了")
    if seal["first_entry"] <= last_entry or seal["digest"] != audit_seals.digest_of(seal, previous):
        return _broken(number, "被改动过")
    if seal["stamp"] != audit_seals.stamp_of(seal["digest"]):
        return _broken(number, "不是用这个密钥文件封的")
    return None


def _broken(number: int, words: str) -> Complaint:
    return Complaint("seal_broken", f"audit_seal {number}", f"操作记录的第 {number} 道封条{words}")


def _unwitnessed(witness: str) -> Complaint:
    return Complaint(
        "seal_unknown",
        "audit_seal",
        f"记下的封条 {witness} 不在操作记录的封条里：封条被重做过，或者记下的不是这个数据库的",
    )


async def _block(seal: Mapping[str, Any], after: int) -> Complaint | None:
    """The first entry of the block that is not what was sealed."""
    rows = await database.fetch(
        f"SELECT {audit_seals.COLUMNS} FROM audit_entry WHERE id > :after AND id <= :last"
        " ORDER BY id",
        after=after,
        last=seal["last_entry"],
    )
    marks, content = audit_seals.marks_of(rows)
    if content == seal["content"]:
        return None
    sealed, found = _by_number(seal["marks"]), _by_number(marks)
    for number in sorted(sealed.keys() | found.keys()):
        if number not in found:
            return _touched(number, "被删除了")
        if number not in sealed:
            return _touched(number, "是后来插入的")
        if sealed[number] != found[number]:
            return _touched(number, "被改动过")
    return _broken(seal["number"], "与所封的记录不符")


def _by_number(marks: str) -> dict[int, str]:
    pairs = (line.split(" ") for line in marks.splitlines())
    return {int(number): digits for number, digits in pairs}


def _touched(number: int, words: str) -> Complaint:
    return Complaint("log_touched", f"{TABLE} {number}", f"操作记录第 {number} 条{words}")
