"""Addresses of volunteer service."""

from __future__ import annotations

from typing import Any

from api.kit.records import routes
from plugins.volunteer.breakdown_page import BREAKDOWN
from plugins.volunteer.certificates import office_pages, own_pages, verify_pages
from plugins.volunteer.honours.honour_pages import HONOURS
from plugins.volunteer.honours.notice_page import NOTICES
from plugins.volunteer.honours.own_stars import OWN_STARS
from plugins.volunteer.hours.routes import ROUTES as HOURS
from plugins.volunteer.pages import PAGES
from plugins.volunteer.punching import data as punch_data
from plugins.volunteer.records import ATTENDANCES, SHIFTS, VOLUNTEERS
from plugins.volunteer.self_service import calendar_pages, data_pages, home_pages, record_pages
from plugins.volunteer.signing_up.account_pages import ACCOUNTS
from plugins.volunteer.signing_up.organiser_pages import ORGANISERS
from plugins.volunteer.signing_up.public_pages import PUBLIC
from plugins.volunteer.star_pages import STARS
from plugins.volunteer.stations.check_in_pages import CHECK_INS
from plugins.volunteer.stations.station_pages import STATIONS
from plugins.volunteer.steward import data as steward_data
from plugins.volunteer.steward import pages as steward_pages

ROUTES: list[Any] = [
    *PAGES,
    *PUBLIC,
    *ACCOUNTS,
    *ORGANISERS,
    *STARS,
    *HONOURS,
    *BREAKDOWN,
    *NOTICES,
    *OWN_STARS,
    *HOURS,
    *STATIONS,
    *CHECK_INS,
    *steward_pages.PAGES,
    *steward_data.DATA,
    *punch_data.ROUTES,
    *home_pages.PAGES,
    *record_pages.PAGES,
    *calendar_pages.PAGES,
    *data_pages.PAGES,
    *own_pages.PAGES,
    *verify_pages.PAGES,
    *office_pages.PAGES,
    *routes(VOLUNTEERS, own_page=True),
    *routes(SHIFTS, own_page=True),
    *routes(ATTENDANCES),
]
