"""Files between their preview and their import.

What a spreadsheet holds is shown before anything is written; meanwhile the file waits here, sealed,
since it names people, and is gone after an hour.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core import database, moments, privacy
from core.permissions import Actor
from core.refusals import Missing
from core.sessions import token_hash

KEPT_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Upload:
    """A waiting file: its name, its bytes, and the parameters of the address it came by."""

    filename: str
    data: bytes
    parameters: Mapping[str, str]


async def keep(
    actor: Actor,
    campaign_id: int,
    purpose: str,
    *,
    filename: str,
    data: bytes,
    parameters: Mapping[str, str],
) -> str:
    """Keep a file for an hour; answers the token by which its sender finds it again."""
    token = secrets.token_urlsafe(24)
    now = moments.now()
    async with database.transaction():
        await database.execute("DELETE FROM upload WHERE created_at < :limit", limit=now - KEPT_FOR)
        await database.execute(
            "INSERT INTO upload (token_hash, actor, campaign, purpose, parameters, filename,"
            " content_sealed, created_at) VALUES (:token_hash, :actor, :campaign, :purpose,"
            " :parameters, :filename, :content_sealed, :now)",
            token_hash=token_hash(token),
            actor=actor.name,
            campaign=campaign_id,
            purpose=purpose,
            parameters=json.dumps(dict(parameters), ensure_ascii=False, sort_keys=True),
            filename=filename,
            content_sealed=privacy.seal(base64.b64encode(data).decode()),
            now=now,
        )
    return token


async def find(actor: Actor, campaign_id: int, purpose: str, token: str) -> Upload:
    """The file that this actor left for this purpose. Raises Missing, after an hour too."""
    row: dict[str, Any] | None = await database.fetch_one(
        "SELECT filename, content_sealed, parameters FROM upload WHERE token_hash = :token_hash"
        " AND actor = :actor AND campaign = :campaign AND purpose = :purpose"
        " AND created_at >= :limit",
        token_hash=token_hash(token),
        actor=actor.name,
        campaign=campaign_id,
        purpose=purpose,
        limit=moments.now() - KEPT_FOR,
    )
    if row is None:
        raise Missing("这个文件已经导入过，或者放了超过一小时，请重新上传")
    data = base64.b64decode(privacy.unseal(row["content_sealed"]))
    return Upload(row["filename"], data, json.loads(row["parameters"]))


async def forget(token: str) -> bool:
    """Drop a file, in the transaction of its import; False when somebody else was faster."""
    gone = await database.fetch_value(
        "DELETE FROM upload WHERE token_hash = :token_hash RETURNING id",
        token_hash=token_hash(token),
    )
    return gone is not None
