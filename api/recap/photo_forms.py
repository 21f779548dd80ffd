"""What a form says of a photo: its words, and who agreed to be shown."""

from __future__ import annotations

import asyncio

from api.kit import forms
from core.recap.manuscript import consents
from core.recap.manuscript.consents import Consent
from core.recap.manuscript.photos import Words
from core.recap.manuscript.pictures import Picture, prepared
from core.refusals import Refusal

NOBODY, AGREED, KEEP = "nobody", "agreed", "keep"
PEOPLE = [
    {"value": NOBODY, "label": "没有可辨认的人"},
    {"value": AGREED, "label": "能认出人，已征得同意"},
]
LABELS = {
    "file": "照片",
    "caption": "图片说明",
    "description": "照片上有什么",
    "people": "照片上的人",
    "names": "谁同意的",
    "how": "怎样同意的",
}


def words_of(form: forms.Form) -> Words:
    """Caption and description."""
    return Words(form.text("caption", required=True), form.text("description", required=True))


def consent_of(form: forms.Form, *, keep: bool = False) -> Consent | None:
    """The consent that is stated; None for a fault, and for what shall stay with ``keep``."""
    offered = (KEEP, NOBODY, AGREED) if keep else (NOBODY, AGREED)
    people = form.choice("people", offered, required=True)
    names, how = consents.names_of(form.text("names")), form.text("how")
    if people != AGREED:
        return Consent() if people == NOBODY else None
    if not names:
        form.fail("names", "请写明是谁同意的，几个人之间用顿号隔开")
    return Consent(names, how)


async def picture_of(form: forms.Form) -> Picture | None:
    """The picture that came; None, with the fault noted, where none did that can be kept."""
    upload = form.file("file")
    if upload is None:
        return None
    try:
        return await asyncio.to_thread(prepared, upload.data)
    except Refusal as refusal:
        form.fail("file", str(refusal))
        return None
