"""``/metrics``: how the server does, in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from litestar import Request, Response, get
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.kit import meters, states
from api.kit.guards import current_actor
from api.kit.problems import NotFound
from core import inventory
from core.permissions import may_everywhere

# Litestar adds the charset.
MEDIA_TYPE = "text/plain; version=0.0.4"
PERMISSION = "system.metrics"
# Name, what it says, the name of its label.
FAMILIES: tuple[tuple[str, str, str], ...] = (
    ("tongxing_campaigns", "Campaigns by state", "state"),
    ("tongxing_renderings", "Files of recaps by state", "state"),
    ("tongxing_table_rows", "Rows of a table, roughly", "table"),
)


class _Inventory(Collector):
    """What the database holds: the same whichever process is asked."""

    def __init__(self, numbers: tuple[Mapping[str, int], ...]) -> None:
        self._numbers = numbers

    def collect(self) -> Iterator[Metric]:
        """A family of gauges for each."""
        for (name, text, label), numbers in zip(FAMILIES, self._numbers, strict=True):
            family = GaugeMetricFamily(name, text, labels=[label])
            for value, number in numbers.items():
                family.add_metric([value], number)
            yield family


@get("/metrics", opt={"permission": PERMISSION}, include_in_schema=False)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Meters of all processes of this server, and how much the database holds."""
    if not await may_everywhere(current_actor(request), PERMISSION):
        raise NotFound
    states.note()
    registry = CollectorRegistry()
    numbers = (await inventory.campaigns(), await inventory.renderings(), await inventory.rows())
    registry.register(_Inventory(numbers))
    content = meters.text() + generate_latest(registry)
    return Response(content, media_type=MEDIA_TYPE)


ROUTES = [metrics]
