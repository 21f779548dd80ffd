"""Templates that offices put in the place of the delivered ones: writing and removing them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from core import audit, database, refusals
from core.metrics import Metric
from core.moments import now
from core.permissions import Actor, may
from core.plugins import Plugins
from core.recap.templating.faults import check, refused
from core.recap.templating.language import Fault
from core.recap.templating.parts import RecapTemplate, vocabulary
from core.recap.templating.texts import offered
from core.shapes import UNPRINTABLE

CHANGE = "recap.template"
THING = "recap_template"


def find(part: str, plugins: Plugins) -> RecapTemplate:
    """The delivered template of a part. Raises Missing."""
    found = offered(plugins).get(part)
    if found is None:
        raise refusals.Missing(f"总结里没有“{part}”这一部分的模板")
    return found


def cleaned(text: str) -> str:
    """The text with lines as they are kept: no signs that nobody sees, nothing after the end."""
    lines = [
        "".join(sign for sign in line if unicodedata.category(sign) not in {"Cc", "Cs"})
        for line in text.replace("\t", " ").splitlines()
    ]
    lines = [UNPRINTABLE.sub("", line) for line in lines]
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def faults(text: str, template: RecapTemplate, known: Mapping[str, Metric]) -> list[Fault]:
    """What is wrong with a text in the place of a template, warnings too."""
    if not text.strip():
        return [Fault(1, 1, "missing", "请填写模板，或者恢复默认")]
    return check(text, vocabulary(known, template))


async def save(  # noqa: PLR0917 — who, where, which part, what, and what it may name
    actor: Actor,
    organisation: int,
    part: str,
    text: str,
    known: Mapping[str, Metric],
    plugins: Plugins,
) -> None:
    """Let a part be worded so at an office and those below it that have no wording of their own.

    ``organisation`` is an id, ``known`` the metrics that may be named. Raises Missing for a part or
    an office out of reach, Refusal with every fault of the text.
    """
    template, text = find(part, plugins), cleaned(text)
    wrong = refused(faults(text, template, known))
    stored = vocabulary(known, template).stored(text)
    async with database.transaction():
        await _require(actor, organisation)
        if wrong:
            raise refusals.Refusal(
                *(refusals.Fault("/text", each.code, each.sentence) for each in wrong)
            )
        before = await _stored(organisation, part)
        await database.execute(
            "INSERT INTO recap_template (organisation, part, text, changed_by, changed_at)"
            " VALUES (:organisation, :part, :text, :who, :now)"
            " ON CONFLICT (organisation, part) DO UPDATE SET text = excluded.text,"
            " changed_by = excluded.changed_by, changed_at = excluded.changed_at",
            organisation=organisation,
            part=part,
            text=stored,
            who=actor.display_name,
            now=now(),
        )
        await audit.record(
            actor,
            "recap_template.changed",
            THING,
            part,
            organisation=organisation,
            before=None if before is None else {"text": before},
            after={"text": stored},
        )


async def remove(actor: Actor, organisation: int, part: str, plugins: Plugins) -> bool:
    """Take an office's own template away, so that the next one above applies again.

    False where it has none. Raises Missing for a part or an office out of reach.
    """
    find(part, plugins)
    async with database.transaction():
        await _require(actor, organisation)
        before = await _stored(organisation, part)
        if before is None:
            return False
        await database.execute(
            "DELETE FROM recap_template WHERE organisation = :organisation AND part = :part",
            organisation=organisation,
            part=part,
        )
        await audit.record(
            actor,
            "recap_template.removed",
            THING,
            part,
            organisation=organisation,
            before={"text": before},
        )
    return True


async def _require(actor: Actor, organisation: int) -> None:
    if not await may(actor, CHANGE, organisation):
        raise refusals.Missing("没有这个机构，或者它不在您的范围之内")


async def _stored(organisation: int, part: str) -> str | None:
    found: str | None = await database.fetch_value(
        "SELECT text FROM recap_template WHERE organisation = :organisation AND part = :part",
        organisation=organisation,
        part=part,
    )
    return found
