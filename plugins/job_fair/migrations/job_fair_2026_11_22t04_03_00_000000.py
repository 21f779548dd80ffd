"""Uniqueness over several columns and the indexes of lists: Piccolo cannot declare them on SQLite."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core import database

ID = "2026-11-22T04:03:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Unique and list indexes"

INDEXES = (
    "CREATE UNIQUE INDEX job_fair_employer_key ON job_fair_employer (campaign, key)",
    "CREATE UNIQUE INDEX job_fair_seeker_key ON job_fair_seeker (campaign, key)",
    "CREATE INDEX job_fair_seeker_name ON job_fair_seeker (campaign, name_index)",
    "CREATE UNIQUE INDEX job_fair_fair_key ON job_fair_fair (campaign, key)",
    "CREATE UNIQUE INDEX job_fair_job_type_name ON job_fair_job_type (campaign, name)",
    "CREATE UNIQUE INDEX job_fair_position_key ON job_fair_position (campaign, key)",
    "CREATE UNIQUE INDEX job_fair_attendance_pair ON job_fair_attendance (fair, seeker)",
    "CREATE INDEX job_fair_attendance_campaign ON job_fair_attendance (campaign)",
    "CREATE UNIQUE INDEX job_fair_application_ordinal ON job_fair_application (seeker, position, ordinal)",
    "CREATE INDEX job_fair_application_campaign ON job_fair_application (campaign)",
)


async def create() -> None:
    """Every index, in the migration's own transaction."""
    for statement in INDEXES:
        await database.execute(statement)


async def forwards() -> MigrationManager:
    """Piccolo's entry point."""
    manager = MigrationManager(migration_id=ID, app_name="job_fair", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
