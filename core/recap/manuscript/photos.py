"""Photos in a recap: with a caption, words for those who do not see them, and consent.

A photo is known by the SHA-256 of its picture, which is also its key. One that was taken out while
a version that was handed in shows it stays as a row without a place (``TAKEN_OUT``), so that its
consent is at hand and can still be taken back. To take consent back is to wipe the picture,
wherever it is shown: its SHA-256 remains, and documents say in its place that it was withdrawn.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import database, privacy
from core.recap.manuscript import consents
from core.recap.manuscript.consents import Consent
from core.recap.manuscript.manuscripts import Desk
from core.recap.model import Document, Photo, Section
from core.refusals import Missing

TAKEN_OUT = -1


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a photo: a caption below it, and a description read to who does not see."""

    caption: str
    description: str


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """A photo of a manuscript. ``position`` counts from 0; ``is_there`` tells of its picture."""

    id: int
    key: str
    position: int
    image: int
    sha256: str
    media_type: str
    width: int
    height: int
    is_there: bool
    words: Words
    consent: Consent
    added_at: datetime

    @property
    def is_taken_out(self) -> bool:
        """Whether only versions that were handed in show it."""
        return self.position < 0


SELECT = (
    "SELECT p.id, p.key, p.position, p.image, i.sha256, i.media_type, i.width, i.height,"
    " i.content_sealed IS NOT NULL AS is_there, p.caption, p.description, p.consent, p.added_at"
    " FROM recap_photo p JOIN recap_manuscript m ON m.id = p.manuscript"
    " JOIN recap_image i ON i.id = p.image"
    " WHERE m.campaign = :campaign AND m.organisation = :organisation"
)


def _read(row: Mapping[str, Any]) -> StoredPhoto:
    values = dict(row)
    words = Words(values.pop("caption"), values.pop("description"))
    consent = consents.opened(values.pop("consent"))
    there = bool(values.pop("is_there"))
    return StoredPhoto(**values, is_there=there, words=words, consent=consent)


async def listed(campaign_id: int, organisation_id: int) -> list[StoredPhoto]:
    """An office's photos in their order, those taken out last. One statement."""
    rows = await database.fetch(
        f"{SELECT} ORDER BY p.position, p.id", campaign=campaign_id, organisation=organisation_id
    )
    return sorted(map(_read, rows), key=lambda photo: photo.is_taken_out)


async def find(where: Desk, key: str) -> StoredPhoto:
    """The photo of that key. Raises Missing."""
    row = await database.fetch_one(
        f"{SELECT} AND p.key = :key",
        campaign=where.scope.campaign_id,
        organisation=where.scope.organisation_id,
        key=key,
    )
    if row is None:
        raise Missing("没有这张照片")
    return _read(row)


async def content(where: Desk, key: str) -> bytes:
    """The bytes of a photo's picture. Raises Missing, also for one that was withdrawn."""
    sealed = await database.fetch_value(
        "SELECT i.content_sealed FROM recap_photo p JOIN recap_manuscript m ON m.id = p.manuscript"
        " JOIN recap_image i ON i.id = p.image"
        " WHERE m.campaign = :campaign AND m.organisation = :organisation AND p.key = :key",
        campaign=where.scope.campaign_id,
        organisation=where.scope.organisation_id,
        key=key,
    )
    if sealed is None:
        raise Missing("没有这张照片，或者它已经撤下")
    return _opened(sealed)


async def pictures(document: Document) -> dict[str, bytes]:
    """The bytes of every photo of a document, by SHA-256; a withdrawn one is missing."""
    wanted = {photo.sha256 for photo in _shown(document.sections)}
    if not wanted:
        return {}
    rows = await database.fetch(
        "SELECT sha256, content_sealed FROM recap_image"
        " WHERE sha256 IN (:wanted) AND content_sealed IS NOT NULL",
        wanted=sorted(wanted),
    )
    return {row["sha256"]: _opened(row["content_sealed"]) for row in rows}


async def there(document: Document) -> frozenset[str]:
    """SHA-256 of those photos of a document whose picture was not withdrawn. One statement."""
    wanted = {photo.sha256 for photo in _shown(document.sections)}
    if not wanted:
        return frozenset()
    rows = await database.fetch(
        "SELECT sha256 FROM recap_image WHERE sha256 IN (:wanted) AND content_sealed IS NOT NULL",
        wanted=sorted(wanted),
    )
    return frozenset(row["sha256"] for row in rows)


def _opened(sealed: str) -> bytes:
    return base64.b64decode(privacy.unseal(sealed))


def _shown(sections: Iterable[Section]) -> Iterable[Photo]:
    for section in sections:
        yield from (block for block in section.blocks if isinstance(block, Photo))
        yield from _shown(section.sections)
