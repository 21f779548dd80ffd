"""Photos of a recap, on both engines: sealed, in order, with consent that can be taken back."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from core import campaigns, database, personal
from core.permissions import SYSTEM, Actor
from core.process import Process
from core.recap.manuscript import manuscripts, photo_changes, photos
from core.recap.manuscript.consents import Consent, names_of
from core.recap.manuscript.manuscripts import Desk
from core.recap.manuscript.photos import StoredPhoto, Words
from core.recap.manuscript.pictures import Picture, prepared
from core.recap.model import Document, Photo
from core.refusals import Conflict, Missing, Refusal
from tests.core.recap.handed_in import live, submit
from tests.fixtures.application import ActorOf

AGREED = Consent(("张三", "欧阳四"), "本人签了同意书")
WORDS = Words("广场宣传现场", "志愿者把手册递给坐轮椅的居民")


def picture(shade: int = 0) -> Picture:
    output = BytesIO()
    Image.new("RGB", (200, 150), (shade, 90, 120)).save(output, "PNG")
    return prepared(output.getvalue())


async def desk_at(process: Process, office: str = "x1") -> Desk:
    campaign = await campaigns.find("2022-city")
    return manuscripts.desk(campaign, await campaigns.scope(campaign, office), process.plugins)


@pytest.fixture
async def clerk(campaign_2022: str, actor_of: ActorOf) -> Actor:
    return await actor_of("clerk", "x1")


@pytest.fixture
async def where(campaign_2022: str, process: Process) -> Desk:
    return await desk_at(process)


async def add(clerk: Actor, where: Desk, shade: int = 0, consent: Consent = AGREED) -> str:
    return await photo_changes.add(clerk, where, picture(shade), WORDS, consent)


async def listed(where: Desk) -> list[StoredPhoto]:
    return await photos.listed(where.scope.campaign_id, where.scope.organisation_id)


async def images() -> list[dict[str, Any]]:
    return await database.fetch("SELECT sha256, content_sealed FROM recap_image ORDER BY id")


def shown(document: Document) -> list[Photo]:
    (section,) = [each for each in document.sections if each.key == "photos"]
    return [block for block in section.blocks if isinstance(block, Photo)]


async def test_a_photo_is_printed_with_its_words_and_kept_sealed(
    clerk: Actor, where: Desk, process: Process
) -> None:
    key = await add(clerk, where)
    made = picture()
    _, document = await live(process)
    expected = Photo(made.sha256, "image/jpeg", 200, 150, WORDS.caption, WORDS.description)
    assert shown(document) == [expected]
    assert await photos.pictures(document) == {made.sha256: made.data}
    assert await photos.content(where, key) == made.data
    (image,) = await images()
    assert image["content_sealed"].startswith("v1:")
    row = await database.fetch_one("SELECT * FROM recap_photo")
    assert row is not None
    assert "张三" not in json.dumps(row, default=str, ensure_ascii=False)
    log = await database.fetch("SELECT after FROM audit_entry WHERE action = 'recap.photo_added'")
    assert len(log) == 1
    assert "张三" not in log[0]["after"]
    assert json.loads(log[0]["after"])["people"] == 2


async def test_consent_is_shown_masked_and_asked_for_in_full(clerk: Actor, where: Desk) -> None:
    key = await add(clerk, where)
    (photo,) = await listed(where)
    assert photo.consent == AGREED
    assert photo.consent.said == "已征得同意：张*、欧*四（本人签了同意书）"
    assert names_of(" 张三， 李四、张三 ") == ("张三", "李四")
    for words, consent, members in (
        (Words(" ", "字" * 301), Consent(("张三",), " "), ["caption", "description", "how"]),
        (WORDS, Consent(tuple("甲乙丙" * 90), "签字"), ["names"]),
    ):
        with pytest.raises(Refusal) as caught:
            await photo_changes.change(clerk, where, key, words, consent)
        assert [fault.member for fault in caught.value.faults] == members
    await photo_changes.change(clerk, where, key, Words("新说明", "新描述"))
    (photo,) = await listed(where)
    assert (photo.words, photo.consent) == (Words("新说明", "新描述"), AGREED)
    await photo_changes.change(clerk, where, key, WORDS, Consent())
    assert (await photos.find(where, key)).consent.said == "没有可辨认的人"


async def test_photos_stand_in_the_order_they_are_put_in(clerk: Actor, where: Desk) -> None:
    keys = [await add(clerk, where, shade) for shade in (10, 20, 30)]
    assert [photo.key for photo in await listed(where)] == keys
    for key, place, order in (
        (keys[2], 0, (2, 0, 1)),
        (keys[2], 1, (0, 2, 1)),
        (keys[0], 99, (2, 1, 0)),
        (keys[2], -5, (2, 1, 0)),
    ):
        await photo_changes.move(clerk, where, key, place)
        assert [photo.key for photo in await listed(where)] == [keys[number] for number in order]
    with pytest.raises(Conflict):
        await add(clerk, where, 10)
    assert (
        await manuscripts.read(where.scope.campaign_id, where.scope.organisation_id)
    ).revision == 7


async def test_there_are_not_more_photos_than_a_recap_takes(
    clerk: Actor, where: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_changes, "MOST", 2)
    for shade in (10, 20):
        await add(clerk, where, shade)
    with pytest.raises(Conflict):
        await add(clerk, where, 30)
    assert len(await images()) == 2


async def test_what_is_taken_out_is_gone_unless_it_was_handed_in(
    clerk: Actor, where: Desk, process: Process
) -> None:
    kept, gone = await add(clerk, where, 10), await add(clerk, where, 20)
    await photo_changes.remove(clerk, where, gone)
    assert [image["sha256"] for image in await images()] == [kept]
    version = await submit(process, clerk)
    await photo_changes.remove(clerk, where, kept)
    (photo,) = await listed(where)
    assert photo.is_taken_out
    assert photo.consent == AGREED
    _, document = await live(process)
    assert "photos" not in {section.key for section in document.sections}
    old = version.document()
    assert [each.sha256 for each in shown(old)] == [kept]
    assert set(await photos.pictures(old)) == {kept} == await photos.there(old)
    # It may come back, to its place at the end.
    assert await add(clerk, where, 10) == kept
    assert [each.is_taken_out for each in await listed(where)] == [False]


async def test_consent_taken_back_wipes_the_picture_everywhere(
    clerk: Actor, where: Desk, process: Process, actor_of: ActorOf
) -> None:
    key = await add(clerk, where)
    chief, above = await actor_of("clerk", "city"), await desk_at(process, "city")
    await photo_changes.add(chief, above, picture(), WORDS, AGREED)
    version = await submit(process, clerk)
    await photo_changes.withdraw(clerk, where, key)
    assert [image["content_sealed"] for image in await images()] == [None]
    assert await photos.pictures(version.document()) == {}
    assert await photos.there(version.document()) == frozenset()
    with pytest.raises(Missing):
        await photos.content(where, key)
    for desk in (where, above):
        (photo,) = await listed(desk)
        assert (photo.is_there, photo.consent.said) == (False, "已撤回同意")
    _, document = await live(process, "city")
    assert "photos" not in {section.key for section in document.sections}
    assert "张三" not in json.dumps(
        await database.fetch("SELECT * FROM audit_entry"), default=str, ensure_ascii=False
    )
    for actor, desk in ((clerk, where), (chief, above)):
        with pytest.raises(Conflict):  # for it would be seen again in what was handed in
            await add(actor, desk)


async def test_a_picture_that_others_show_stays_when_one_takes_it_out(
    clerk: Actor, where: Desk, process: Process, actor_of: ActorOf
) -> None:
    key = await add(clerk, where)
    chief, above = await actor_of("clerk", "city"), await desk_at(process, "city")
    await photo_changes.add(chief, above, picture(), WORDS, AGREED)
    await photo_changes.remove(clerk, where, key)
    assert await listed(where) == []
    assert await photos.content(above, key) == picture().data
    await photo_changes.remove(chief, above, key)
    assert await images() == []


async def test_only_who_may_write_there_puts_photos_in(
    clerk: Actor, where: Desk, process: Process, actor_of: ActorOf
) -> None:
    key = await add(clerk, where)
    reader, beside = await actor_of("viewer", "x1"), await actor_of("clerk", "x2")
    for actor in (reader, beside):
        for act in (photo_changes.remove, photo_changes.withdraw):
            with pytest.raises(Missing):
                await act(actor, where, key)
        with pytest.raises(Missing):
            await add(actor, where, 50)
    other = await desk_at(process, "x2")
    with pytest.raises(Missing):
        await photo_changes.remove(beside, other, key)
    with pytest.raises(Missing):
        await photos.content(other, key)
    assert len(await listed(where)) == 1


async def test_somebody_shown_is_told_of_it_and_forgotten_on_request(
    clerk: Actor, where: Desk, process: Process
) -> None:
    await add(clerk, where, 10)
    await add(clerk, where, 20, Consent(("张三丰",), "口头同意"))
    told = await personal.ask(SYSTEM, process.plugins, "张三", personal.EXPORT)
    (photo,) = told["recap"]
    assert (photo["organisation"], photo["caption"]) == ("x1", WORDS.caption)
    assert "欧阳四" not in json.dumps(told, ensure_ascii=False)
    assert all(image["content_sealed"] for image in await images())
    await personal.ask(SYSTEM, process.plugins, "张三", personal.ERASE)
    assert "recap" not in await personal.ask(SYSTEM, process.plugins, "张三", personal.EXPORT)
    assert [image["content_sealed"] is None for image in await images()] == [True, False]
    _, document = await live(process)
    assert len(shown(document)) == 1
