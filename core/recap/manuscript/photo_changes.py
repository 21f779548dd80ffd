"""What may be done to the photos of a recap, each act with its line in the log.

Every function raises Missing for a photo that is not there or an office where the actor may not
write, and Conflict for a campaign that is put away.
"""

from __future__ import annotations

import base64

from core import database, moments, privacy
from core.permissions import Actor
from core.recap.manuscript import consents, manuscripts
from core.recap.manuscript.consents import WITHDRAWN, Consent
from core.recap.manuscript.manuscripts import Desk
from core.recap.manuscript.photos import TAKEN_OUT, StoredPhoto, Words, find, listed
from core.recap.manuscript.pictures import Picture
from core.refusals import Conflict, Fault, Missing, Refusal
from core.shapes import UNPRINTABLE

MOST = 30
LONGEST_CAPTION, LONGEST_DESCRIPTION = 60, 300


async def add(actor: Actor, where: Desk, picture: Picture, words: Words, consent: Consent) -> str:
    """Put a photo at the end; gives its key.

    Raises Refusal with every fault, Conflict for one that is there already or one too many.
    """
    if found := _found(words, consent):
        raise Refusal(*found)
    async with database.transaction():
        manuscript, revision = await manuscripts.bump(actor, where, None)
        shown = [photo for photo in await _all(where) if not photo.is_taken_out]
        if picture.sha256 in {photo.key for photo in shown}:
            raise Conflict.of("duplicate", "这张照片已经在里面了", "file")
        if len(shown) >= MOST:
            raise Conflict.of("too_many", f"一份总结最多放 {MOST} 张照片", "file")
        image = await _keep(picture)
        await database.execute(
            "INSERT INTO recap_photo (manuscript, key, position, image, caption, description,"
            " consent, added_by, added_at) VALUES (:manuscript, :key, :position, :image, :caption,"
            " :description, :consent, :by, :now) ON CONFLICT (manuscript, key) DO UPDATE SET"
            " position = :position, caption = :caption, description = :description,"
            " consent = :consent, added_by = :by, added_at = :now",
            manuscript=manuscript,
            key=picture.sha256,
            position=max((photo.position for photo in shown), default=-1) + 1,
            image=image,
            caption=words.caption,
            description=words.description,
            consent=consents.sealed(consent),
            by=actor.name,
            now=moments.now(),
        )
        said = {"key": picture.sha256, "caption": words.caption, "people": len(consent.names)}
        await manuscripts.record(actor, where, "recap.photo_added", revision, said)
    return picture.sha256


async def change(
    actor: Actor, where: Desk, key: str, words: Words, consent: Consent | None = None
) -> None:
    """Say something else of a photo; ``consent`` None leaves what was stated."""
    if found := _found(words, consent or Consent()):
        raise Refusal(*found)
    async with database.transaction():
        _, revision = await manuscripts.bump(actor, where, None)
        photo = await find(where, key)
        kept = photo.consent if consent is None else consent
        await database.execute(
            "UPDATE recap_photo SET caption = :caption, description = :description,"
            " consent = :consent WHERE id = :id",
            caption=words.caption,
            description=words.description,
            consent=consents.sealed(kept),
            id=photo.id,
        )
        said = {"key": key, "caption": words.caption, "people": len(kept.names)}
        await manuscripts.record(actor, where, "recap.photo_changed", revision, said)


async def move(actor: Actor, where: Desk, key: str, place: int) -> None:
    """Put a photo at another place, counted from 0; beyond the ends it is first or last."""
    async with database.transaction():
        _, revision = await manuscripts.bump(actor, where, None)
        shown = [photo for photo in await _all(where) if not photo.is_taken_out]
        moving = next((photo for photo in shown if photo.key == key), None)
        if moving is None:
            raise Missing("没有这张照片")
        shown.remove(moving)
        shown.insert(max(place, 0), moving)
        await database.execute_many(
            "UPDATE recap_photo SET position = :position WHERE id = :id",
            [{"position": position, "id": photo.id} for position, photo in enumerate(shown)],
        )
        said = {"key": key, "position": shown.index(moving)}
        await manuscripts.record(actor, where, "recap.photo_moved", revision, said)


