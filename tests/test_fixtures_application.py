"""The application's fixtures keep their word."""

from __future__ import annotations

from pathlib import Path

import httpx

from app import create_app
from core import database
from core.process import Process
from core.settings import Settings
from tests.fixtures.application import Bearer, SignIn


async def test_each_test_has_a_database_of_its_own(process: Process, engine_name: str) -> None:
    assert await database.fetch_value("SELECT COUNT(*) FROM campaign") == 0
    assert database.is_postgresql() is (engine_name == "postgresql")
    assert "condolence" in process.plugins.keys


async def test_the_application_starts_and_stops_by_itself(
    migrated_url: str, key_file: Path
) -> None:
    app = create_app(Settings(migrated_url, key_file))
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        assert (await client.get("/health")).json() == {"status": "ok"}


async def test_people_and_programmes_reach_the_application(
    campaign_2022: str, client: httpx.AsyncClient, sign_in: SignIn, bearer: Bearer
) -> None:
    assert (await client.get("/accounts")).headers["location"].startswith("/sign-in")
    administrator = await sign_in("administrator", "city")
    assert (await administrator.get("/accounts")).status_code == 200
    assert (await (await sign_in("viewer", "x1")).get("/accounts")).status_code == 403
    myself = await client.get("/api/v1/me", headers=await bearer("clerk", "x1"))
    assert myself.json()["name"] == "token:clerk-x1"


async def test_forms_are_posted_by_their_fields(campaign_2022: str, sign_in: SignIn) -> None:
    administrator = await sign_in("administrator", "city")
    form = {"name": "wang", "password": "correct horse battery", "role": "viewer"}
    made = await administrator.post("/new-account", data={**form, "organisation": "x1"})
    assert made.status_code == 303
