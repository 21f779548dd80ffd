"""What is kept about a volunteer: to read, to take along, and to have erased."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from api.kit import cookies, forms, pages
from api.kit.guards import current_actor
from core.documents import canonical
from core.refusals import Refusal
from plugins.volunteer.self_service import departure
from plugins.volunteer.self_service.own import HOME, OWN, own_profile, render, without_profile
from plugins.volunteer.signing_up import consent

DATA = f"{HOME}/data"
LEAVE = f"{HOME}/leave"


@get(DATA, **OWN)
async def my_data(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show what is kept, and what it is for."""
    profile = await own_profile(request)
    if profile is None:
        return without_profile()
    told = await departure.told(profile)
    return render(
        request,
        "volunteer/self_service/data.html",
        "/data",
        profile=profile,
        told=told,
        agreed_to=consent.TEXTS.get(profile.consent.get("text", ""), ()),
    )


@get(f"{DATA}.json", **OWN)
async def my_data_file(request: Request[Any, Any, Any]) -> Response[Any]:
    """Give everything that is kept as a file."""
    profile = await own_profile(request)
    if profile is None:
        return without_profile()
    told = await departure.told(profile)
    await departure.note_export(current_actor(request), profile)
    headers = {
        "Content-Disposition": f'attachment; filename="volunteer-{profile.number}.json"',
        "Cache-Control": "private, no-store",
    }
    return Response(canonical(told).encode(), media_type="application/json", headers=headers)


@get(LEAVE, **OWN)
async def leaving(request: Request[Any, Any, Any]) -> Response[Any]:
    """Ask whether somebody really wants to leave, and say what stays."""
    profile = await own_profile(request)
    if profile is None:
        return without_profile()
    return render(request, "volunteer/self_service/leave.html", "/data", form=forms.Form())


@post(LEAVE, **OWN)
async def left(request: Request[Any, Any, Any]) -> Response[Any]:
    """Erase who somebody is, and sign him out."""
    profile = await own_profile(request)
    if profile is None:
        return without_profile()
    form = await forms.read(request)
    password = form.secret("password")
    if form.ok:
        try:
            await departure.leave(current_actor(request), profile, password)
        except Refusal as refusal:
            form.absorb(refusal)
    if not form.ok:
        return render(request, "volunteer/self_service/leave.html", "/data", status=422, form=form)
    request.scope["user"], request.scope["auth"] = None, None  # the page is a stranger's by now
    response = pages.render(request, "volunteer/self_service/gone.html")
    cookies.end_session(request, response)
    return response


PAGES: list[Any] = [my_data, my_data_file, leaving, left]
