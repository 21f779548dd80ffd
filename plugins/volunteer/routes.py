"""Addresses of volunteer service."""

from __future__ import annotations

from typing import Any

from api.kit.records import routes
from plugins.volunteer.records import ATTENDANCES, SHIFTS, VOLUNTEERS

ROUTES: list[Any] = [*routes(VOLUNTEERS), *routes(SHIFTS), *routes(ATTENDANCES)]
