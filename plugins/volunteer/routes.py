"""Addresses of volunteer service."""

from __future__ import annotations

from typing import Any

from api.kit.records import routes
from plugins.volunteer.honours.honour_pages import HONOURS
from plugins.volunteer.honours.notice_page import NOTICES
from plugins.volunteer.pages import PAGES
from plugins.volunteer.punching import data as punch_data
from plugins.volunteer.records import ATTENDANCES, SHIFTS, VOLUNTEERS
from plugins.volunteer.star_pages import STARS
from plugins.volunteer.stations.check_in_pages import CHECK_INS
from plugins.volunteer.stations.station_pages import STATIONS

ROUTES: list[Any] = [
    *PAGES,
    *STARS,
    *HONOURS,
    *NOTICES,
    *STATIONS,
    *CHECK_INS,
    *punch_data.ROUTES,
    *routes(VOLUNTEERS, own_page=True),
    *routes(SHIFTS, own_page=True),
    *routes(ATTENDANCES),
]
