"""Signing in and out."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from api.kit import cookies, csrf, forms, limits, pages, requests
from api.kit.guards import current_actor
from core import moments
from core.sessions import close_session, open_session
from core.sign_in import SignInRefusedError, authenticate

PUBLIC = {"public": True}
STALE = "页面放得太久了，请再填一次。"
LEFT = {"kind": "good", "text": "您已退出登录。"}


def _page(
    request: Request[Any, Any, Any], form: forms.Form, status: int = 200, *, left: bool = False
) -> Response[Any]:
    """The sign-in form, with a token of its own that a cookie repeats."""
    token = cookies.sign_in_token(request)
    response = pages.render(
        request,
        "api/sign_in.html",
        status=status,
        form=form,
        csrf_token=token,
        messages=[LEFT] if left else [],
    )
    cookies.write(
        request,
        response,
        cookies.SIGN_IN,
        token,
        seconds=cookies.SIGN_IN_SECONDS,
        same_site="strict",
    )
    return response


@get("/sign-in", opt=PUBLIC, include_in_schema=False)
async def sign_in_form(
    request: Request[Any, Any, Any], left: FromQuery[bool] = False
) -> Response[Any]:
    """Show the sign-in form; who is signed in already goes on."""
    target = requests.local_path(request.query_params.get("next", "/"))
    if requests.actor_or_none(request) is not None:
        return Redirect(target, status_code=303)
    return _page(request, forms.filled([("next", target)]), left=left)


@post("/sign-in", opt={**PUBLIC, "limit": "sign-in"}, include_in_schema=False)
async def sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """Open a session, or show the form again with the one sentence for whatever was wrong."""
    csrf.check_origin(request)
    form = await forms.read(request)
    name, password = form.text("name", required=True, longest=64), form.secret("password")
    if not cookies.check_sign_in_token(request, form.values.get(csrf.FIELD, "")):
        form.fail("", STALE)
    if not form.ok:
        return _page(request, form, 422)
    now = moments.now()
    try:
        account_id = await authenticate(name, password, now)
    except SignInRefusedError as refusal:
        form.absorb(refusal)
        return _page(request, form, 422)
    limits.give_back(request)
    token = await open_session(account_id, now)
    response = Redirect(requests.local_path(form.values.get("next", "/")), status_code=303)
    cookies.start_session(request, response, token)
    return response


@post("/sign-out", opt={"signed_in": True}, include_in_schema=False)
async def sign_out(request: Request[Any, Any, Any]) -> Response[Any]:
    """End the session; the browser keeps nothing of it."""
    if token := requests.session_token(request):
        await close_session(current_actor(request), token)
    response = Redirect("/sign-in?left=true", status_code=303)
    cookies.end_session(request, response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


ROUTES = [sign_in_form, sign_in, sign_out]
