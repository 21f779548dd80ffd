"""What tests of job fairs may ask for."""

from __future__ import annotations

import pytest

from api.kit.records import Work
from core import campaigns
from core.permissions import SYSTEM
from core.process import Process
from tests.plugins.job_fair.fairs_made import load


@pytest.fixture
async def fairs(process: Process) -> str:
    """The key of the campaign of fairs_made, on each engine in turn."""
    return await load(process)


@pytest.fixture
async def work(fairs: str) -> Work:
    """The command line at work in that campaign."""
    return Work(SYSTEM, await campaigns.find(fairs))
