"""All commands of core."""

from __future__ import annotations

import click

from core.commands.campaigns import (
    export_command,
    import_command,
    observances_command,
)
from core.commands.checking import check_command
from core.commands.installation import doctor_command, migrate_command, plugins_command
from core.commands.keeping import backup_command, restore_command
from core.commands.people import organisation_group, token_group, user_group
from core.commands.personal import personal_group
from core.commands.proofread import proofread_command
from core.commands.recap import recap_command, render_command

COMMANDS: tuple[click.Command, ...] = (
    import_command,
    export_command,
    recap_command,
    proofread_command,
    render_command,
    observances_command,
    migrate_command,
    plugins_command,
    doctor_command,
    check_command,
    backup_command,
    restore_command,
    user_group,
    token_group,
    organisation_group,
    personal_group,
)
