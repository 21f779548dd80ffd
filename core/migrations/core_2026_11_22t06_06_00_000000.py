"""Uniqueness over several columns and the indexes of lists: Piccolo cannot declare them on SQLite."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core import database

ID = "2026-11-22T06:06:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Unique and list indexes"

INDEXES = (
    "CREATE UNIQUE INDEX recap_template_place ON recap_template (organisation, part)",
    "CREATE UNIQUE INDEX recap_manuscript_place ON recap_manuscript (campaign, organisation)",
    "CREATE UNIQUE INDEX recap_part_key ON recap_part (manuscript, key)",
    "CREATE UNIQUE INDEX recap_photo_key ON recap_photo (manuscript, key)",
    "CREATE UNIQUE INDEX recap_version_number ON recap_version (campaign, organisation, number)",
    "CREATE INDEX recap_rendering_waiting ON recap_rendering (state, id)",
    "CREATE INDEX recap_rendering_made ON recap_rendering (created_at)",
)


async def create() -> None:
    """Every index, in the migration's own transaction."""
    for statement in INDEXES:
        await database.execute(statement)


async def forwards() -> MigrationManager:
    """Piccolo's entry point."""
    manager = MigrationManager(migration_id=ID, app_name="core", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