async def remove(actor: Actor, where: Desk, key: str) -> None:
    """Take a photo out; one that no version shows is gone with its picture."""
    async with database.transaction():
        _, revision = await manuscripts.bump(actor, where, None)
        photo = await find(where, key)
        kept = await _drop(where, photo)
        said = {"key": key, "caption": photo.words.caption, "versions": kept}
        await manuscripts.record(actor, where, "recap.photo_removed", revision, said)


async def withdraw(actor: Actor, where: Desk, key: str) -> None:
    """Wipe a photo's picture for good, also from versions that were handed in."""
    async with database.transaction():
        _, revision = await manuscripts.bump(actor, where, None)
        photo = await find(where, key)
        await wipe(photo.image)
        kept = await _drop(where, photo)
        said = {"key": key, "caption": photo.words.caption, "versions": kept}
        await manuscripts.record(actor, where, "recap.photo_withdrawn", revision, said)


async def wipe(image: int) -> None:
    """Forget a picture's bytes and who was named for it, in the transaction of the withdrawal."""
    await database.execute("UPDATE recap_image SET content_sealed = NULL WHERE id = :id", id=image)
    await database.execute(
        "UPDATE recap_photo SET consent = :consent WHERE image = :image",
        consent=consents.sealed(WITHDRAWN),
        image=image,
    )


async def _keep(picture: Picture) -> int:
    """The id of a picture's row. Raises Conflict for one that was wiped and is shown somewhere."""
    await database.execute(
        "INSERT INTO recap_image (sha256, media_type, width, height, content_sealed, created_at)"
        " VALUES (:sha256, :media_type, :width, :height, :content, :now)"
        " ON CONFLICT (sha256) DO UPDATE SET width = recap_image.width",
        sha256=picture.sha256,
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        content=privacy.seal(base64.b64encode(picture.data).decode()),
        now=moments.now(),
    )
    image = await database.fetch_value(
        "SELECT id FROM recap_image WHERE sha256 = :sha256 AND content_sealed IS NOT NULL",
        sha256=picture.sha256,
    )
    if image is None:
        # To keep it would show it again in whatever was handed in with it.
        raise Conflict.of("withdrawn", "这张照片上的人撤回过同意，不能再用，请换一张", "file")
    return int(image)


async def _all(where: Desk) -> list[StoredPhoto]:
    return await listed(where.scope.campaign_id, where.scope.organisation_id)


async def _drop(where: Desk, photo: StoredPhoto) -> bool:
    """Take the photo's row out, with a picture that nothing shows; whether a version needs it."""
    shown = await database.fetch_value(
        "SELECT 1 FROM recap_version WHERE campaign = :campaign AND organisation = :organisation"
        " AND content LIKE :named LIMIT 1",
        campaign=where.scope.campaign_id,
        organisation=where.scope.organisation_id,
        named=f"%{photo.sha256}%",
    )
    if shown is not None:
        await database.execute(
            "UPDATE recap_photo SET position = :place WHERE id = :id", place=TAKEN_OUT, id=photo.id
        )
        return True
    await database.execute("DELETE FROM recap_photo WHERE id = :id", id=photo.id)
    # Whoever puts the same picture elsewhere waits for this row, or is waited for.
    await database.execute("UPDATE recap_image SET width = width WHERE id = :id", id=photo.image)
    await database.execute(
        "DELETE FROM recap_image WHERE id = :id"
        " AND NOT EXISTS (SELECT 1 FROM recap_photo WHERE image = :id)",
        id=photo.image,
    )
    return False


def _found(words: Words, consent: Consent) -> list[Fault]:
    limits = {
        "caption": (words.caption, LONGEST_CAPTION, "请写照片的说明"),
        "description": (words.description, LONGEST_DESCRIPTION, "请写照片上有什么"),
    }
    found = []
    for member, (text, longest, missing) in limits.items():
        if not text.strip():
            found.append(Fault(f"/{member}", "missing", missing))
        elif len(text) > longest:
            message = f"最多 {longest} 个字，现在有 {len(text)} 个"
            found.append(Fault(f"/{member}", "too_long", message))
        elif UNPRINTABLE.search(text):
            found.append(Fault(f"/{member}", "value", "文字里有不能显示的控制字符"))
    return [*found, *consents.faults(consent)]
