"""Records of plugins: declared once, then listed, added, changed, imported and served as JSON.

``Resource`` says what a kind of record is; ``routes(resource)`` gives its pages and its JSON;
``add``, ``change`` and ``remove`` write. docs/plugins.md shows how.
"""

from __future__ import annotations

from api.kit.records.fields import ABSENT, ACTIVITY, Field, Reference
from api.kit.records.reading import find, listing
from api.kit.records.resource import Batch, Dependent, Entry, Resource, Rules, Work
from api.kit.records.routes import routes
from api.kit.records.writing import add, change, put, remove

__all__ = [
    "ABSENT",
    "ACTIVITY",
    "Batch",
    "Dependent",
    "Entry",
    "Field",
    "Reference",
    "Resource",
    "Rules",
    "Work",
    "add",
    "change",
    "find",
    "listing",
    "put",
    "remove",
    "routes",
]
