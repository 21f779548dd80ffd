"""The campaign of these tests holds offices alone."""

from __future__ import annotations

import pytest

from core.process import Process
from tests.plugins.volunteer.volunteers import offices_alone


@pytest.fixture
async def campaign_2022(process: Process) -> str:
    """The demonstration's campaign, quick to make."""
    return await offices_alone(process)
