"""Everything that is asked of recaps."""

from __future__ import annotations

from typing import Any

from api.recap import (
    children,
    manuscript,
    manuscript_data,
    page,
    parts,
    photos,
    proofread,
    renderings,
    renderings_data,
    templates,
    templates_data,
    versions,
    versions_data,
)

ROUTES: list[Any] = [
    *page.ROUTES,
    *manuscript.ROUTES,
    *parts.ROUTES,
    *photos.ROUTES,
    *manuscript_data.ROUTES,
    *templates.ROUTES,
    *templates_data.ROUTES,
    *versions.ROUTES,
    *versions_data.ROUTES,
    *children.ROUTES,
    *renderings.ROUTES,
    *renderings_data.ROUTES,
    *proofread.ROUTES,
]
