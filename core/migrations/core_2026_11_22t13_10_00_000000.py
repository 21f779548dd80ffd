"""The offices below one in a campaign are looked for by it: else each met all of the campaign's."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core import database

ID = "2026-11-22T13:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Index by the office above"


async def create() -> None:
    """The index, in the migration's own transaction."""
    await database.execute(
        "CREATE INDEX campaign_participant_below"
        " ON campaign_participant (campaign, parent, organisation)"
    )


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="core", description=DESCRIPTION
    )
    manager.add_raw(create)
    return manager
