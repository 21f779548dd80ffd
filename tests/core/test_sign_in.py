from __future__ import annotations

import asyncio
from datetime import timedelta

import arrow
import pytest

from core import accounts, audit, database, sessions
from core.permissions import SYSTEM, Grant
from core.refusals import Conflict, Missing
from core.sign_in import ATTEMPTS, LOCKED_FOR, SENTENCE, SignInRefusedError, authenticate
from tests.fixtures.people import PASSWORD

NOW = arrow.get("2026-05-17T01:00:00+00:00").datetime
SECOND = timedelta(seconds=1)


async def refused(name, password, now=NOW):
    with pytest.raises(SignInRefusedError) as caught:
        await authenticate(name, password, now)
    return str(caught.value)


async def test_the_right_password_opens_the_account_whatever_the_case_of_its_name(offices):
    actor = await offices.person("zhang", "clerk", "city")
    assert await authenticate(" ZHANG ", PASSWORD, NOW) == actor.account_id


async def test_a_wrong_name_and_a_wrong_password_are_told_by_the_same_sentence(offices):
    await offices.person("zhang", "clerk", "city")
    await offices.person("gone", "clerk", "city")
    await accounts.set_active(SYSTEM, "gone", False)
    said = {await refused("zhang", "x"), await refused("nobody", "x"), await refused("gone", "x")}
    assert said == {SENTENCE}
    assert await refused("gone", PASSWORD) == SENTENCE


async def test_five_wrong_passwords_lock_for_fifteen_minutes(offices):
    actor = await offices.person("zhang", "clerk", "city")
    for _ in range(ATTEMPTS):
        await refused("zhang", "wrong")
    await refused("zhang", PASSWORD)
    await refused("zhang", PASSWORD, NOW + LOCKED_FOR - SECOND)
    assert await authenticate("zhang", PASSWORD, NOW + LOCKED_FOR) == actor.account_id
    actions = [entry.action for entry in await audit.entries(SYSTEM)]
    assert actions.count("account.locked") == 1
    assert actions.count("account.sign_in_failed") == ATTEMPTS - 1


async def test_after_the_lock_there_are_five_attempts_again(offices):
    actor = await offices.person("zhang", "clerk", "city")
    for _ in range(ATTEMPTS):
        await refused("zhang", "wrong")
    later = NOW + LOCKED_FOR
    for _ in range(ATTEMPTS - 1):
        await refused("zhang", "wrong", later)
    assert await authenticate("zhang", PASSWORD, later) == actor.account_id


async def test_success_forgets_the_failures(offices):
    await offices.person("zhang", "clerk", "city")
    for _ in range(3):
        for _ in range(ATTEMPTS - 1):
            await refused("zhang", "wrong")
        await authenticate("zhang", PASSWORD, NOW)


async def test_guesses_made_side_by_side_cannot_outrun_the_count(offices):
    await offices.person("zhang", "clerk", "city")
    guesses = [authenticate("zhang", f"guess {number}", NOW) for number in range(12)]
    results = await asyncio.gather(*guesses, return_exceptions=True)
    assert all(isinstance(result, SignInRefusedError) for result in results)
    actions = [entry.action for entry in await audit.entries(SYSTEM)]
    tried = actions.count("account.sign_in_failed") + actions.count("account.locked")
    assert tried == ATTEMPTS
    await refused("zhang", PASSWORD)


async def test_a_new_password_opens_a_locked_account(offices):
    actor = await offices.person("zhang", "clerk", "city")
    for _ in range(ATTEMPTS):
        await refused("zhang", "wrong")
    await accounts.set_password(SYSTEM, "zhang", "another good one")
    assert await authenticate("zhang", "another good one", NOW) == actor.account_id


async def test_a_session_speaks_for_its_account_and_is_stored_as_a_hash(offices):
    actor = await offices.person("zhang", "clerk", "town-a")
    token = await sessions.open_session(actor.account_id, NOW)
    found = await sessions.resolve_session(token, NOW)
    assert found is not None
    assert found == actor
    assert found.office_name == "town-a残联"
    (stored,) = await database.fetch("SELECT * FROM session")
    assert token not in str(stored)
    assert stored["token_hash"] == sessions.token_hash(token)
    assert await sessions.resolve_session("x" * 43, NOW) is None


