"""The plugin as a Piccolo app: its table and migrations."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig

from tongxing_hearing_test.tables import TABLES

APP_CONFIG = AppConfig(
    app_name="hearing_test",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=TABLES,
    migration_dependencies=["core.piccolo_app", "events.piccolo_app"],
    commands=[],
)
