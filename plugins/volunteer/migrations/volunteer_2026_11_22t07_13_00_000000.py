"""Uniqueness over several columns and the indexes of lists: Piccolo cannot declare them on SQLite."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core import database

ID = "2026-11-22T07:13:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Unique and list indexes"

INDEXES = (
    "CREATE UNIQUE INDEX volunteer_waiting_pair ON volunteer_waiting (shift, volunteer)",
    "CREATE UNIQUE INDEX volunteer_punch_nonce ON volunteer_punch (campaign, nonce)",
    "CREATE INDEX volunteer_punch_shift ON volunteer_punch (shift, id)",
    "CREATE INDEX volunteer_punch_person ON volunteer_punch (volunteer, at)",
    "CREATE INDEX volunteer_conflict_open ON volunteer_conflict (campaign, resolution, id)",
    "CREATE INDEX volunteer_objection_open ON volunteer_objection (campaign, answered_at, id)",
    "CREATE UNIQUE INDEX volunteer_star_award_one ON volunteer_star_award (campaign, volunteer, stars) WHERE state <> 'withdrawn'",
    "CREATE UNIQUE INDEX volunteer_person_once ON volunteer_person (campaign, profile) WHERE profile IS NOT NULL",
    "CREATE INDEX volunteer_shift_published ON volunteer_shift (published_at) WHERE published_at IS NOT NULL",
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
