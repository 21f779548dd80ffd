"""Addresses of condolence visits."""

from __future__ import annotations

from typing import Any

from api.kit.records import routes
from plugins.condolence.data import DATA
from plugins.condolence.lines_import import LineIntake
from plugins.condolence.pages import PAGES
from plugins.condolence.records import LINES, RECIPIENTS, ROUNDS

ROUTES: list[Any] = [
    *PAGES,
    *routes(RECIPIENTS),
    *routes(ROUNDS, own_page=True),
    *routes(LINES, intake=LineIntake()),
    *DATA,
]
