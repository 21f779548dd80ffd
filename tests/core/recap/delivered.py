"""The texts of a recap as the plugins deliver them, without any office's own templates."""

from __future__ import annotations

from collections.abc import Mapping

from core.figures import Figure
from core.metrics import by_key
from core.plugins import installed
from core.recap.templating.texts import Texts, offered


def delivered(figures: Mapping[str, Figure]) -> Texts:
    """What writes paragraphs of these figures."""
    plugins = installed()
    return Texts("city", figures, by_key(plugins.metrics()), offered(plugins))
