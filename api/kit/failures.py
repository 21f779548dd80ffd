"""What becomes of an exception: a problem document, or a page for those who look at pages.

An unexpected error is logged by its type and the places it went through, never by its message,
which may hold somebody's name.
"""

from __future__ import annotations

import json
import logging
import traceback
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from api.kit import bodies, pages, places, requests
from api.kit.problems import (
    MEDIA_TYPE,
    SENTENCES,
    NotFound,
    Problem,
    SignInNeeded,
    document,
    from_refusal,
)
from core.database import unstorable
from core.database.faults import FULL, DatabaseFault, fault_of
from core.refusals import Fault, Missing, Refusal

log = logging.getLogger("tongxing.http")


def as_problem(request: Request[Any, Any, Any], error: Exception) -> Problem:
    """What to answer for any exception. An unexpected one is logged here."""
    error = places.missing(request) or error
    if isinstance(error, Problem | Refusal):
        return from_refusal(error) if isinstance(error, Refusal) else error
    if isinstance(error, Missing):
        return NotFound(f"{error}。" if str(error) else "")
    if isinstance(error, HTTPException):
        return _from_framework(request, error)
    if bodies.is_unreadable(error):
        return Problem(400)
    if (fault := fault_of(error)) is not None:
        return from_fault(request, error, fault)
    log_unexpected(request, error)
    return _from_unstorable(request) if unstorable.is_unstorable(error) else Problem(500)


def from_fault(
    request: Request[Any, Any, Any], error: BaseException, fault: DatabaseFault
) -> Problem:
    """What to answer when the database or its disk cannot do what was asked; logged in one line."""
    log.error(
        "request %s: %s: %s",
        requests.request_id(request),
        fault.code,
        type(error).__name__,
    )
    status = 507 if fault is FULL else 503
    return Problem(status, fault.code, fault.sentence, again_after=fault.again_after)


def _from_unstorable(request: Request[Any, Any, Any]) -> Problem:
    """A number that fits no column names nothing, where it stands in the address."""
    numbers = [each for each in request.path_params.values() if isinstance(each, int)]
    if any(abs(each) >= 2**31 for each in numbers):
        return NotFound()
    return Problem(422, errors=[Fault("", "value", unstorable.SENTENCE)])


def _from_framework(request: Request[Any, Any, Any], error: HTTPException) -> Problem:
    if faults := bodies.faults(request, error):
        return Problem(422, errors=faults)
    status = error.status_code
    return Problem(status if status in SENTENCES else 400 if status < 500 else 500)


def log_unexpected(request: Request[Any, Any, Any], error: Exception) -> None:
    """Log an unexpected error by request, type and place, never by its message."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{each.filename}:{each.lineno} {each.name}" for each in reversed(frames))
    template = request.scope.get("path_template", "?")
    request_id = requests.request_id(request)
    log.error(
        "request %s: %s %s: %s at %s",
        request_id,
        request.method,
        template,
        type(error).__name__,
        places,
    )


def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer an exception: the exception handler of the whole application."""
    problem = as_problem(request, error)
    if requests.wants_page(request):
        if isinstance(problem, SignInNeeded):
            return Redirect(requests.sign_in_address(request), status_code=303)
        page = pages.render(
            request,
            "api/problem.html",
            status=problem.status,
            problem=problem,
            request_id=requests.request_id(request),
        )
        page.headers.update(_headers(problem))
        return page
    content = json.dumps(document(problem, requests.request_id(request)), ensure_ascii=False)
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
    return Response(
        content.encode(),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={**headers, **_headers(problem)},
    )


def _headers(problem: Problem) -> dict[str, str]:
    """When to come again, where that is known."""
    return {} if problem.again_after is None else {"Retry-After": str(problem.again_after)}
