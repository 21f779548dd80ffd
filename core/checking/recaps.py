"""Recaps that were handed in, and pictures, against the hashes that were taken of them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json

from core import database, privacy
from core.checking.complaints import Complaint
from core.documents import canonical

BATCH = 50


async def versions() -> list[Complaint]:
    """Every version of a recap: its bytes are those of its SHA-256, and canonical JSON."""
    complaints: list[Complaint] = []
    after = 0
    while rows := await database.fetch(
        "SELECT v.id, c.key AS campaign, o.key AS organisation, v.number, v.content, v.sha256"
        " FROM recap_version v JOIN campaign c ON c.id = v.campaign"
        " JOIN organisation o ON o.id = v.organisation"
        " WHERE v.id > :after ORDER BY v.id LIMIT :batch",
        after=after,
        batch=BATCH,
    ):
        after = rows[-1]["id"]
        for row in rows:
            if words := _fault(row["content"], row["sha256"]):
                which = f"活动 {row['campaign']} 机构 {row['organisation']} 第 {row['number']} 版"
                place = f"recap_version {row['id']}"
                complaints.append(Complaint("recap_changed", place, f"{which}总结{words}"))
    return complaints


def _fault(content: str, digest: str) -> str:
    if hashlib.sha256(content.encode()).hexdigest() != digest:
        return "的内容与报送时的校验值不符，已被改动"
    try:
        same = canonical(json.loads(content)) == content
    except ValueError:
        same = False
    return "" if same else "不是规范格式"


async def pictures() -> list[Complaint]:
    """Every picture that is kept: its bytes are those of its name."""
    complaints: list[Complaint] = []
    after = 0
    while rows := await database.fetch(
        "SELECT id, sha256, content_sealed FROM recap_image"
        " WHERE id > :after AND content_sealed IS NOT NULL ORDER BY id LIMIT :batch",
        after=after,
        batch=BATCH,
    ):
        after = rows[-1]["id"]
        complaints += [
            Complaint(
                "picture_changed",
                f"recap_image {row['id']}",
                f"recap_image 第 {row['id']} 行的图片与它的校验值不符",
            )
            for row in rows
            if not _is_whole(row["content_sealed"], row["sha256"])
        ]
    return complaints


def _is_whole(sealed: str, digest: str) -> bool:
    try:
        content = base64.b64decode(privacy.unseal(sealed), validate=True)
    except (privacy.UnsealError, binascii.Error):
        return True  # that it cannot be opened is told where sealed texts are checked
    return hashlib.sha256(content).hexdigest() == digest
