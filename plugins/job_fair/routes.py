"""Addresses of job fairs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.kit.records import routes
from plugins.job_fair.applying_pages import APPLYING_PAGES
from plugins.job_fair.attending_pages import ATTENDING_PAGES
from plugins.job_fair.data import DATA
from plugins.job_fair.fair_pages import FAIR_PAGES
from plugins.job_fair.fair_records import APPLICATIONS, ATTENDANCES, POSITIONS
from plugins.job_fair.imports import ATTENDANCE_INTAKE, ApplicationIntake, PositionIntake
from plugins.job_fair.offering_pages import OFFERING_PAGES
from plugins.job_fair.records import EMPLOYERS, FAIRS, SEEKERS


def _beside(own: Iterable[Any], handlers: Iterable[Any]) -> list[Any]:
    """Our own handlers, and the others but for those of the same addresses."""
    own = list(own)
    taken = {path for handler in own for path in handler.paths}
    return [*own, *(handler for handler in handlers if not taken & handler.paths)]


ROUTES: list[Any] = [
    *FAIR_PAGES,
    *ATTENDING_PAGES,
    *APPLYING_PAGES,
    *routes(EMPLOYERS),
    *routes(SEEKERS),
    *routes(FAIRS, own_page=True),
    *_beside(OFFERING_PAGES, routes(POSITIONS, intake=PositionIntake())),
    *routes(ATTENDANCES, intake=ATTENDANCE_INTAKE),
    *routes(APPLICATIONS, intake=ApplicationIntake()),
    *DATA,
]
