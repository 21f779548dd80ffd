"""The OpenAPI document, completed: what every operation may refuse with, told in one place.

The framework writes what a handler takes and gives. Who may be refused, and how, follows from the
handler's ``opt`` and from what it takes, so it is worked out here rather than said at each route.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from litestar import Litestar, Request
from litestar.handlers import BaseRouteHandler
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.routes import HTTPRoute

from api.kit import csrf
from api.kit.problems import MEDIA_TYPE, SENTENCES

OPERATIONS = ("get", "post", "put", "patch", "delete")
PROBLEM = {"$ref": "#/components/schemas/Problem"}
# RFC 9457, with our own members; api.kit.problems.document writes it.
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string", "description": "urn:tongxing:problem: 加上 code"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "给程序用的代号，不会改变"},
        "detail": {"type": "string", "description": "给人看的一句话"},
        "request_id": {"type": "string", "description": "这次请求的编号，日志里也有"},
        "errors": {
            "type": "array",
            "description": "逐项列出的错误",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "additionalProperties": False,
                "properties": {
                    "pointer": {"type": "string", "description": "JSON 指针，空为整体"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
WAITED = {"Retry-After": {"schema": {"type": "integer"}, "description": "多少秒之后再试"}}


class Document(JsonRenderPlugin):
    """Serves the completed document; it is worked out once."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json")
        self._content = b""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The document as JSON."""
        if not self._content:
            made = completed(openapi_schema, request.app)
            self._content = json.dumps(made, ensure_ascii=False).encode()
        return self._content


def completed(document: dict[str, Any], app: Litestar) -> dict[str, Any]:
    """The document with every refusal of every operation."""
    made = deepcopy(document)
    made["components"].setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    handlers = {
        (route.path_format or "/", method.lower()): handler
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
    }
    for path, item in made["paths"].items():
        for method in OPERATIONS:
            if method in item:
                operation, handler = item[method], handlers[path, method]
                _complete(operation, refusals(handler, method, operation), method)
                if handler.opt.get("public"):
                    operation["security"] = []
    return made


def refusals(handler: BaseRouteHandler, method: str, operation: dict[str, Any]) -> set[int]:
    """The statuses that a handler may refuse with."""
    found = {400, 404, 503}
    unsafe = method.upper() not in csrf.SAFE
    if not handler.opt.get("public"):
        found.add(401)
        if unsafe or handler.opt.get("permission"):
            found.add(403)
    if unsafe:
        found |= {408, 409, 413, 415, 422, 507}
    if operation.get("parameters"):
        found.add(422)
    if handler.opt.get("limit"):
        found.add(429)
    return found


def _complete(operation: dict[str, Any], statuses: Iterable[int], method: str) -> None:
    """Write refusals, and 304 for what can be compared, among an operation's responses."""
    responses = operation["responses"]
    responses.pop("400", None)  # the framework's own form of an error, which nobody gets
    for status in sorted(statuses):
        _, title, sentence = SENTENCES[status]
        answer = {
            "description": f"{title}：{sentence}",
            "content": {MEDIA_TYPE: {"schema": PROBLEM}},
        }
        responses[str(status)] = answer | ({"headers": WAITED} if status in {429, 503, 507} else {})
    if method == "get":
        responses["304"] = {"description": "没有变化"}
