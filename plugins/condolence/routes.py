"""Addresses of condolence visits."""

from __future__ import annotations

from typing import Any

from api.kit.records import routes
from api.kit.records.joined import JoinedIntake
from plugins.condolence.data import DATA
from plugins.condolence.pages import PAGES
from plugins.condolence.records import LINES, RECIPIENTS, ROUNDS

# Whoever is not known yet is entered along with the list of who gets what.
LINE_INTAKE = JoinedIntake(
    LINES, RECIPIENTS, "recipient", ("name", "kind", "organisation"), "个对象"
)
ROUTES: list[Any] = [
    *PAGES,
    *routes(RECIPIENTS),
    *routes(ROUNDS, own_page=True),
    *routes(LINES, intake=LINE_INTAKE),
    *DATA,
]
