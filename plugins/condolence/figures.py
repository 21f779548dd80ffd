"""What condolence visits count: metrics, and where their amounts come from."""

from __future__ import annotations

from core.measures import Source
from core.metrics import Metric

METRICS = [
    Metric(
        "condolence.households",
        "走访慰问户数",
        "户",
        "distinct",
        "有已送达记录的家庭户，同一户多次走访只计一次",
        aliases=(
            "困难残疾人家庭",
            "残疾人家庭",
            "困难家庭",
            "残疾人户",
            "贫困户",
            "慰问户",
            "慰问",
        ),
    ),
    Metric(
        "condolence.people",
        "走访慰问人数",
        "人",
        "distinct",
        "有已送达记录的个人，同一人多次走访只计一次",
        aliases=("慰问残疾人", "慰问困难残疾人", "慰问人数", "走访残疾人", "慰问对象", "慰问"),
    ),
    Metric(
        "condolence.institutions",
        "走访慰问机构",
        "家",
        "distinct",
        "有已送达记录的机构，同一机构只计一次",
        aliases=("机构", "福利院", "托养机构", "康复机构", "特教学校"),
    ),
    Metric(
        "condolence.visits",
        "走访慰问次数",
        "次",
        "sum",
        "已送达的走访记录条数",
        aliases=("走访慰问次数", "走访"),
        daily=True,
    ),
    Metric(
        "condolence.cash",
        "慰问金",
        "元",
        "sum",
        "已送达记录的慰问金之和",
        scale=100,
        aliases=("慰问金", "慰问资金", "现金"),
    ),
    Metric(
        "condolence.goods_value",
        "慰问品折价",
        "元",
        "sum",
        "已送达记录的慰问品数量乘单价之和",
        scale=100,
        aliases=("慰问品折价", "慰问物资折价", "物资价值", "慰问品价值", "折价", "价值"),
    ),
    Metric(
        "condolence.goods_items",
        "慰问品件数",
        "件",
        "sum",
        "已送达记录的慰问品数量之和",
        aliases=("慰问品", "慰问物资", "物资"),
    ),
]

_ROUND = "condolence_round r ON r.id = l.round"
# Added to, it is sought by no index: SQLite would begin with all rounds an office ever had.
_OFFICE = "r.organisation + 0"
_ACTIVITY = "(SELECT a.key FROM activity a WHERE a.id = r.activity)"


def _of_kind(kind: str) -> str:
    return f"CASE WHEN p.kind = '{kind}' THEN p.id END"


LINES = Source(
    rows=(
        f"FROM condolence_line l JOIN {_ROUND} JOIN condolence_recipient p ON p.id = l.recipient"
        " WHERE l.campaign = :campaign AND l.status = 'delivered'"
    ),
    organisation=_OFFICE,
    activity=_ACTIVITY,
    record="l.id",
    day="r.visited_on",
    sums={"condolence.visits": "1", "condolence.cash": "l.cash"},
    subjects={
        "condolence.households": _of_kind("household"),
        "condolence.people": _of_kind("person"),
        "condolence.institutions": _of_kind("institution"),
    },
)
GOODS = Source(
    rows=(
        f"FROM condolence_goods g JOIN condolence_line l ON l.id = g.line JOIN {_ROUND}"
        " WHERE g.campaign = :campaign AND l.status = 'delivered'"
    ),
    organisation=_OFFICE,
    activity=_ACTIVITY,
    record="g.id",
    day="r.visited_on",
    sums={
        "condolence.goods_value": "g.quantity * g.unit_value",
        "condolence.goods_items": "g.quantity",
    },
)
SOURCES = (LINES, GOODS)
