"""Addresses of volunteer service."""

from __future__ import annotations

from typing import Any

from api.kit.records import routes
from plugins.volunteer.pages import PAGES
from plugins.volunteer.records import ATTENDANCES, SHIFTS, VOLUNTEERS
from plugins.volunteer.star_pages import STARS

ROUTES: list[Any] = [
    *PAGES,
    *STARS,
    *routes(VOLUNTEERS, own_page=True),
    *routes(SHIFTS, own_page=True),
    *routes(ATTENDANCES),
]
