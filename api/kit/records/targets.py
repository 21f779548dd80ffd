"""What fields may point at: offices, activities and other records, found by key or by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from api.kit.records.fields import Field
from api.kit.records.resource import Batch, Entry, Resource, Target, Work, reference_of
from core import database, privacy
from core.permissions import scope_sql
from core.privacy import normalised

# Beyond this many, all are read: a statement has room for 32,000 parameters at most.
MANY = 2_000
OUT_OF_REACH = "，或者它不在您的范围之内"


async def find_targets(
    work: Work,
    resource: Resource,
    field: Field,
    texts: Iterable[str] | None,
    most: int | None = None,
) -> list[Target]:
    """Targets whose key or name is among ``texts``; all of them for None. One statement.

    With ``most``, so many reachable ones and no more.
    """
    wanted = None if texts is None else sorted(set(texts))
    if wanted is not None and len(wanted) > MANY:
        wanted = None
    find = _offices if field.kind == "organisation" else _references
    return await find(work, resource, field, wanted, most)


async def _offices(
    work: Work, resource: Resource, _: Field, wanted: list[str] | None, most: int | None
) -> list[Target]:
    """Offices that take part in the campaign."""
    scope, values = scope_sql(work.actor, resource.edit)
    narrowed = "" if wanted is None else " AND (o.key IN (:wanted) OR p.name IN (:wanted_names))"
    if wanted is not None:
        values = {**values, "wanted": wanted, "wanted_names": wanted}
    ending = ""
    if most is not None:
        narrowed += f" AND o.id IN ({scope})"
        ending, values = " LIMIT :most", {**values, "most": most}
    rows = await database.fetch(
        "SELECT o.id, o.key, p.name AS label, o.id AS office,"
        f" CASE WHEN o.id IN ({scope}) THEN 1 ELSE 0 END AS reachable"
        " FROM campaign_participant p JOIN organisation o ON o.id = p.organisation"
        f" WHERE p.campaign = :campaign{narrowed} ORDER BY o.key{ending}",
        campaign=work.campaign.id,
        **values,
    )
    return [Target(**{**row, "reachable": bool(row["reachable"])}) for row in rows]


async def _references(
    work: Work, resource: Resource, field: Field, wanted: list[str] | None, most: int | None
) -> list[Target]:
    """Rows of the table that the field points at, in this campaign."""
    target = reference_of(field)
    office = target.office.format(x="x")
    permission = resource.edit if field.name == resource.owner else resource.view
    scope, values = scope_sql(work.actor, permission)
    everywhere = target.anywhere or not office
    if everywhere:
        values = {}
    label = f"{{x}}.{target.label}_sealed" if target.sealed else target.label
    narrowed = ""
    if wanted is not None:
        match = f"x.{target.label}_index" if target.sealed else target.label.format(x="x")
        narrowed = f" AND (x.key IN (:wanted) OR {match} IN (:names))"
        names = [privacy.index(text, "name") for text in wanted] if target.sealed else wanted
        values = {**values, "wanted": wanted, "names": names}
    ending = ""
    if most is not None:
        narrowed += "" if everywhere else f" AND {office} IN ({scope})"
        ending, values = " LIMIT :most", {**values, "most": most}
    reachable = "1" if everywhere else f"CASE WHEN {office} IN ({scope}) THEN 1 ELSE 0 END"
    rows = await database.fetch(
        f"SELECT x.id, x.key, {label.format(x='x')} AS label, {office or 'NULL'} AS office,"
        f" {reachable} AS reachable FROM {target.table} x"
        f" WHERE x.campaign = :campaign{narrowed} ORDER BY x.key{ending}",
        campaign=work.campaign.id,
        **values,
    )
    return [_target(row, sealed=target.sealed) for row in rows]


def _target(row: dict[str, Any], *, sealed: bool) -> Target:
    label = privacy.unseal(row["label"]) if sealed else str(row["label"])
    return Target(row["id"], row["key"], label, row["office"], bool(row["reachable"]))


async def load(batch: Batch, *, by_label: bool, known: Mapping[str, Mapping[str, Target]]) -> None:
    """Find what the entries point at; with ``by_label`` names become keys in ``entry.given``.

    ``known`` are targets that are not in the database yet. One statement for each pointing field
    that is used.
    """
    for field in batch.resource.fields:
        if not field.points or field.derived:
            continue
        texts = [entry.given[field.name] for entry in batch.entries if _names(entry, field)]
        # The only office somebody works for need not be entered.
        fallback = by_label and field.name == batch.resource.owner and _any_blank(batch, field)
        if not texts and not fallback:
            continue
        found = await find_targets(batch.work, batch.resource, field, None if fallback else texts)
        stored = {target.key: target for target in found}
        batch.targets[field.name] = {**known.get(field.name, {}), **stored}
        found = list(batch.targets[field.name].values())
        if by_label:
            _resolve(batch, field, found)


def _names(entry: Entry, field: Field) -> bool:
    return isinstance(entry.given.get(field.name), str)


def _any_blank(batch: Batch, field: Field) -> bool:
    return field.kind == "organisation" and any(not _names(e, field) for e in batch.entries)


def _resolve(batch: Batch, field: Field, found: list[Target]) -> None:
    """Put keys in place of names; a name of none or of several is a fault of its entry."""
    by_key = {target.key for target in found}
    by_name: dict[str, list[Target]] = {}
    for target in found:
        by_name.setdefault(normalised(target.label), []).append(target)
    only = [target for target in found if target.reachable]
    for index, entry in enumerate(batch.entries):
        if not _names(entry, field):
            if field.name == batch.resource.owner and len(only) == 1 and only[0].key in by_key:
                entry.given.setdefault(field.name, only[0].key)
            continue
        text = entry.given[field.name]
        if text in by_key:
            continue
        named = by_name.get(normalised(text), [])
        within = [target for target in named if target.reachable] or named
        if len(within) == 1:
            entry.given[field.name] = within[0].key
            continue
        what = what_of(field)
        sentence = (
            f"有 {len(within)} 个{what}叫“{text}”，请改填编号"
            if within
            else f"没有叫“{text}”的{what}{OUT_OF_REACH}"
        )
        batch.fail(index, field.name, "unknown_reference", sentence)
        del entry.given[field.name]


def check(batch: Batch) -> None:
    """Report what points nowhere, or where the actor may not point; set each entry's office."""
    for field in batch.resource.fields:
        if not field.points or field.derived:
            continue
        targets = batch.targets.get(field.name, {})
        for index, entry in enumerate(batch.entries):
            key = entry.item.get(field.name)
            if key is None:
                continue
            target = targets.get(key)
            kept = entry.stored is not None and entry.stored.get(field.name) == key
            if target is None or not (target.reachable or kept):
                sentence = f"没有编号为“{key}”的{what_of(field)}{OUT_OF_REACH}"
                batch.fail(index, field.name, "unknown_reference", sentence)
            elif field.name == batch.resource.owner:
                entry.office = target.office


def what_of(field: Field) -> str:
    """What the field points at, in a word."""
    return field.reference.what if field.reference else "机构"


async def options(
    work: Work, resource: Resource, field: Field, most: int | None = None
) -> list[dict[str, str]]:
    """What a form offers to choose from: reachable targets, as ``select_field`` takes them.

    With ``most``, so many of them and no more.
    """
    found = await find_targets(work, resource, field, None, most)
    return [
        {"value": target.key, "label": target.label or target.key}
        for target in found
        if target.reachable
    ]
