"""All handlers of a resource."""

from __future__ import annotations

from typing import Any

from api.kit.records.data import data_routes
from api.kit.records.import_pages import import_routes
from api.kit.records.list_pages import list_routes
from api.kit.records.record_pages import record_routes
from api.kit.records.resource import Resource
from api.kit.records.sheets import Intake, ResourceIntake


def routes(
    resource: Resource,
    *,
    intake: Intake | None = None,
    own_page: bool = False,
    own_list: bool = False,
) -> list[Any]:
    """Pages, spreadsheets and JSON of a resource, for ``register_routes``.

    ``intake`` reads another spreadsheet than one with a record a row; ``own_page`` and ``own_list``
    leave a record's page and the list's page to the plugin.
    """
    pages = [
        *list_routes(resource),
        *record_routes(resource, own_page=own_page),
        *import_routes(intake or ResourceIntake(resource)),
    ]
    path = f"/campaigns/{{campaign:str}}/{resource.plugin}/{resource.key}"
    if own_list:
        pages = [each for each in pages if path not in each.paths]
    return [*pages, *data_routes(resource)]
