"""An office's rows are looked for in a campaign: by both, so that other campaigns' cost nothing."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import ForeignKey

from core import database

ID = "2026-11-22T09:59:50:702209"
VERSION = "1.38.0"
DESCRIPTION = "Indexes by office and campaign"

INDEXES = (
    "CREATE INDEX volunteer_person_office ON volunteer_person (organisation, campaign)",
    "CREATE INDEX volunteer_shift_office ON volunteer_shift (organisation, campaign)",
    "CREATE INDEX volunteer_device_office ON volunteer_device (organisation, campaign)",
    "CREATE INDEX volunteer_conflict_office ON volunteer_conflict (organisation, campaign)",
    "CREATE INDEX volunteer_shift_offered ON volunteer_shift (starts_at, organisation) WHERE published_at IS NOT NULL AND cancelled_at IS NULL",
)


async def create() -> None:
    """Every index, in the migration's own transaction."""
    for statement in INDEXES:
        await database.execute(statement)


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="volunteer", description=DESCRIPTION
    )

    manager.alter_column(
        table_class_name="Volunteer",
        tablename="volunteer_person",
        column_name="organisation",
        db_column_name="organisation",
        params={"index": False},
        old_params={"index": True},
        column_class=ForeignKey,
        old_column_class=ForeignKey,
        schema=None,
    )

    manager.alter_column(
        table_class_name="Shift",
        tablename="volunteer_shift",
        column_name="organisation",
        db_column_name="organisation",
        params={"index": False},
        old_params={"index": True},
        column_class=ForeignKey,
        old_column_class=ForeignKey,
        schema=None,
    )

    manager.alter_column(
        table_class_name="Device",
        tablename="volunteer_device",
        column_name="organisation",
        db_column_name="organisation",
        params={"index": False},
        old_params={"index": True},
        column_class=ForeignKey,
        old_column_class=ForeignKey,
        schema=None,
    )

    manager.alter_column(
        table_class_name="Conflict",
        tablename="volunteer_conflict",
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
