"""Writing a recap as JSON: the manuscript in one piece, and the photos one by one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import msgspec
from litestar import Request, Response, delete, get, patch, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from api.kit import forms, large
from api.kit.campaign_pages import catalogue_of, process_of
from api.kit.idempotency import create_once
from api.kit.problems import Problem
from api.recap.photo_forms import consent_of, picture_of, words_of
from api.recap.writing import checking, desk_of, figures_of
from core.recap import build
from core.recap.manuscript import (
    changes as manuscript_changes,
)
from core.recap.manuscript import (
    manuscripts,
    parts,
    photo_changes,
    photos,
)
from core.recap.manuscript.changes import Wanted
from core.recap.manuscript.manuscripts import Desk
from core.recap.manuscript.parts import Part
from core.recap.manuscript.photos import StoredPhoto, Words
from core.refusals import Fault

WRITE, VIEW = {"permission": manuscripts.WRITE}, {"permission": manuscripts.VIEW}
TAGS = ["recap"]
ADDRESS = "/api/v1/campaigns/{campaign:str}/recap/manuscript"
PHOTOS = "/api/v1/campaigns/{campaign:str}/recap/photos"
Key = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class PartIn(msgspec.Struct, forbid_unknown_fields=True):
    """A part at its place; an empty ``title`` stands for the usual one."""

    key: Key
    title: str = ""
    text: str = ""
    hidden: bool = False


class PartOut(msgspec.Struct):
    """A part; ``kind`` is ``generated`` or ``written``."""

    key: str
    kind: str
    title: str
    usual_title: str
    text: str
    hidden: bool


class ManuscriptIn(msgspec.Struct, forbid_unknown_fields=True):
    """The whole manuscript anew; ``revision`` is the one that was read."""

    revision: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    title: str = ""
    recipient: str = ""
    parts: list[PartIn] = []


class ManuscriptOut(msgspec.Struct):
    """The manuscript, every part of it in order, those that nobody has touched too."""

    revision: int
    title: str
    usual_title: str
    recipient: str
    changed_by: str
    changed_at: datetime | None
    parts: list[PartOut]


class PhotoOut(msgspec.Struct):
    """A photo. ``position`` counts from 1, null for one that only versions show."""

    key: str
    position: int | None
    caption: str
    description: str
    consent: str
    width: int
    height: int
    withdrawn: bool
    picture: str


class PhotoChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is to change; what is left out stays."""

    caption: str | msgspec.UnsetType = msgspec.UNSET
    description: str | msgspec.UnsetType = msgspec.UNSET
    position: Annotated[int, msgspec.Meta(ge=1, le=1000)] | msgspec.UnsetType = msgspec.UNSET


async def _out(request: Request[Any, Any, Any], desk: Desk) -> ManuscriptOut:
    found = await manuscripts.read(desk.scope.campaign_id, desk.scope.organisation_id)
    return ManuscriptOut(
        revision=found.revision,
        title=found.title,
        usual_title=build.usual_title(desk.campaign.title(await catalogue_of(request))),
        recipient=found.recipient,
        changed_by=found.changed_by,
        changed_at=found.changed_at,
        parts=[
            PartOut(
                key=part.key,
                kind="written" if part.is_written else "generated",
                title=part.title,
                usual_title=parts.usual_title(part.key, desk.children),
                text=part.text,
                hidden=part.hidden,
            )
            for part in manuscripts.all_parts(desk, found)
        ],
    )


def photo_out(desk: Desk, photo: StoredPhoto) -> PhotoOut:
    """A photo as the API gives it."""
    base = f"/campaigns/{quote(desk.campaign.key, safe='')}/recap/photos/{photo.key}/picture.jpg"
    return PhotoOut(
        key=photo.key,
        position=None if photo.is_taken_out else photo.position + 1,
        caption=photo.words.caption,
        description=photo.words.description,
        consent=photo.consent.said,
        width=photo.width,
        height=photo.height,
        withdrawn=not photo.is_there,
        picture=f"{base}?{urlencode({'organisation': desk.scope.organisation})}",
    )


