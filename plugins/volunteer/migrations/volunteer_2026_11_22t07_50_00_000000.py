"""Finding the same volunteer in other campaigns: by name and number, whatever the campaign."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core import database

ID = "2026-11-22T07:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The same volunteer in other campaigns"

INDEXES = ("CREATE INDEX volunteer_person_same ON volunteer_person (name_index, key)",)


async def create() -> None:
    """Every index, in the migration's own transaction."""
    for statement in INDEXES:
        await database.execute(statement)


async def forwards() -> MigrationManager:
    """Piccolo's entry point."""
    manager = MigrationManager(migration_id=ID, app_name="volunteer", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
