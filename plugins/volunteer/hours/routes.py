"""Addresses of hours: explained, confirmed, corrected, objected to, in conflict."""

from __future__ import annotations

from typing import Any

from plugins.volunteer.hours.confirm_pages import CONFIRMATIONS
from plugins.volunteer.hours.conflict_pages import CONFLICTS
from plugins.volunteer.hours.data import HOURS
from plugins.volunteer.hours.objection_pages import OBJECTIONS
from plugins.volunteer.hours.pages import EXPLANATIONS

ROUTES: list[Any] = [*EXPLANATIONS, *CONFIRMATIONS, *OBJECTIONS, *CONFLICTS, *HOURS]