@get(ADDRESS, opt=VIEW, tags=TAGS)
async def manuscript_item(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> ManuscriptOut:
    """Give what an office adds to its recap, and the order of its parts."""
    _, desk = await desk_of(request, campaign, organisation, manuscripts.VIEW)
    return await _out(request, desk)


@put(ADDRESS, opt=WRITE, tags=TAGS)
async def manuscript_set(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    data: JSONBody[ManuscriptIn],
    organisation: FromQuery[str] = "",
) -> ManuscriptOut:
    """Write it anew; parts that are left out stand where they usually do, free ones are gone.

    Answers 409 (``stale_revision``) when somebody has changed it since ``revision``.
    """
    actor, desk = await desk_of(request, campaign, organisation, manuscripts.WRITE)
    check = checking(await figures_of(desk.campaign, process_of(request).plugins))
    wanted = Wanted(
        data.title.strip(),
        data.recipient,
        tuple(Part(p.key, p.title.strip(), p.text, p.hidden) for p in data.parts),
    )
    await manuscript_changes.put(actor, desk, data.revision, wanted, check=check)
    return await _out(request, desk)


@get(PHOTOS, opt=WRITE, tags=TAGS)
async def photo_index(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> list[PhotoOut]:
    """List an office's photos in their order; names are masked."""
    _, desk = await desk_of(request, campaign, organisation, manuscripts.WRITE)
    found = await photos.listed(desk.scope.campaign_id, desk.scope.organisation_id)
    return [photo_out(desk, photo) for photo in found]


@post(PHOTOS, opt={**WRITE, **large.ANSWER}, tags=TAGS)
async def photo_add(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[PhotoOut]:
    """Put a photo in, as a form of several parts.

    ``file`` (JPEG, PNG or WebP), ``caption``, ``description``, ``people`` (``nobody`` or
    ``agreed``), and for ``agreed`` ``names`` and ``how``.
    """
    actor, desk = await desk_of(request, campaign, organisation, manuscripts.WRITE)
    await request.body()  # kept, for the repeat of the same request is known by it
    form = await forms.read(request)
    words, consent, picture = words_of(form), consent_of(form), await picture_of(form)
    if not form.ok or picture is None or consent is None:
        raise _faulty(form)

    async def work() -> PhotoOut:
        key = await photo_changes.add(actor, desk, picture, words, consent)
        return photo_out(desk, await photos.find(desk, key))

    base = f"/api/v1/campaigns/{quote(campaign, safe='')}/recap/photos/"
    asked = urlencode({"organisation": desk.scope.organisation})
    return await create_once(request, work, location=lambda made: f"{base}{made['key']}?{asked}")


@get(f"{PHOTOS}/{{key:str}}", opt=WRITE, tags=TAGS)
async def photo_item(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    organisation: FromQuery[str] = "",
) -> PhotoOut:
    """Give one photo."""
    _, desk = await desk_of(request, campaign, organisation, manuscripts.WRITE)
    return photo_out(desk, await photos.find(desk, key))


@patch(f"{PHOTOS}/{{key:str}}", opt=WRITE, tags=TAGS)
async def photo_change(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    data: JSONBody[PhotoChange],
    organisation: FromQuery[str] = "",
) -> PhotoOut:
    """Say something else of a photo, or put it at another place."""
    actor, desk = await desk_of(request, campaign, organisation, manuscripts.WRITE)
    photo = await photos.find(desk, key)
    caption = photo.words.caption if data.caption is msgspec.UNSET else data.caption.strip()
    said = data.description
    described = photo.words.description if said is msgspec.UNSET else said.strip()
    if (words := Words(caption, described)) != photo.words:
        await photo_changes.change(actor, desk, key, words)
    if data.position is not msgspec.UNSET:
        await photo_changes.move(actor, desk, key, data.position - 1)
    return photo_out(desk, await photos.find(desk, key))


@delete(f"{PHOTOS}/{{key:str}}", opt=WRITE, tags=TAGS)
async def photo_remove(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    organisation: FromQuery[str] = "",
    withdraw: FromQuery[bool] = False,
) -> None:
    """Take a photo out; with ``?withdraw=true`` wipe it, also from versions that show it."""
    actor, desk = await desk_of(request, campaign, organisation, manuscripts.WRITE)
    act = photo_changes.withdraw if withdraw else photo_changes.remove
    await act(actor, desk, key)


def _faulty(form: forms.Form) -> Problem:
    """The faults of a form as a programme reads them."""
    found = [Fault(f"/{name}" if name else "", "value", said) for name, said in form.errors.items()]
    return Problem(422, errors=found)


ROUTES = [
    manuscript_item,
    manuscript_set,
    photo_index,
    photo_add,
    photo_item,
    photo_change,
    photo_remove,
]