async def test_a_session_ends_after_two_idle_hours(offices):
    actor = await offices.person("zhang", "clerk", "city")
    token = await sessions.open_session(actor.account_id, NOW)
    assert await sessions.resolve_session(token, NOW + sessions.IDLE - SECOND) is not None
    again = NOW + 2 * (sessions.IDLE - SECOND)
    assert await sessions.resolve_session(token, again) is not None
    assert await sessions.resolve_session(token, again + sessions.IDLE) is None


async def test_a_session_ends_after_twelve_hours_however_busy(offices):
    actor = await offices.person("zhang", "clerk", "city")
    token = await sessions.open_session(actor.account_id, NOW)
    for hour in range(1, 12):
        assert await sessions.resolve_session(token, NOW + timedelta(hours=hour)) is not None
    assert await sessions.resolve_session(token, NOW + sessions.ABSOLUTE) is None


async def test_being_seen_is_written_once_a_minute(offices):
    actor = await offices.person("zhang", "clerk", "city")
    token = await sessions.open_session(actor.account_id, NOW)
    statements: list[str] = []
    async with database.watching(statements.append):
        await sessions.resolve_session(token, NOW + 59 * SECOND)
        assert not [sql for sql in statements if sql.startswith("UPDATE")]
        await sessions.resolve_session(token, NOW + 60 * SECOND)
        await sessions.resolve_session(token, NOW + 61 * SECOND)
    assert len([sql for sql in statements if sql.startswith("UPDATE")]) == 1


async def test_signing_out_disabling_and_a_new_password_end_sessions(offices):
    actor = await offices.person("zhang", "clerk", "city")
    first, second, third = [await sessions.open_session(actor.account_id, NOW) for _ in range(3)]
    await sessions.close_session(actor, first)
    assert await sessions.resolve_session(first, NOW) is None
    keep = sessions.token_hash(second)
    await accounts.change_own_password(actor, PASSWORD, "another good one", keep=keep)
    assert await sessions.resolve_session(third, NOW) is None
    assert await sessions.resolve_session(second, NOW) == actor
    await accounts.set_active(SYSTEM, "zhang", False)
    assert await sessions.resolve_session(second, NOW) is None
    await accounts.set_active(SYSTEM, "zhang", True)
    assert await sessions.resolve_session(second, NOW) is None


async def test_a_token_has_one_role_over_one_office_until_revoked(offices):
    token = await sessions.create_token(SYSTEM, "feeder", "clerk", offices["town-a"], now=NOW)
    assert token.startswith("tx_")
    assert token not in str(await database.fetch("SELECT * FROM api_token, audit_entry"))
    actor = await sessions.resolve_token(token, NOW)
    assert actor is not None
    assert (actor.name, actor.via) == ("token:feeder", "token")
    assert actor.grants == (Grant("clerk", offices["town-a"]),)
    (view,) = await sessions.listed_tokens(SYSTEM)
    assert (view.last_used_at, view.organisation) == (NOW, "town-a")
    await sessions.revoke_token(SYSTEM, "feeder", NOW)
    await sessions.revoke_token(SYSTEM, "feeder", NOW)
    assert await sessions.resolve_token(token, NOW) is None
    actions = [entry.action for entry in await audit.entries(SYSTEM)]
    assert actions == ["token.revoked", "token.created"]


@pytest.mark.parametrize("token", ["", "tx_", "tx_unknown", "no prefix"])
async def test_what_is_no_token_opens_nothing(offices, token):
    assert await sessions.resolve_token(token, NOW) is None


async def test_tokens_stay_within_the_subtree_of_who_makes_them(offices):
    county = await offices.person("county", "administrator", "county-a")
    await sessions.create_token(SYSTEM, "citys", "viewer", offices["city"], now=NOW)
    await sessions.create_token(county, "towns", "viewer", offices["town-a"], now=NOW)
    with pytest.raises(Missing):
        await sessions.create_token(county, "more", "viewer", offices["city"], now=NOW)
    with pytest.raises(Missing):
        await sessions.revoke_token(county, "citys", NOW)
    with pytest.raises(Conflict):
        await sessions.create_token(county, "towns", "viewer", offices["town-a"], now=NOW)
    assert [view.name for view in await sessions.listed_tokens(county)] == ["towns"]
