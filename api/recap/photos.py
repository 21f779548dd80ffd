"""Pages of the photos in a recap: putting them in, saying what they show, taking them out."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from api.kit import forms, large, pages
from api.kit.conditional import strong_etag
from api.recap.links import recap_links
from api.recap.photo_forms import LABELS, PEOPLE, consent_of, picture_of, words_of
from api.recap.writing import MANUSCRIPT, Writing, photo_rest, status_of, writing
from core.recap.manuscript import manuscripts, photo_changes, photos
from core.recap.manuscript.photo_changes import MOST
from core.recap.manuscript.photos import StoredPhoto
from core.refusals import Refusal

WRITE, VIEW = {"permission": manuscripts.WRITE}, {"permission": manuscripts.VIEW}
REST = "/recap/photos"
ADDRESS = f"/campaigns/{{campaign:str}}{REST}"
ONE = f"{ADDRESS}/{{key:str}}"
UP, DOWN = "up", "down"


@get(ADDRESS, opt=WRITE, include_in_schema=False)
async def photos_page(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[Any]:
    """Show an office's photos in their order, and the form for a further one."""
    at = await writing(request, campaign, organisation)
    return await _list(request, at, forms.Form())


@post(ADDRESS, opt={**WRITE, **large.ANSWER}, include_in_schema=False)
async def photo_add(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[Any]:
    """Put a photo in."""
    at, form = await writing(request, campaign, organisation), await forms.read(request)
    words, consent, picture = words_of(form), consent_of(form), await picture_of(form)
    try:
        if form.ok and picture is not None and consent is not None:
            key = await photo_changes.add(at.page.actor, at.desk, picture, words, consent)
            return pages.see_other(request, f"{at.href(REST)}#photo-{key}", "已放进这张照片。")
    except Refusal as refusal:
        for fault in refusal.faults:  # a file is a field without a text, which absorb() overlooks
            form.fail(fault.member if fault.member in LABELS else "", fault.message)
        return await _list(request, at, form, status_of(refusal))
    return await _list(request, at, form, 422)


@get(ONE, opt=WRITE, include_in_schema=False)
async def photo_page(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    organisation: FromQuery[str] = "",
) -> Response[Any]:
    """Show the form for what is said of a photo."""
    at = await writing(request, campaign, organisation)
    photo = await photos.find(at.desk, key)
    words = [("caption", photo.words.caption), ("description", photo.words.description)]
    return _form(request, at, photo, forms.filled([*words, ("people", "keep")]))


@post(ONE, opt=WRITE, include_in_schema=False)
async def photo_change(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    organisation: FromQuery[str] = "",
) -> Response[Any]:
    """Say something else of a photo."""
    at, form = await writing(request, campaign, organisation), await forms.read(request)
    photo = await photos.find(at.desk, key)
    words, consent = words_of(form), consent_of(form, keep=True)
    try:
        if form.ok:
            await photo_changes.change(at.page.actor, at.desk, key, words, consent)
            return pages.see_other(request, f"{at.href(REST)}#photo-{key}", "已保存照片的说明。")
    except Refusal as refusal:
        form.absorb(refusal)
        return _form(request, at, photo, form, status_of(refusal))
    return _form(request, at, photo, form, 422)


@post(f"{ONE}/move", opt=WRITE, include_in_schema=False)
async def photo_move(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    organisation: FromQuery[str] = "",
) -> Response[Any]:
    """Move a photo a step, and lead back to it."""
    at, form = await writing(request, campaign, organisation), await forms.read(request)
    photo = await photos.find(at.desk, key)
    act = form.choice("act", (UP, DOWN), required=True)
    back = f"{at.href(REST)}#photo-{key}"
    if act is None:
        return pages.see_other(request, back, "没有移动：请用“上移”或“下移”。", "bad")
    shown = await photos.listed(at.desk.scope.campaign_id, at.desk.scope.organisation_id)
    place = [each.key for each in shown].index(photo.key) + (-1 if act == UP else 1)
    try:
        await photo_changes.move(at.page.actor, at.desk, key, place)
    except Refusal as refusal:
        return pages.see_other(request, back, f"没有移动：{refusal}。", "bad")
    said = "已上移" if act == UP else "已下移"
    return pages.see_other(request, back, f"{said}“{photo.words.caption}”。")


@get(f"{ONE}/delete", opt=WRITE, include_in_schema=False)
async def photo_removal(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    organisation: FromQuery[str] = "",
) -> Response[Any]:
    """Ask before a photo is taken out, or before consent is taken back."""
    at = await writing(request, campaign, organisation)
    photo = await photos.find(at.desk, key)
    return at.page.render(
        request,
        "api/recap_photo_delete.html",
        photo=_row(at, photo),
        action=at.href(photo_rest(key, "/delete")),
        withdraw_action=at.href(photo_rest(key, "/withdraw")),
        back=at.href(REST),
    )


@post(f"{ONE}/delete", opt=WRITE, include_in_schema=False)
async def photo_remove(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    organisation: FromQuery[str] = "",
) -> Response[Any]:
    """Take a photo out."""
    at = await writing(request, campaign, organisation)
    try:
        await photo_changes.remove(at.page.actor, at.desk, key)
    except Refusal as refusal:
        return pages.see_other(request, at.href(REST), f"没有删除：{refusal}。", "bad")
    return pages.see_other(request, at.href(REST), "已从总结里拿掉这张照片。")


@post(f"{ONE}/withdraw", opt=WRITE, include_in_schema=False)
async def photo_withdraw(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    organisation: FromQuery[str] = "",
) -> Response[Any]:
    """Wipe a photo whose people no longer agree."""
    at = await writing(request, campaign, organisation)
    try:
        await photo_changes.withdraw(at.page.actor, at.desk, key)
    except Refusal as refusal:
        return pages.see_other(request, at.href(REST), f"没有撤下：{refusal}。", "bad")
    return pages.see_other(request, at.href(REST), "已撤下这张照片，各处都不再显示。")


@get(f"{ONE}/picture.jpg", opt=VIEW, include_in_schema=False)
async def photo_picture(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    organisation: FromQuery[str] = "",
) -> Response[bytes]:
    """Give the picture itself. It is asked for anew each time: consent may be taken back."""
    at = await writing(request, campaign, organisation, manuscripts.VIEW)
    data = await photos.content(at.desk, key)
    headers = {
        "ETag": strong_etag(data),
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(data, media_type="image/jpeg", headers=headers)


async def _list(
    request: Request[Any, Any, Any], at: Writing, form: forms.Form, status: int = 200
) -> Response[Any]:
    stored = await photos.listed(at.desk.scope.campaign_id, at.desk.scope.organisation_id)
    shown = [_row(at, photo) for photo in stored if not photo.is_taken_out]
    return at.page.render(
        request,
        "api/recap_photos.html",
        status=status,
        at=at,
        links=recap_links(at.page, at.view.scope.organisation, MANUSCRIPT),
        form=form,
        labels=LABELS,
        people=PEOPLE,
        photos=shown,
        taken_out=[_row(at, photo) for photo in stored if photo.is_taken_out and photo.is_there],
        most=MOST,
        room=len(shown) < MOST,
        action=at.href(REST),
        back=f"{at.href(MANUSCRIPT)}#part-photos",
    )


def _form(
    request: Request[Any, Any, Any],
    at: Writing,
    photo: StoredPhoto,
    form: forms.Form,
    status: int = 200,
) -> Response[Any]:
    keep = {"value": "keep", "label": f"不变（{photo.consent.said}）"}
    return at.page.render(
        request,
        "api/recap_photo.html",
        office=at.view.name,
        status=status,
        form=form,
        labels=LABELS,
        people=[keep, *PEOPLE],
        photo=_row(at, photo),
        action=at.href(photo_rest(photo.key)),
        back=f"{at.href(REST)}#photo-{photo.key}",
    )


def _row(at: Writing, photo: StoredPhoto) -> dict[str, Any]:
    return {
        "photo": photo,
        "consent": photo.consent.said,
        "href": at.href(photo_rest(photo.key)),
        "delete_href": at.href(photo_rest(photo.key, "/delete")),
        "move_action": at.href(photo_rest(photo.key, "/move")),
        "picture": at.href(photo_rest(photo.key, "/picture.jpg")) if photo.is_there else "",
    }


ROUTES = [
    photos_page,
    photo_add,
    photo_page,
    photo_change,
    photo_move,
    photo_removal,
    photo_remove,
    photo_withdraw,
    photo_picture,
]
