"""An office's rows are looked for in a campaign: by both, so that other campaigns' cost nothing."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import ForeignKey

from core import database

ID = "2026-11-22T09:59:49:217936"
VERSION = "1.38.0"
DESCRIPTION = "Indexes by office and campaign"

INDEXES = (
    "CREATE INDEX campaign_participant_office ON campaign_participant (organisation, campaign)",
    "CREATE INDEX target_office ON target (organisation, campaign)",
    "CREATE INDEX reported_figure_office ON reported_figure (organisation, campaign)",
    "CREATE INDEX feed_token_office ON feed_token (organisation, campaign)",
    "CREATE INDEX recap_manuscript_office ON recap_manuscript (organisation, campaign)",
    "CREATE INDEX recap_version_office ON recap_version (organisation, campaign)",
    "CREATE INDEX recap_print_office ON recap_print (organisation, campaign)",
    "CREATE INDEX recap_rendering_office ON recap_rendering (organisation, campaign)",
)


async def create() -> None:
    """Every index, in the migration's own transaction."""
    for statement in INDEXES:
        await database.execute(statement)


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="core", description=DESCRIPTION
    )

    manager.alter_column(
        table_class_name="CampaignOrganisation",
        tablename="campaign_participant",
        column_name="organisation",
        db_column_name="organisation",
        params={"index": False},
        old_params={"index": True},
        column_class=ForeignKey,
        old_column_class=ForeignKey,
        schema=None,
    )

    manager.alter_column(
        table_class_name="Target",
        tablename="target",
        column_name="organisation",
        db_column_name="organisation",
        params={"index": False},
        old_params={"index": True},
        column_class=ForeignKey,
        old_column_class=ForeignKey,
        schema=None,
    )

    manager.alter_column(
        table_class_name="ReportedFigure",
        tablename="reported_figure",
        column_name="organisation",
        db_column_name="organisation",
        params={"index": False},
        old_params={"index": True},
        column_class=ForeignKey,
        old_column_class=ForeignKey,
        schema=None,
    )

    manager.alter_column(
        table_class_name="FeedToken",
        tablename="feed_token",
        column_name="organisation",
        db_column_name="organisation",
        params={"index": False},
        old_params={"index": True},
        column_class=ForeignKey,
        old_column_class=ForeignKey,
        schema=None,
    )

    manager.alter_column(
        table_class_name="RecapManuscript",
        tablename="recap_manuscript",
        column_name="organisation",
        db_column_name="organisation",
        params={"index": False},
        old_params={"index": True},
        column_class=ForeignKey,
        old_column_class=ForeignKey,
        schema=None,
    )

    manager.alter_column(
        table_class_name="RecapVersion",
        tablename="recap_version",
        column_name="organisation",
        db_column_name="organisation",
        params={"index": False},
        old_params={"index": True},
        column_class=ForeignKey,
        old_column_class=ForeignKey,
        schema=None,
    )

    manager.alter_column(
        table_class_name="RecapPrint",
        tablename="recap_print",
        column_name="organisation",
        db_column_name="organisation",
        params={"index": False},
        old_params={"index": True},
        column_class=ForeignKey,
        old_column_class=ForeignKey,
        schema=None,
    )

    manager.alter_column(
        table_class_name="Rendering",
        tablename="recap_rendering",
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
