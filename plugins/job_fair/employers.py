"""Employers as people write them beside a position: known ones found, others to be entered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from api.kit.records import Work
from api.kit.records.checking import new_key
from api.kit.records.resource import Target
from core import database
from core.privacy import normalised
from core.refusals import Refusal

KEY_PREFIX = "e-"


@dataclass(frozen=True, slots=True)
class Employers:
    """The campaign's employers that some texts name, by key, and those to be entered."""

    known: dict[str, Target]
    new: list[dict[str, str]]

    @property
    def targets(self) -> dict[str, Target]:
        """All of them, as positions point at them; the new ones have no id yet."""
        entering = {
            each["key"]: Target(0, each["key"], each["name"], None, reachable=True)
            for each in self.new
        }
        return {**self.known, **entering}

    def key_of(self, text: str) -> str:
        """The key of the one that this text means. Raises Refusal where several are called so."""
        if text in self.known:
            return text
        plain = normalised(text)
        keys = [key for key, each in self.targets.items() if normalised(each.label) == plain]
        if len(keys) > 1:
            message = f"有{len(keys)}家用人单位叫“{text}”，请填编号"
            raise Refusal.of("unknown_reference", message, "employer")
        return keys[0]


async def match(work: Work, texts: Iterable[str]) -> Employers:
    """Find employers by key or name; white space and full width make no other name.

    One statement.
    """
    keys = list(texts)
    wanted = {normalised(text): text for text in reversed(keys)}
    rows = await database.fetch(
        "SELECT id, key, name FROM job_fair_employer WHERE campaign = :campaign ORDER BY key",
        campaign=work.campaign.id,
    )
    known = {
        row["key"]: Target(row["id"], row["key"], row["name"], None, reachable=True)
        for row in rows
        if row["key"] in keys or normalised(row["name"]) in wanted
    }
    named = {normalised(each.label) for each in known.values()}
    new = [
        {"key": new_key(KEY_PREFIX), "name": text}
        for plain, text in wanted.items()
        if plain not in named and text not in known
    ]
    return Employers(known, new)
