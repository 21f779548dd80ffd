"""Lists are read in their own order, a page at a time: all of a campaign was sorted for each."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core import database

ID = "2026-11-22T11:08:00:100003"
VERSION = "1.38.0"
DESCRIPTION = "Indexes in the order of lists"

INDEXES = (
    "CREATE INDEX volunteer_person_order ON volunteer_person (campaign, id)",
    "CREATE INDEX volunteer_attendance_order ON volunteer_attendance (campaign, id)",
)


async def create() -> None:
    """Every index, in the migration's own transaction."""
    for statement in INDEXES:
        await database.execute(statement)


async def forwards() -> MigrationManager:
    """Piccolo's entry point."""
    manager = MigrationManager(migration_id=ID, app_name="volunteer", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
