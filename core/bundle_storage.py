"""The envelope's own parts in the database: offices, campaign, metrics, targets, figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core import closures, database, live
from core.moments import LATER
from core.refusals import Fault
from core.shapes import DocumentRefused
from core.synchronise import Synchroniser

LEVEL_ORDER = ("nation", "province", "city", "county", "town", "community")


async def write_organisations(items: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Update the shared tree by key; answers ids.

    An office that is the root of the bundle keeps the parent it has here: a county's bundle does
    not tear the county out of its city. Raises DocumentRefused when the two trees together have a
    cycle.
    """
    offices = Synchroniser(
        "organisation",
        "SELECT id, key, name, level, parent FROM organisation",
        ("key",),
    )
    await closures.hold_tree()
    await offices.load()
    before = {key: dict(row) for key, row in offices.now.items()}
    plain = {(i["key"],): {"key": i["key"], "name": i["name"], "level": i["level"]} for i in items}
    await offices.store(plain)
    ids = {key: number for (key,), number in offices.ids.items()}
    linked = {
        (item["key"],): {**plain[item["key"],], "parent": ids[item["parent"]]}
        for item in items
        if item["parent"] is not None
    }
    await offices.store(linked)
    _refuse_cycles(items, {key: row["parent"] for (key,), row in offices.now.items()}, ids)
    after = {key: dict(row) for key, row in offices.now.items()}
    if {k: r["parent"] for k, r in before.items()} != {k: r["parent"] for k, r in after.items()}:
        await closures.rebuild_organisations()
    return {item["key"]: ids[item["key"]] for item in items}


def _refuse_cycles(
    items: Sequence[Mapping[str, Any]], parents: Mapping[str, int | None], ids: Mapping[str, int]
) -> None:
    names = {number: key for key, number in ids.items()}
    for index, item in enumerate(items):
        seen, current = set[str](), parents[item["key"]]
        while current is not None and names[current] not in seen:
            seen.add(names[current])
            current = parents[names[current]]
        if item["key"] in seen:
            sentence = "与库里已有的机构合在一起，上级关系绕成了一圈"
            raise DocumentRefused(Fault(f"/organisations/{index}/parent", "cycle", sentence))


async def write_campaign(item: Mapping[str, Any], offices: Mapping[str, int], now: datetime) -> int:
    """Insert or update the campaign by key; a new one is open at once. Answers its id."""
    values = {
        "key": item["key"],
        "organisation": offices[item["organisation"]],
        "observance": item["observance"],
        "year": item["year"],
        "title": item["title"] or None,
        "theme": item["theme"],
        "starts_on": item["starts_on"],
        "ends_on": item["ends_on"],
    }
    row = await database.fetch_one("SELECT * FROM campaign WHERE key = :key", key=item["key"])
    if row is None:
        values |= {"state": "open", "changes": 0, "modified_at": now}
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        return int(
            await database.fetch_value(
                f"INSERT INTO campaign ({names}) VALUES ({marks}) RETURNING id", **values
            )
        )
    if any(row[name] != value for name, value in values.items()):
        changes = ", ".join(f"{name} = :{name}" for name in values)
        await database.execute(
            f"UPDATE campaign SET {changes}, modified_at = {LATER} WHERE id = :id",
            **values,
            now=now,
            id=row["id"],
        )
    await database.execute("UPDATE campaign SET changes = changes + 1 WHERE id = :id", id=row["id"])
    await live.changed(row["id"])
    return int(row["id"])


async def write_participants(
    campaign: int, items: Sequence[Mapping[str, Any]], offices: Mapping[str, int]
) -> None:
    """The campaign's own picture of the tree: exactly the offices of the bundle."""
    picture = Synchroniser(
        "campaign_participant",
        "SELECT id, organisation, parent, name, level FROM campaign_participant"
        " WHERE campaign = :campaign",
        ("organisation",),
        leaf=True,
    )
    await picture.load(campaign=campaign)
    rows = {
        (offices[item["key"]],): {
            "campaign": campaign,
            "organisation": offices[item["key"]],
            "parent": None if item["parent"] is None else offices[item["parent"]],
            "name": item["name"],
            "level": item["level"],
        }
        for item in items
    }
    for row in picture.now.values():
        row["campaign"] = campaign
    await picture.prune(rows)
    await picture.store(rows, campaign=campaign)
    if picture.written:
        await closures.rebuild_campaign(campaign)


async def write_figures(
    campaign: int, bundle: Mapping[str, Any], offices: Mapping[str, int]
) -> None:
    """The campaign's metrics, targets and reported figures."""
    metrics = {
        (item["key"],): {
            "campaign": campaign,
            **{m: item.get(m) for m in ("key", "label", "unit", "aggregation")},
            "numerator": item.get("numerator"),
            "denominator": item.get("denominator"),
        }
        for item in bundle["metrics"]
    }
    await _replace(
        "metric",
        "key, label, unit, aggregation, numerator, denominator",
        ("key",),
        campaign,
        metrics,
    )
    targets = {
        (item["metric"], offices[item["organisation"]]): {
            "campaign": campaign,
            "metric": item["metric"],
            "organisation": offices[item["organisation"]],
            "value": item["value"],
        }
        for item in bundle["targets"]
    }
    await _replace(
        "target", "metric, organisation, value", ("metric", "organisation"), campaign, targets
    )
    await _write_reported(campaign, bundle, offices)


