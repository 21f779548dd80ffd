"""The photos on which somebody is shown, for whoever asks what is kept about him."""

from __future__ import annotations

from typing import Any

from core import database, privacy
from core.recap.manuscript import consents
from core.recap.manuscript.photo_changes import wipe


async def ask(person: str, *, erase: bool) -> list[dict[str, Any]]:
    """Those whose consent names ``person``, wiped with ``erase``. In the transaction of the asker.

    Consents are sealed, so every one is opened: some seconds for a hundred thousand photos.
    """
    rows = await database.fetch(
        "SELECT c.key AS campaign, o.key AS organisation, p.key, p.caption, p.description,"
        " p.consent, p.image, m.id AS manuscript FROM recap_photo p"
        " JOIN recap_manuscript m ON m.id = p.manuscript JOIN campaign c ON c.id = m.campaign"
        " JOIN organisation o ON o.id = m.organisation ORDER BY p.id"
    )
    wanted = privacy.normalised(person)
    found = []
    for row in rows:
        consent = consents.opened(row.pop("consent"))
        image, manuscript = row.pop("image"), row.pop("manuscript")
        if wanted not in map(privacy.normalised, consent.names):
            continue
        found.append({**row, "kind": "photo", "consent": consent.how})
        if erase:
            await wipe(image)
            await database.execute(
                "UPDATE recap_manuscript SET revision = revision + 1 WHERE id = :id", id=manuscript
            )
    return found
