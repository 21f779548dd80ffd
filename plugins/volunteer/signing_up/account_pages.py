"""Registering as a volunteer, and signing in by phone or number."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.response import Redirect

from api.kit import cookies, csrf, forms, limits, pages, requests
from api.kit.records.values import LIST_MARKS
from core import moments
from core.refusals import Refusal
from core.sessions import open_session, resolve_session
from core.sign_in import authenticate
from plugins.volunteer.signing_up import consent, numbers, offers, profiles, registering
from plugins.volunteer.signing_up.public_pages import HOME, OPEN, REGISTER, SIGN_IN, somebody
from plugins.volunteer.signing_up.registering import Registration

MINE = "/volunteer/me"
NOT_OPENED = "手机号（或编号）或者密码不对，或者账号现在不能用。连续输错五次，账号会锁定 15 分钟。"
STALE = "页面放得太久了，请再填一次。"
NOBODY_ELSE = "您正用单位的账号登录，请先退出登录，再登记志愿者。"
LABELS = {
    "name": "姓名",
    "phone": "手机号",
    "organisation": "所属单位",
    "skills": "技能",
    "password": "密码",
    "agrees": "同意书",
    "adult": "年龄",
    "born": "出生日期",
    "guardian_name": "监护人姓名",
    "guardian_phone": "监护人手机号",
    "guardian_agrees": "监护人同意",
}


def _target(address: str) -> str:
    """Where somebody goes on to: a page of ours, by default his own."""
    local = requests.local_path(address)
    return MINE if local == "/" else local


def _with_token(
    request: Request[Any, Any, Any], template: str, *, status: int = 200, **context: Any
) -> Response[Any]:
    """A form for strangers, with a token of its own that a cookie repeats."""
    token = cookies.sign_in_token(request)
    response = pages.render(request, template, status=status, form_token=token, **context)
    seconds = cookies.SIGN_IN_SECONDS
    cookies.write(request, response, cookies.SIGN_IN, token, seconds=seconds, same_site="strict")
    return response


async def _open(
    request: Request[Any, Any, Any], account: int, target: str, message: str
) -> Response[Any]:
    """Start the session, and say on the next page what was done."""
    now = moments.now()
    token = await open_session(account, now)
    # From here on the request is his: messages are signed with the session's token.
    request.scope["user"], request.scope["auth"] = await resolve_session(token, now), token
    response = pages.see_other(request, target, message)
    cookies.start_session(request, response, token)
    return response


async def _register_page(
    request: Request[Any, Any, Any], form: forms.Form, status: int = 200
) -> Response[Any]:
    following = requests.local_path(form.value("next"))
    here = f"{REGISTER}?next={quote(following, safe='')}"
    return _with_token(
        request,
        "volunteer/signing_up/register.html",
        status=status,
        form=form,
        summary=form.named(LABELS),
        minor=form.value("age") == "minor",
        minor_href=f"{here}&age=minor",
        adult_href=here,
        sign_in_href=f"{SIGN_IN}?next={quote(following, safe='')}",
        offices=await offers.offices(moments.now()),
        skills=[{"value": each, "label": each} for each in registering.SKILLS],
        consent=consent.paragraphs(),
        foreign=requests.actor_or_none(request) is not None,
    )


@get(REGISTER, **OPEN)
async def register_form(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show the form; who is a volunteer already goes on."""
    query = request.query_params
    if await somebody(request):
        return Redirect(_target(query.get("next", "")), status_code=303)
    known = {name: query.get(name, "") for name in ("next", "age", "organisation")}
    return await _register_page(request, forms.filled(known.items()))


def _registration(form: forms.Form) -> Registration:
    """What the form states; its own faults are noted in it."""
    minor = form.value("age") == "minor"
    other = [each.strip() for each in LIST_MARKS.split(form.text("other_skills")) if each.strip()]
    skills = dict.fromkeys([*form.chosen("skills", registering.SKILLS), *other])
    return Registration(
        name=form.text("name"),
        phone=form.text("phone"),
        organisation=form.key("organisation") or "",
        password=form.secret("password", required=False),
        agrees=form.flag("agrees"),
        adult=form.flag("adult"),
        minor=minor,
        born=form.day("born") if minor else None,
        guardian_name=form.text("guardian_name") if minor else "",
        guardian_phone=form.text("guardian_phone") if minor else "",
        guardian_agrees=minor and form.flag("guardian_agrees"),
        skills=tuple(skills),
    )


@post(REGISTER, opt={"public": True, "limit": "register"}, include_in_schema=False)
async def register(request: Request[Any, Any, Any]) -> Response[Any]:
    """Make a volunteer of a stranger and sign him in."""
    csrf.check_origin(request)
    form = await forms.read(request)
    given = _registration(form)
    now = moments.now()
    if not cookies.check_sign_in_token(request, form.values.get(csrf.FIELD, "")):
        form.fail("", STALE)
    elif requests.actor_or_none(request) is not None:
        form.fail("", NOBODY_ELSE)
    await _check(form, given, now)
    if not form.ok:
        return await _register_page(request, form, 422)
    try:
        account, number = await registering.register(given, now)
    except Refusal as refusal:
        form.absorb(refusal)
        return await _register_page(request, form, 422)
    message = f"登记好了。您的志愿者编号是{number}，请记下来；以后用手机号或编号登录。"
    return await _open(request, account, _target(form.value("next")), message)


async def _check(form: forms.Form, given: Registration, now: datetime) -> None:
    """Note every fault in the form."""
    for fault in registering.faults(given, moments.day_of(now)):
        form.fail(fault.member, fault.message)
    if given.organisation not in {choice["value"] for choice in await offers.offices(now)}:
        form.fail("organisation", registering.NO_OFFICE)


def _sign_in_page(
    request: Request[Any, Any, Any], form: forms.Form, status: int = 200
) -> Response[Any]:
    following = requests.local_path(form.value("next"))
    return _with_token(
        request,
        "volunteer/signing_up/sign_in.html",
        status=status,
        form=form,
        register_href=f"{REGISTER}?next={quote(following, safe='')}",
    )


@get(SIGN_IN, **OPEN)
async def sign_in_form(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show the form; who is signed in already goes on."""
    target = request.query_params.get("next", "")
    if requests.actor_or_none(request) is not None:
        volunteer = await somebody(request)
        return Redirect(_target(target) if volunteer else HOME, status_code=303)
    return _sign_in_page(request, forms.filled([("next", target)]))


@post(SIGN_IN, opt={"public": True, "limit": "sign-in"}, include_in_schema=False)
async def sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """Open a session, or say the one sentence for whatever was wrong."""
    csrf.check_origin(request)
    form = await forms.read(request)
    typed = form.text("name", required=True, longest=64)
    password = form.secret("password")
    if not cookies.check_sign_in_token(request, form.values.get(csrf.FIELD, "")):
        form.fail("", STALE)
    if not form.ok:
        return _sign_in_page(request, form, 422)
    phone = numbers.mobile(typed)
    # A phone that nobody registered is tried as a name that nobody has: it takes as long.
    name = (await profiles.account_name(phone) if phone else typed) or ""
    try:
        account = await authenticate(name, password, moments.now())
    except Refusal:
        form.fail("", NOT_OPENED)
        return _sign_in_page(request, form, 422)
    limits.give_back(request)
    return await _open(request, account, _target(form.value("next")), "")


ACCOUNTS: list[Any] = [register_form, register, sign_in_form, sign_in]
