"""Addresses of job fairs."""

from __future__ import annotations

from typing import Any

from api.kit.records import routes
from plugins.job_fair.records import APPLICATIONS, ATTENDANCES, EMPLOYERS, FAIRS, POSITIONS, SEEKERS

ROUTES: list[Any] = [
    *routes(EMPLOYERS),
    *routes(SEEKERS),
    *routes(FAIRS),
    *routes(POSITIONS),
    *routes(ATTENDANCES),
    *routes(APPLICATIONS),
]
