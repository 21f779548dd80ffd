"""Uniqueness over several columns and the indexes of lists: Piccolo cannot declare them on SQLite."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core import database

ID = "2026-11-22T04:05:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Unique and list indexes"

INDEXES = (
    "CREATE UNIQUE INDEX publicity_item_key ON publicity_item (campaign, key)",
    "CREATE UNIQUE INDEX publicity_item_url ON publicity_item (campaign, url_comparable)",
    "CREATE UNIQUE INDEX publicity_material_key ON publicity_material (campaign, key)",
    "CREATE UNIQUE INDEX publicity_outreach_key ON publicity_outreach (campaign, key)",
    "CREATE INDEX publicity_item_day ON publicity_item (campaign, published_on, id)",
    "CREATE INDEX publicity_material_day ON publicity_material (campaign, happened_on, id)",
    "CREATE INDEX publicity_outreach_day ON publicity_outreach (campaign, happened_on, id)",
)


async def create() -> None:
    """Every index, in the migration's own transaction."""
    for statement in INDEXES:
        await database.execute(statement)


async def forwards() -> MigrationManager:
    """Piccolo's entry point."""
    manager = MigrationManager(migration_id=ID, app_name="publicity", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
