"""What hearing tests count, where it stands in the database, and how the recap says it."""

from __future__ import annotations

from core import database
from core.measures import Record, RecordPage, Source, contributions
from core.metrics import Metric
from core.recap.model import Section, present
from core.recap.templating.texts import RecapTemplate, Texts
from core.scopes import Scope
from tongxing_hearing_test.addresses import address

METRICS = [
    Metric("hearing_test.sessions", "听力筛查场次", "场", "sum", "登记的听力筛查场次"),
    Metric("hearing_test.people", "听力筛查人次", "人次", "sum", "各场筛查人数之和", daily=True),
    Metric("hearing_test.referred", "转诊人数", "人", "sum", "各场建议转诊的人数之和"),
    Metric(
        "hearing_test.referral_rate",
        "转诊率",
        "%",
        "ratio",
        "转诊人数除以听力筛查人次",
        numerator="hearing_test.referred",
        denominator="hearing_test.people",
    ),
]
SOURCES = (
    Source(
        rows="FROM hearing_test_screening s WHERE s.campaign = :campaign",
        organisation="s.organisation",
        activity="(SELECT a.key FROM activity a WHERE a.id = s.activity)",
        record="s.id",
        day="s.held_on",
        sums={
            "hearing_test.sessions": "1",
            "hearing_test.people": "s.people",
            "hearing_test.referred": "s.referred",
        },
    ),
)


async def records_under(scope: Scope, metric: str, after: int, limit: int) -> RecordPage:
    """The screenings that make up a figure, a page of them."""
    found, following = await contributions(scope, metric, SOURCES, after, limit)
    rows = await database.fetch(
        "SELECT s.id, s.held_on, p.name FROM hearing_test_screening s"
        " JOIN campaign_participant p"
        " ON p.campaign = s.campaign AND p.organisation = s.organisation WHERE s.id IN (:ids)",
        ids=[each.record for each in found],
    )
    screenings = {row["id"]: row for row in rows}
    records = [
        Record(
            id=each.record,
            label=f"{screenings[each.record]['name']}听力筛查",
            organisation=screenings[each.record]["name"],
            amount=each.amount,
            href=address(scope.campaign),
            on=screenings[each.record]["held_on"].isoformat(),
        )
        for each in found
    ]
    return RecordPage(records, following)


TEMPLATES = [
    RecapTemplate(
        "hearing_test",
        "听力筛查",
        "开展听力筛查{hearing_test.sessions}，筛查{hearing_test.people}，"
        "建议转诊{hearing_test.referred}。",
    )
]


def section(texts: Texts) -> Section | None:
    """Our part of the recap; nothing when nobody was tested."""
    ledger = texts.ledger(metric.key for metric in METRICS)
    blocks = present(*texts.write("hearing_test"), ledger)
    return Section("hearing_test", "听力筛查", blocks, "hearing_test") if ledger else None
