"""Lists are read in their own order, a page at a time: all of a campaign was sorted for each."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core import database

ID = "2026-11-22T11:08:00:100002"
VERSION = "1.38.0"
DESCRIPTION = "Indexes in the order of lists"

INDEXES = (
    "CREATE INDEX job_fair_employer_order ON job_fair_employer (campaign, id)",
    "CREATE INDEX job_fair_seeker_order ON job_fair_seeker (campaign, id)",
    "CREATE INDEX job_fair_position_order ON job_fair_position (campaign, id)",
    "DROP INDEX job_fair_attendance_campaign",
    "CREATE INDEX job_fair_attendance_campaign ON job_fair_attendance (campaign, id)",
    "DROP INDEX job_fair_application_campaign",
    "CREATE INDEX job_fair_application_campaign ON job_fair_application (campaign, id)",
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
