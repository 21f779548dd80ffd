"""Issuing a certificate: to the volunteer himself, at once, from what is confirmed."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date

from core import audit, campaigns, database, moments, privacy
from core.observances import Catalogue
from core.permissions import Actor
from core.recap.life import codes
from core.refusals import Refusal
from plugins.volunteer.certificates import content, register
from plugins.volunteer.certificates.content import Content, lines_of, records_of
from plugins.volunteer.certificates.issuers import issuer_of
from plugins.volunteer.certificates.register import Certificate
from plugins.volunteer.certificates.served import served
from plugins.volunteer.signing_up.profiles import Profile

NOTHING = "这段时间里没有已确认的服务时长，还不能出具证明"
BACKWARDS = "结束的日期早于开始的日期"


async def issue(
    actor: Actor,
    person: Profile,
    catalogue: Catalogue,
    *,
    since: date | None = None,
    until: date | None = None,
) -> Certificate:
    """Issue a certificate of what is confirmed between two days; None leaves an end open.

    Where one that says the same still holds, that one is answered instead of a second.
    Raises Refusal when there is nothing to state.
    """
    if since and until and until < since:
        raise Refusal.of("ends_before_starts", BACKWARDS, "until")
    records = await served(person.id, since, until)
    if not records:
        raise Refusal.of("nothing_served", NOTHING, "period")
    issuer = await issuer_of({each.office_id for each in records})
    titles = await _titles({each.campaign for each in records}, catalogue)
    draft = Content(
        number="",
        code="",
        name=person.name,
        volunteer=person.number,
        issuer=issuer.name,
        responsible=issuer.responsible,
        handler=issuer.handler,
        contact=issuer.contact,
        first=(since or records[0].day).isoformat(),
        last=(until or records[-1].day).isoformat(),
        issued_on=moments.today().isoformat(),
        minutes=sum(each.minutes for each in records),
        lines=lines_of(records, titles),
        records=records_of(records),
    )
    async with database.transaction():
        for each in await register.of_profile(person.id):
            if each.is_valid and each.content and _same(each.content, draft):
                return each
        code = await _write(actor, person, issuer.organisation_id, draft)
    made = await register.of_code(code)
    if made is None:
        raise RuntimeError("a certificate that was just written is not there")
    return made


def _same(one: Content, draft: Content) -> bool:
    return replace(one, number="", code="", issued_on=draft.issued_on) == draft


async def _write(actor: Actor, person: Profile, organisation: int, draft: Content) -> str:
    """Store the certificate under the next number; gives its code."""
    now, code = moments.now(), new_code()
    values = {"profile": person.id, "organisation": organisation, "minutes": draft.minutes}
    number_of_row = await database.fetch_value(
        "INSERT INTO volunteer_certificate (number, code, profile, organisation, content_sealed,"
        " sha256, minutes, issued_at, reason) VALUES (:code, :code, :profile, :organisation, '',"
        " '', :minutes, :now, '') RETURNING id",
        code=code,
        now=now,
        **values,
    )
    number = f"同行-{moments.day_of(now).year}-{number_of_row:06d}"
    text = replace(draft, number=number, code=code).text()
    await database.execute(
        "UPDATE volunteer_certificate SET number = :number, content_sealed = :sealed,"
        " sha256 = :sha256 WHERE id = :id",
        number=number,
        sealed=privacy.seal(text),
        sha256=content.digest(text),
        id=number_of_row,
    )
    await audit.record(
        actor,
        "volunteer.certificate.issued",
        "volunteer.certificate",
        number,
        organisation=organisation,
        after={"minutes": draft.minutes, "volunteer": draft.volunteer},
    )
    return code


def new_code() -> str:
    """A random code that nobody can guess: twelve letters of Crockford's base 32, 60 bits."""
    return "".join(secrets.choice(codes.ALPHABET) for _ in range(codes.LENGTH))


async def _titles(keys: set[str], catalogue: Catalogue) -> dict[str, str]:
    """What people call campaigns, by key. Two statements."""
    rows = await database.fetch(f"{campaigns.SELECT} WHERE c.key IN (:keys)", keys=sorted(keys))
    return {each.key: each.title(catalogue) for each in await campaigns.of_rows(rows)}
