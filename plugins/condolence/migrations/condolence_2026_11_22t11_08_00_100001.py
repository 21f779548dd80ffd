"""Lists are read in their own order, a page at a time: all of a campaign was sorted for each."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core import database

ID = "2026-11-22T11:08:00:100001"
VERSION = "1.38.0"
DESCRIPTION = "Indexes in the order of lists"

INDEXES = (
    "CREATE INDEX condolence_recipient_order ON condolence_recipient (campaign, id)",
    "CREATE INDEX condolence_line_order ON condolence_line (campaign, id)",
    "CREATE INDEX condolence_round_order ON condolence_round (campaign, visited_on, id)",
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
