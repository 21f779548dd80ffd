"""Recaps that were handed in: each version as it was, what became of it, and which one counts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from core import database
from core.recap.life import codes, snapshot
from core.recap.model import Document, Verification
from core.refusals import Conflict, Missing

STATES: dict[str, str] = {
    "submitted": "已报送",
    "accepted": "已接受",
    "returned": "已退回",
    "frozen": "已定稿",
}
# An office without any version.
NOT_YET = "未报送"
# As a printed version says it of itself.
_PRINTED = {"submitted": "已报送", "accepted": "已接受", "returned": "已退回", "frozen": "定稿"}
LARGEST = 2**31 - 1
OPEN = frozenset({"submitted", "accepted"})
SETTLED = frozenset({"accepted", "frozen"})
_COLUMNS = (
    "v.id, v.campaign, v.organisation, v.number, v.state, v.code, v.sha256, v.fingerprint,"
    " v.campaign_changes, v.unaccepted, v.submitted_by, v.submitted_at, v.decided_by,"
    " v.decided_at, v.reason, v.frozen_by, v.frozen_at, r.number AS replaces,"
    " r.state AS replaced_state, COALESCE(s.display_name, v.submitted_by) AS submitted_name,"
    " COALESCE(d.display_name, v.decided_by, '') AS decided_name,"
    " COALESCE(f.display_name, v.frozen_by, '') AS frozen_name"
)
_FROM = (
    "FROM recap_version v LEFT JOIN recap_version r ON r.id = v.replaces"
    " LEFT JOIN account s ON s.name = v.submitted_by LEFT JOIN account d ON d.name = v.decided_by"
    " LEFT JOIN account f ON f.name = v.frozen_by"
)
_OF = "WHERE v.campaign = :campaign AND v.organisation = :organisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What became of a version, without what it says. ``replaces`` is the number of another.

    ``campaign`` and ``organisation`` are ids; ``code`` is without dashes. ``…_by`` are accounts,
    ``…_name`` what people call them.
    """

    id: int
    campaign: int
    organisation: int
    number: int
    state: str
    code: str
    sha256: str
    fingerprint: str
    campaign_changes: int
    unaccepted: str
    submitted_by: str
    submitted_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    frozen_by: str | None
    frozen_at: datetime | None
    replaces: int | None
    replaced_state: str | None
    submitted_name: str
    decided_name: str
    frozen_name: str

    @property
    def label(self) -> str:
        """The state in Chinese."""
        return STATES[self.state]

    @property
    def corrects(self) -> int | None:
        """The number of the final version that this one corrects, if it does."""
        return self.replaces if self.replaced_state == "frozen" else None

    @property
    def status(self) -> str:
        """How a print of it calls itself: ``第2版（定稿），更正第1版``."""
        corrected = f"，更正第{self.corrects}版" if self.corrects else ""
        return f"第{self.number}版（{_PRINTED[self.state]}）{corrected}"

    def verification(self, base_url: str = "") -> Verification:
        """What a print of it carries; ``base_url`` is where this installation is reached."""
        return Verification(
            codes.grouped(self.code), verification_address(self.code, base_url), self.status
        )


def verification_address(code: str, base_url: str) -> str:
    """The page that checks a code; empty where the installation has no public address."""
    return f"{base_url.rstrip('/')}/verify/{codes.grouped(code)}" if base_url else ""


@dataclass(frozen=True, kw_only=True)
class Version(Standing):
    """A version with the very text that was stored when it was handed in."""

    content: str = field(repr=False)

    @property
    def is_whole(self) -> bool:
        """Whether the stored text is the one that was handed in, byte by byte."""
        return hashlib.sha256(self.content.encode()).hexdigest() == self.sha256

    @cached_property
    def _told(self) -> dict[str, Any]:
        if not self.is_whole:
            raise Conflict.of(
                "tampered", f"第{self.number}版的存档内容与报送时的校验值不一致，不能使用"
            )
        told: dict[str, Any] = json.loads(self.content)
        return told

    def document(self, base_url: str = "") -> Document:
        """The recap as it was handed in, saying which version it is.

        Raises Conflict (``tampered``) when the stored text is no longer the one handed in.
        """
        document = snapshot.from_json(self._told["document"])
        named = (f"（第{self.number}版，更正第{self.corrects}版）",) if self.corrects else ()
        return replace(
            document,
            subtitles=(*document.subtitles, *named),
            verification=self.verification(base_url),
        )

    def recap(self) -> dict[str, Any]:
        """The figures as JSON, as they were handed in. Raises Conflict as ``document`` does."""
        recap: dict[str, Any] = self._told["recap"]
        return recap

    @property
    def correction(self) -> str:
        """Why it was handed in anew after a final version. Raises Conflict as ``document``."""
        return str(self._told["correction"])


async def listed(campaign_id: int, organisation_id: int) -> list[Standing]:
    """All versions of an office's recap, the newest first. One statement."""
    rows = await database.fetch(
        f"SELECT {_COLUMNS} {_FROM} {_OF} ORDER BY v.number DESC",
        campaign=campaign_id,
        organisation=organisation_id,
    )
    return [Standing(**row) for row in rows]


async def find(campaign_id: int, organisation_id: int, number: int) -> Version:
    """One version with its content. Raises Missing."""
    row = await database.fetch_one(
        f"SELECT {_COLUMNS}, v.content {_FROM} {_OF} AND v.number = :number",
        campaign=campaign_id,
        organisation=organisation_id,
        number=min(number, LARGEST),
    )
    if row is None:
        raise Missing(f"这个单位的总结没有第{number}版")
    return Version(**row)


def newest(standings: list[Standing]) -> Standing | None:
    """The newest of an office's versions, whatever became of it."""
    return standings[0] if standings else None


def valid(standings: list[Standing]) -> Standing | None:
    """The final version that counts: the newest one that is frozen."""
    return next((each for each in standings if each.state == "frozen"), None)
