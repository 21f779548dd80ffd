"""Recaps for tests of the Word document: one of every kind of block, and parts of it."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

from PIL import Image

from core.figures import Figure
from core.recap.model import (
    Annex,
    AnnexEntry,
    Cell,
    Chart,
    Document,
    Items,
    Ledger,
    Notice,
    Paragraph,
    Photo,
    ReportedPart,
    Section,
    Series,
    Table,
    Text,
    Verification,
    figure_span,
)


def figure(metric: str, label: str, value: str, unit: str, **amounts: str) -> Figure:
    """A figure of the office `city`, all on record unless `itemised` says otherwise."""
    itemised = Decimal(amounts.get("itemised", value))
    target = Decimal(amounts["target"]) if "target" in amounts else None
    return Figure(
        metric=metric,
        label=label,
        unit=unit,
        aggregation="sum",
        organisation="city",
        value=Decimal(value),
        itemised=itemised,
        evidence=itemised / Decimal(value),
        target=target,
        completion=Decimal(value) / target if target else None,
        approximate=False,
    )


PEOPLE = figure("condolence.people", "走访慰问人数", "1132", "人", itemised="360")
CASH = figure("condolence.cash", "慰问金", "475000", "元")
HIRED = figure("job_fair.hired", "实现就业", "12", "人", target="5")
PHOTO = Photo("a" * 64, "image/png", 1200, 800, "走访慰问现场", "两人坐在沙发上交谈")
OFFICES = Table(
    "各单位主要数据",
    ("单位", "走访慰问人数（人）"),
    ((Cell.words("甲县残联"), Cell.number(PEOPLE)), (Cell.words("乙县残联"), Cell.number(None))),
)
CHART = Chart(
    "hired",
    "各单位实现就业",
    "bars",
    ("甲县残联", "乙县残联"),
    (Series("实现就业", (Decimal(7), Decimal(5))),),
    "人",
    "甲县残联最多，7人",
    Table("各单位实现就业的人数", ("单位", "人数"), ((Cell.words("甲县残联"), Cell.words("7")),)),
)
VERIFICATION = Verification(
    "7K2M-9QXD-41VH", "https://example.org/verify/7K2M-9QXD-41VH", "第2版（定稿）"
)


def photo_bytes() -> bytes:
    """The bytes of PHOTO."""
    made = io.BytesIO()
    Image.new("RGB", (PHOTO.width, PHOTO.height), (90, 120, 90)).save(made, "PNG")
    return made.getvalue()


def document(*sections: Section, entries: tuple[AnnexEntry, ...] = ()) -> Document:
    """A recap of these sections."""
    return Document(
        campaign="2022-disability-day-city",
        organisation="city",
        title="关于第32次全国助残日活动开展情况的总结",
        subtitles=(),
        particulars=(("主题", "促进残疾人就业"),),
        sections=sections,
        annex=Annex(entries),
        issuer="某市残疾人联合会",
        date=date(2022, 6, 1),
        generated_at=datetime(2022, 5, 31, 17, 5, tzinfo=UTC),
        recipient="某省残疾人联合会",
        verification=VERIFICATION,
    )


def sample() -> Document:
    """A recap with one of every kind of block, on all four levels."""
    people, cash, hired = (figure_span(one) for one in (PEOPLE, CASH, HIRED))
    opening = Paragraph((Text("走访慰问"), people, Text("，发放慰问金"), cash, Text("。")))
    again = Paragraph((Text("慰问的"), people, Text("中，"), hired, Text("实现就业。")))
    fourth = Section("d", "第四层", (Notice("information", (Text("以上数据截至月底。"),)),))
    third = Section(
        "c", "第三层", (Items(((Text("第一项"),), (Text("第二项"),))),), None, (fourth,)
    )
    second = Section("b", "第二层", (again, CHART, PHOTO), None, (third,))
    ledger = Ledger((PEOPLE, CASH, HIRED))
    reported = ReportedPart(Decimal(1132), "全市汇总", "total", True, "某市残联")
    return document(
        Section("a", "总体情况", (opening, ledger, OFFICES), None, (second,)),
        Section("e", "下一步打算", (Paragraph((Text("继续努力。"),)),)),
        entries=(
            AnnexEntry(CASH, "某市残联", "已发放的现金"),
            AnnexEntry(PEOPLE, "某市残联", "有送达记录的人", (reported,)),
            AnnexEntry(HIRED, "某市残联", ""),
        ),
    )
