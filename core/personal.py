"""What is kept about a person, given out or erased: by every plugin, and on photos of recaps.

个人信息保护法 45、47 条.
"""

from __future__ import annotations

from typing import Any

from core import audit, database, privacy
from core.permissions import Actor
from core.plugins import Plugins
from core.recap.manuscript import photo_people
from core.refusals import Conflict

EXPORT, ERASE = "export", "erase"


async def ask(
    actor: Actor, plugins: Plugins, person: str, action: str
) -> dict[str, list[dict[str, Any]]]:
    """What each plugin, and the recap, keeps or has erased of ``person``; audited without the name.

    All or nothing: raises Conflict, with nothing changed, when a plugin cannot answer.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    async with database.transaction():
        for outcome in await plugins.ask(
            "personal_data", plugins.keys, person=person, action=action
        ):
            if outcome.failed:
                raise Conflict.of("plugin_failed", f"“{outcome.title}”没有办成，什么都没有改动")
            if outcome.value:
                found[outcome.plugin] = outcome.value
        if photos := await photo_people.ask(person, erase=action == ERASE):
            found["recap"] = photos
        await audit.record(
            actor,
            f"personal.{action}",
            "person",
            privacy.index(person, "name"),
            after={plugin: len(records) for plugin, records in found.items()},
        )
    return found
