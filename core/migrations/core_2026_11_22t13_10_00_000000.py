"""Offices below one are looked for by it: else each met all that there are."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core import database

ID = "2026-11-22T13:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes by the office above"


INDEXES = (
    "CREATE INDEX campaign_participant_below"
    " ON campaign_participant (campaign, parent, organisation)",
    "CREATE INDEX organisation_below ON organisation (parent)",
)


async def create() -> None:
    """Both, in the migration's own transaction."""
    for statement in INDEXES:
        await database.execute(statement)


async def forwards() -> MigrationManager:
    """Piccolo's entry point."""
    manager = MigrationManager(migration_id=ID, app_name="core", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
