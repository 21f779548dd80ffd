"""A campaign's stars are looked for by it, those that were withdrawn too."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core import database

ID = "2026-11-22T13:15:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Index of stars by campaign"


async def create() -> None:
    """The index, in the migration's own transaction."""
    await database.execute(
        "CREATE INDEX volunteer_star_award_campaign ON volunteer_star_award (campaign, volunteer)"
    )


async def forwards() -> MigrationManager:
    """Piccolo's entry point."""
    manager = MigrationManager(migration_id=ID, app_name="volunteer", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
