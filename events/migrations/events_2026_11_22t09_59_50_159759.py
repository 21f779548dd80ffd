"""An office's rows are looked for in a campaign: by both, so that other campaigns' cost nothing."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import ForeignKey

from core import database

ID = "2026-11-22T09:59:50:159759"
VERSION = "1.38.0"
DESCRIPTION = "Indexes by office and campaign"

INDEXES = (
    "CREATE INDEX activity_office ON activity (organisation, campaign)",
)


async def create() -> None:
    """Every index, in the migration's own transaction."""
    for statement in INDEXES:
        await database.execute(statement)


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="events", description=DESCRIPTION
    )

    manager.alter_column(
        table_class_name="Activity",
        tablename="activity",
        column_name="organisation",
        db_column_name="organisation",
        params={"index": False},
        old_params={"index": True},
        column_class=ForeignKey,
        old_column_class=ForeignKey,
        schema=None,
    )

    manager.add_raw(create)

    return manager
