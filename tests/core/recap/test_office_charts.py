"""Charts of offices and targets: what is drawn stands in the table, and words say what is seen."""

from __future__ import annotations

from decimal import Decimal

from core.figures import Figure, Figures
from core.metrics import Metric
from core.recap.model import Chart, Table
from core.recap.sections import office_charts

OFFICES = ["x1", "x2", "x3"]
NAMES = {"city": "某市残联", "x1": "甲旗残联", "x2": "乙县残联", "x3": "丙区残联"}
METRICS = {
    "people": Metric("people", "走访人数", "人", "sum"),
    "fairs": Metric("fairs", "招聘会", "场", "sum"),
    "rate": Metric("rate", "就业率", "%", "ratio", numerator="fairs", denominator="people"),
}
TABLE = Table("表", ("单位",), ())


def figure(metric: str, office: str, value: str, completion: str | None = None) -> Figure:
    definition = METRICS[metric]
    return Figure(
        metric=metric,
        label=definition.label,
        unit=definition.unit,
        aggregation=definition.aggregation,
        organisation=office,
        value=Decimal(value),
        itemised=None,
        evidence=None,
        target=Decimal(10) if completion else None,
        completion=Decimal(completion) if completion else None,
        approximate=False,
    )


def figures(*given: Figure) -> Figures:
    by_organisation: dict[str, dict[str, Figure]] = {}
    for each in given:
        by_organisation.setdefault(each.organisation, {})[each.metric] = each
    return Figures("city", by_organisation, (), (), METRICS, NAMES)


def by_office(*given: Figure) -> Chart | None:
    return office_charts.by_office(figures(*given), OFFICES, list(METRICS), TABLE)


def of_targets(*given: Figure) -> Chart | None:
    return office_charts.of_targets("targets", "各单位任务完成率", given, NAMES, TABLE)


def test_the_metric_that_most_offices_have_is_drawn_the_longest_first() -> None:
    chart = by_office(
        figure("people", "x1", "9"),
        figure("fairs", "x1", "2"),
        figure("fairs", "x2", "5"),
        *(figure("rate", office, "0.5") for office in OFFICES),
    )
    assert chart is not None
    assert chart.categories == ("乙县残联", "甲旗残联", "丙区残联")
    assert chart.series[0].values == (Decimal(5), Decimal(2), None)
    assert (chart.title, chart.unit, chart.form) == ("各单位招聘会", "场", "bars")
    assert chart.description == (
        "横条图，比较各单位的招聘会。乙县残联最多，5场；甲旗残联最少，2场。"
    )


def test_a_quotient_is_drawn_in_percent_where_there_is_nothing_else() -> None:
    chart = by_office(figure("rate", "x1", "0.3694"), figure("rate", "x2", "0.5"))
    assert chart is not None
    assert chart.series[0].values == (Decimal(50), Decimal("36.94"), None)
    assert chart.unit == "%"


def test_one_office_alone_is_no_comparison() -> None:
    assert by_office(figure("people", "x1", "9"), figure("fairs", "x2", "9")) is None


def test_targets_are_drawn_in_percent_of_each() -> None:
    chart = of_targets(
        figure("people", "x1", "12", "1.2"),
        figure("fairs", "x1", "5", "0.5"),
        figure("people", "x2", "0", "0.33333"),
        figure("fairs", "x2", "9"),
    )
    assert chart is not None
    assert chart.categories == ("甲旗残联 走访人数", "甲旗残联 招聘会", "乙县残联 走访人数")
    assert chart.series[0].values == (Decimal(120), Decimal(50), Decimal("33.33"))
    assert "3项任务中1项达到任务数" in chart.description
    assert "甲旗残联 走访人数完成率最高，120%；乙县残联 走访人数最低，33.33%" in chart.description


def test_only_what_tells_them_apart_is_said() -> None:
    one_metric = of_targets(figure("fairs", "x1", "5", "0.5"), figure("fairs", "x2", "5", "0.5"))
    one_office = of_targets(figure("fairs", "x1", "5", "0.5"), figure("people", "x1", "5", "0.5"))
    assert one_metric is not None
    assert one_office is not None
    assert one_metric.categories == ("甲旗残联", "乙县残联")
    assert one_office.categories == ("招聘会", "走访人数")
    assert of_targets(figure("fairs", "x1", "5", "0.5"), figure("fairs", "x2", "5")) is None
