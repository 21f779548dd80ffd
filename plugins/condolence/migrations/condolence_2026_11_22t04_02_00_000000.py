"""Uniqueness over several columns and the indexes of lists: Piccolo cannot declare them on SQLite."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core import database

ID = "2026-11-22T04:02:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Unique and list indexes"

INDEXES = (
    "CREATE UNIQUE INDEX condolence_recipient_key ON condolence_recipient (campaign, key)",
    "CREATE INDEX condolence_recipient_name ON condolence_recipient (campaign, name_index)",
    "CREATE UNIQUE INDEX condolence_round_key ON condolence_round (campaign, key)",
    "CREATE UNIQUE INDEX condolence_line_pair ON condolence_line (round, recipient)",
    "CREATE INDEX condolence_line_campaign ON condolence_line (campaign, status)",
    "CREATE UNIQUE INDEX condolence_goods_place ON condolence_goods (line, position)",
    "CREATE INDEX condolence_goods_campaign ON condolence_goods (campaign)",
)


async def create() -> None:
    """Every index, in the migration's own transaction."""
    for statement in INDEXES:
        await database.execute(statement)


async def forwards() -> MigrationManager:
    """Piccolo's entry point."""
    manager = MigrationManager(migration_id=ID, app_name="condolence", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
