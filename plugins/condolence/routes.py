"""Addresses of condolence visits."""

from __future__ import annotations

from typing import Any

from api.kit.records import routes
from plugins.condolence.records import LINES, RECIPIENTS, ROUNDS

ROUTES: list[Any] = [*routes(RECIPIENTS), *routes(ROUNDS), *routes(LINES)]
