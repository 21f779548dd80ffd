"""What proof-reading found at one place of a text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from core.numbers import plain
from core.proofread import quantities

FindingKind = Literal[
    "agrees", "differs", "unknown", "ratio", "sum", "product", "wording", "rounding", "duplicate"
]

# What each kind is called, in the order in which they are shown: what is to be mended first.
KINDS: dict[FindingKind, str] = {
    "differs": "与系统数据不一致",
    "ratio": "百分比算得不对",
    "sum": "分项与总数不符",
    "product": "标准乘数量与总额不符",
    "rounding": "没有四舍五入",
    "duplicate": "重复计算",
    "wording": "写法不规范",
    "unknown": "系统里没有对应数据",
    "agrees": "与系统数据一致",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding, explained in Chinese with its arithmetic.

    `quote` is text[offset : offset + len(quote)]. `stated` is the amount as the text writes it,
    `expected` what it should be, with its unit (`1889人`, `180.28%`, `4.5万元`); None where there
    is none. `metric` is the key of the campaign's figure, None within the text itself;
    `organisation` is the office whose figure it is, for pages that lead there.
    """

    quote: str
    offset: int
    finding: FindingKind
    stated: str | None
    expected: str | None
    metric: str | None
    message: str
    organisation: str | None = None

    def as_json(self) -> dict[str, str | int | None]:
        """The finding for programmes: amounts are plain decimals (`45000`, `1889`, `180.28%`).

        Wordings stay as they are.
        """
        members = asdict(self)
        del members["organisation"]
        if self.finding != "wording":
            members["stated"] = _plain(self.stated)
            members["expected"] = _plain(self.expected)
        return members


def _plain(amount: str | None) -> str | None:
    """An amount without its unit, money in 元, a percentage with its mark."""
    found = quantities.find(amount) if amount else []
    if len(found) != 1:
        return amount
    return plain(found[0].value) + ("%" if found[0].kind == "percent" else "")