async def _write_reported(
    campaign: int, bundle: Mapping[str, Any], offices: Mapping[str, int]
) -> None:
    reported = {
        (item["key"],): {
            "campaign": campaign,
            **item,
            "organisation": offices[item["organisation"]],
        }
        for item in bundle["reported"]
    }
    await _replace(
        "reported_figure",
        "key, metric, organisation, activity, value, basis, approximate, source",
        ("key",),
        campaign,
        reported,
        # One total a metric, office and activity: a total that passes from one key to another would
        # clash with itself half way, so what changes its place is taken out first.
        place=("metric", "organisation", "activity", "basis"),
    )


async def _replace(
    table: str,
    columns: str,
    identity: Sequence[str],
    campaign: int,
    rows: Mapping[tuple[Any, ...], Mapping[str, Any]],
    *,
    place: Sequence[str] = (),
) -> None:
    """Make the table's rows ``rows``; one that changes ``place`` is removed and written anew."""
    stored = Synchroniser(
        table,
        f"SELECT id, campaign, {columns} FROM {table} WHERE campaign = :campaign",
        identity,
        leaf=True,
    )
    await stored.load(campaign=campaign)
    await stored.prune(
        key
        for key, row in rows.items()
        if all(stored.now.get(key, row)[column] == row[column] for column in place)
    )
    await stored.store(rows, campaign=campaign)


async def enable(campaign: int, plugins: Sequence[str]) -> None:
    """Make exactly these plugins the campaign's."""
    rows = {(plugin,): {"campaign": campaign, "plugin": plugin} for plugin in plugins}
    await _replace("campaign_plugin", "plugin", ("plugin",), campaign, rows)


async def read_envelope(key: str) -> dict[str, Any]:
    """The envelope's own parts for export, with ``id`` and ``enabled`` beside them.

    Raises LookupError when there is no such campaign.
    """
    campaign = await database.fetch_one(
        "SELECT c.id, c.key, c.observance, c.year, o.key AS organisation, c.title, c.theme,"
        " c.starts_on, c.ends_on FROM campaign c JOIN organisation o ON o.id = c.organisation"
        " WHERE c.key = :key",
        key=key,
    )
    if campaign is None:
        raise LookupError(key)
    number = campaign.pop("id")
    campaign["starts_on"] = campaign["starts_on"].isoformat()
    campaign["ends_on"] = campaign["ends_on"].isoformat()
    if campaign["title"] is None:
        del campaign["title"]
    enabled = await database.fetch(
        "SELECT plugin FROM campaign_plugin WHERE campaign = :campaign", campaign=number
    )
    return {
        "id": number,
        "enabled": [row["plugin"] for row in enabled],
        "campaign": campaign,
        "organisations": await _read_organisations(number),
        "metrics": await _read_metrics(number),
        "targets": await _read_targets(number),
        "reported": await _read_reported(number),
    }


async def _read_organisations(campaign: int) -> list[dict[str, Any]]:
    rows = await database.fetch(
        "SELECT o.key, p.name, p.level, above.key AS parent FROM campaign_participant p"
        " JOIN organisation o ON o.id = p.organisation"
        " LEFT JOIN organisation above ON above.id = p.parent WHERE p.campaign = :campaign",
        campaign=campaign,
    )
    return sorted(rows, key=lambda row: row["key"])


async def _read_metrics(campaign: int) -> list[dict[str, Any]]:
    rows = await database.fetch(
        "SELECT key, label, unit, aggregation, numerator, denominator FROM metric"
        " WHERE campaign = :campaign",
        campaign=campaign,
    )
    kept = [{name: value for name, value in row.items() if value is not None} for row in rows]
    return sorted(kept, key=lambda row: row["key"])


async def _read_targets(campaign: int) -> list[dict[str, Any]]:
    rows = await database.fetch(
        "SELECT t.metric, o.key AS organisation, t.value FROM target t"
        " JOIN organisation o ON o.id = t.organisation WHERE t.campaign = :campaign",
        campaign=campaign,
    )
    return sorted(rows, key=lambda row: (row["metric"], row["organisation"]))


async def _read_reported(campaign: int) -> list[dict[str, Any]]:
    rows = await database.fetch(
        "SELECT r.key, r.metric, o.key AS organisation, r.activity, r.value, r.basis,"
        " r.approximate, r.source FROM reported_figure r"
        " JOIN organisation o ON o.id = r.organisation WHERE r.campaign = :campaign",
        campaign=campaign,
    )
    return sorted(
        ({**row, "approximate": bool(row["approximate"])} for row in rows),
        key=lambda row: row["key"],
    )
