"""Uniqueness over several columns and the indexes of lists: Piccolo cannot declare them on SQLite."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from core import database

ID = "2026-11-22T04:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Unique and list indexes"

INDEXES = (
    "CREATE UNIQUE INDEX organisation_closure_pair ON organisation_closure (ancestor, descendant)",
    "CREATE UNIQUE INDEX campaign_plugin_pair ON campaign_plugin (campaign, plugin)",
    "CREATE UNIQUE INDEX campaign_participant_pair ON campaign_participant (campaign, organisation)",
    "CREATE UNIQUE INDEX campaign_closure_pair ON campaign_closure (campaign, ancestor, descendant)",
    "CREATE UNIQUE INDEX campaign_closure_up ON campaign_closure (campaign, descendant, ancestor)",
    "CREATE UNIQUE INDEX metric_key ON metric (campaign, key)",
    "CREATE UNIQUE INDEX target_place ON target (campaign, metric, organisation)",
    "CREATE UNIQUE INDEX reported_figure_key ON reported_figure (campaign, key)",
    "CREATE UNIQUE INDEX reported_figure_total ON reported_figure (campaign, metric, organisation, COALESCE(activity, '')) WHERE basis = 'total'",
    "CREATE UNIQUE INDEX account_grant_triple ON account_grant (account, role, organisation)",
    "CREATE UNIQUE INDEX idempotency_key_actor ON idempotency_key (actor, key)",
    "CREATE INDEX audit_entry_campaign ON audit_entry (campaign, id)",
    "CREATE INDEX audit_entry_thing ON audit_entry (thing, thing_key, id)",
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
