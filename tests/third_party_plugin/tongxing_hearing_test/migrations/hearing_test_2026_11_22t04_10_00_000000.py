"""Keys are unique in a campaign: Piccolo cannot declare that over two columns on SQLite."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core import database

ID = "2026-11-22T04:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Unique keys"


async def create() -> None:
    """The index, in the migration's own transaction."""
    await database.execute(
        "CREATE UNIQUE INDEX hearing_test_screening_key ON hearing_test_screening (campaign, key)"
    )


async def forwards() -> MigrationManager:
    """Piccolo's entry point."""
    manager = MigrationManager(migration_id=ID, app_name="hearing_test", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
