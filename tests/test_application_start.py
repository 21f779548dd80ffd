"""What the application does when it starts."""

from __future__ import annotations

from datetime import timedelta

from api.kit.idempotency import KEPT_FOR
from app import create_app
from core import database, moments
from core.settings import Settings


async def test_answers_to_repeats_are_forgotten_after_two_days(migrated_url, key_file):
    settings = Settings(migrated_url, key_file)
    async with create_app(settings).lifespan():
        for key, age in (("old", KEPT_FOR + timedelta(hours=1)), ("new", timedelta())):
            await database.execute(
                "INSERT INTO idempotency_key (actor, key, request_hash, status, body, created_at)"
                " VALUES ('a', :key, '', 201, '', :at)",
                key=key,
                at=moments.now() - age,
            )
    async with create_app(settings).lifespan():
        rows = await database.fetch("SELECT key FROM idempotency_key")
    assert rows == [{"key": "new"}]
