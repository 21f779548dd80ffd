"""Uniqueness over several columns and the indexes of lists: Piccolo cannot declare them on SQLite."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core import database

ID = "2026-11-22T04:04:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Unique and list indexes"

INDEXES = (
    "CREATE UNIQUE INDEX volunteer_person_key ON volunteer_person (campaign, key)",
    "CREATE INDEX volunteer_person_name ON volunteer_person (campaign, name_index)",
    "CREATE UNIQUE INDEX volunteer_shift_key ON volunteer_shift (campaign, key)",
    "CREATE INDEX volunteer_shift_time ON volunteer_shift (campaign, starts_at)",
    "CREATE UNIQUE INDEX volunteer_attendance_key ON volunteer_attendance (campaign, key)",
    "CREATE UNIQUE INDEX volunteer_attendance_place ON volunteer_attendance (shift, volunteer, ordinal)",
    "CREATE INDEX volunteer_attendance_status ON volunteer_attendance (campaign, status)",
    "CREATE UNIQUE INDEX volunteer_star_scheme_campaign ON volunteer_star_scheme (campaign)",
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
