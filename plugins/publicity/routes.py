"""Addresses of publicity."""

from __future__ import annotations

from typing import Any

from api.kit.records import routes
from plugins.publicity.items_import import ItemIntake
from plugins.publicity.pages import PAGES
from plugins.publicity.records import AUDIENCE, ITEMS, MATERIALS

ROUTES: list[Any] = [
    *PAGES,
    *routes(ITEMS, intake=ItemIntake(), own_page=True),
    *routes(MATERIALS),
    *routes(AUDIENCE),
]
