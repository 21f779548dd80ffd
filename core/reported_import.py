"""Many reported figures at once, from a spreadsheet: all or none, every fault named by its cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core import audit, campaign_states, campaigns, database, reported_keys
from core.campaigns import Campaign
from core.metrics import Metric
from core.numbers import plain
from core.permissions import Actor, scope_sql
from core.refusals import Fault, Refusal
from core.reported_figures import BASIS_LABELS, REPORT, Statement
from core.spreadsheets import CellError, Column, Row, Sheet

MOST = 2_000
NOTES = (
    "一行填报一项数据。数值按指标后面括号里的单位填，金额填元。",
    "合计：这个单位和它下面的全部，已经登记的明细也算在内；另加：在明细之外再加上的。",
    "内容完全一样的，已经填报过就会跳过，不会重复。",
)
Place = tuple[str, int, str | None]
"""Metric, office (id) and activity: where there is one total at most."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What rows may refer to: metrics by key, offices by key (id and name), activities by title."""

    metrics: Mapping[str, Metric]
    offices: Mapping[str, tuple[int, str]]
    activities: Mapping[str, str]

    def columns(self) -> list[Column]:
        """The columns of the file, with the metrics to choose from."""
        labels = Counter(metric.headed for metric in self.metrics.values())
        choices = {
            metric.headed if labels[metric.headed] == 1 else f"{metric.headed} {key}": key
            for key, metric in self.metrics.items()
        }
        office = next((name for _, name in self.offices.values()), "")
        return [
            Column("metric", "指标", "choice", True, choices, width=28),
            Column(
                "organisation", "单位", "text", True, example=office, hint="名称或编号", width=22
            ),
            Column("value", "数值", "decimal", True, example="120"),
            Column("basis", "口径", "choice", True, {v: k for k, v in BASIS_LABELS.items()}),
            Column("approximate", "约数", "flag", hint="是约数填“是”，不是就空着"),
            Column("source", "数据来源", "text", True, example="各社区上报汇总", width=30),
            Column("activity", "只指某一项日程", "text", hint="日程的名称；一般空着", width=28),
        ]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a sheet would do: statements that are new, how many stand already, what is wrong."""

    new: Sequence[tuple[Row, Statement]]
    unchanged: int
    errors: Sequence[CellError]


async def ground(
    actor: Actor, campaign: Campaign, metrics: Mapping[str, Metric], activities: Mapping[str, str]
) -> Ground:
    """What the actor may refer to; ``activities`` are titles by key. One statement."""
    inside, parameters = scope_sql(actor, REPORT)
    rows = await database.fetch(
        "SELECT o.id, o.key, p.name FROM campaign_participant p"
        " JOIN organisation o ON o.id = p.organisation"
        f" WHERE p.campaign = :campaign AND o.id IN ({inside})",
        campaign=campaign.id,
        **parameters,
    )
    offices = {row["key"]: (row["id"], row["name"]) for row in rows}
    return Ground(metrics, dict(sorted(offices.items())), activities)


async def check(campaign: Campaign, known: Ground, sheet: Sheet) -> Checked:
    """Hold a sheet against what is reported already; writes nothing. One statement."""
    if len(sheet.rows) > MOST:
        message = f"一次最多填报{MOST:,}项，请分成几个文件"
        return Checked([], 0, [CellError(0, "", "", "", message)])
    columns = {column.name: column for column in known.columns()}
    standing = await _standing(campaign)
    same = {(place, *_content(stated)) for place, stated in standing}
    totals = {place: stated.value for place, stated in standing if stated.basis == "total"}
    errors, new, unchanged = list(sheet.errors), [], 0
    for row in sheet.rows:
        stated, wrong = _statement(known, row)
        errors += [sheet.error(row, columns[name], text) for name, text in wrong.items()]
        if stated is None:
            continue
        place = (stated.metric, known.offices[stated.organisation][0], stated.activity)
        if (place, *_content(stated)) in same:
            unchanged += 1
            continue
        same.add((place, *_content(stated)))
        if stated.basis == "total":
            if place in totals:
                text = f"这个单位已经填报过这项合计（{totals[place]}），请到页面上修改那一条"
                errors.append(sheet.error(row, columns["basis"], text))
            totals[place] = stated.value
        new.append((row, stated))
    return Checked(new, unchanged, sorted(errors, key=lambda error: (error.row, error.cell)))


async def write(
    actor: Actor, campaign: Campaign, known: Ground, sheet: Sheet, filename: str
) -> Checked:
    """Report all that is new in one unit of work, with one entry in the log.

    Raises Refusal when anything is wrong, or has come to be since the preview.
    """
    async with database.transaction():
        campaign_states.require(campaign, "figures")
        await campaigns.touch(campaign.id)
        checked = await check(campaign, known, sheet)
        if checked.errors:
            faults = [Fault("/file", "value", _sentence(error)) for error in checked.errors]
            raise Refusal(*faults)
        rows = [
            {
                **asdict(stated),
                "campaign": campaign.id,
                "organisation": known.offices[stated.organisation][0],
            }
            for _, stated in checked.new
        ]
        await reported_keys.insert_many(campaign.id, rows)
        if rows:
            await _record(actor, campaign, filename, checked)
    return checked


def _content(stated: Statement) -> tuple[Any, ...]:
    return stated.value, stated.basis, stated.approximate, stated.source


def _sentence(error: CellError) -> str:
    return f"{error.cell} {error.label}：{error.message}".strip("： ")


async def _standing(campaign: Campaign) -> list[tuple[Place, Statement]]:
    rows = await database.fetch(
        "SELECT metric, organisation, activity, value, basis, approximate, source"
        " FROM reported_figure WHERE campaign = :campaign",
        campaign=campaign.id,
    )
    found = []
    for row in rows:
        office, row["organisation"] = row["organisation"], ""
        place = (row["metric"], office, row["activity"])
        found.append((place, Statement(**{**row, "approximate": bool(row["approximate"])})))
    return found


def _statement(known: Ground, row: Row) -> tuple[Statement | None, dict[str, str]]:
    """What a row states, or what is wrong beyond the form of its cells, by column."""
    values, wrong = row.values, {}
    office = activity = None
    if values.get("organisation"):
        office, wrong["organisation"] = _office(known, values["organisation"])
    if values.get("activity"):
        activity, wrong["activity"] = _activity(known, values["activity"])
    for name, most in (("source", 500), ("organisation", 500)):
        if len(values.get(name) or "") > most:
            wrong[name] = f"最多 {most} 个字"
    wrong = {name: text for name, text in wrong.items() if text}
    sound = all(values.get(name) is not None for name in ("metric", "value", "basis", "source"))
    if wrong or not sound or office is None:
        return None, wrong
    return Statement(
        metric=values["metric"],
        organisation=office,
        value=plain(values["value"]),
        basis=values["basis"],
        source=values["source"],
        activity=activity,
        approximate=bool(values.get("approximate")),
    ), {}


def _office(known: Ground, text: str) -> tuple[str | None, str]:
    if text in known.offices:
        return text, ""
    found = [key for key, (_, name) in known.offices.items() if name == text]
    if len(found) == 1:
        return found[0], ""
    if found:
        return None, f"叫“{text}”的单位有{len(found)}个，请改填编号：{'、'.join(found[:5])}"
    return None, f"没有叫“{text}”的单位，或者它不在您的范围之内"


def _activity(known: Ground, text: str) -> tuple[str | None, str]:
    found = [key for key, title in known.activities.items() if text in (key, title)]
    if len(found) == 1:
        return found[0], ""
    if found:
        return None, f"叫“{text}”的日程有{len(found)}项，请改填编号：{'、'.join(found[:5])}"
    return None, f"没有叫“{text}”的日程"


async def _record(actor: Actor, campaign: Campaign, filename: str, checked: Checked) -> None:
    await audit.record(
        actor,
        "figure.imported",
        "reported_figure",
        filename,
        organisation=campaign.organisation_id,
        campaign=campaign.key,
        after={"figures": [asdict(stated) for _, stated in checked.new]},
    )
