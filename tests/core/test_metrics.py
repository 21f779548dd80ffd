"""What a definition of a figure says of itself."""

from __future__ import annotations

from core.metrics import Metric


def test_a_table_heads_a_metric_with_its_unit_only_where_it_has_one() -> None:
    """A bundle may give a metric of its own the unit ""."""
    assert Metric("own.people", "培训人数", "人", "sum").headed == "培训人数（人）"
    assert Metric("own.score", "得分", "", "sum").headed == "得分"
