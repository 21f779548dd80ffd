from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import arrow
import pytest

from core import audit, database
from core.permissions import SYSTEM, Actor, Grant


def reviewer(office):
    return Actor("reviewer", "审核人", 1, (Grant("reviewer", office),), "session")


async def record(key, office=None, **details):
    async with database.transaction():
        await audit.record(SYSTEM, "thing.changed", "thing", key, organisation=office, **details)


EVERYTHING = audit.Filter()


async def keys(actor, wanted=EVERYTHING, **paging):
    return [entry.thing_key for entry in await audit.entries(actor, wanted, **paging)]


async def test_what_is_recorded_is_read_back_as_text_and_json(offices):
    before = {"day": date(2022, 5, 1), "at": datetime(2022, 5, 1, tzinfo=UTC)}
    await record("k", offices["city"], campaign="c", before=before, after={"sum": Decimal("1.50")})
    (entry,) = await audit.entries(SYSTEM)
    assert entry.before == {"day": "2022-05-01", "at": "2022-05-01T00:00:00+00:00"}
    assert entry.after == {"sum": "1.50"}
    assert (entry.actor, entry.action, entry.campaign) == ("system", "thing.changed", "c")
    assert (entry.organisation, entry.organisation_name) == ("city", "city残联")
    assert abs(arrow.utcnow().datetime - entry.at) < timedelta(minutes=1)


async def test_sealed_fields_and_secrets_never_reach_the_log(offices):
    state = {
        "name": "张*",
        "name_sealed": "v1:aa:bb",
        "phone_index": "c0ffee",
        "password_hash": "$argon2id$",
        "token": "tx_secret",
        "lines": [{"account_sealed": "v1:cc:dd", "cash": 5}],
    }
    await record("k", after=state)
    raw = await database.fetch_value("SELECT after FROM audit_entry")
    assert raw == '{"lines": [{"cash": 5}], "name": "张*"}'


async def test_it_refuses_to_write_outside_the_transaction_of_the_work(offices):
    with pytest.raises(audit.OutsideTransactionError):
        await audit.record(SYSTEM, "a", "b", "c")
    assert await audit.entries(SYSTEM) == []


async def test_it_goes_with_the_work_when_that_fails(offices):
    async def failing():
        async with database.transaction():
            await audit.record(SYSTEM, "a", "b", "c")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing()
    assert await audit.entries(SYSTEM) == []


async def test_a_value_that_has_no_form_in_the_log_is_an_error(offices):
    with pytest.raises(TypeError, match="bytes"):
        await record("k", after={"data": b"\0"})


async def test_each_reader_sees_the_entries_of_his_subtree(offices):
    for key in offices.ids:
        await record(key, offices[key])
    await record("nowhere")
    assert await keys(reviewer(offices["county-a"])) == ["town-a", "county-a"]
    above = await keys(reviewer(offices["city"]))
    assert above == ["nowhere", "county-b", "town-a", "county-a", "city"]
    clerk = Actor("c", "c", 2, (Grant("clerk", offices["city"]),), "session")
    assert await keys(clerk) == []


async def test_pages_follow_one_another_without_gap(offices):
    for index in range(5):
        await record(f"k{index}", offices["city"])
    first = await audit.entries(SYSTEM, limit=2)
    assert [entry.thing_key for entry in first] == ["k4", "k3"]
    assert await keys(SYSTEM, after=first[-1].id, limit=2) == ["k2", "k1"]


async def test_filters_narrow(offices):
    await record("one", offices["town-a"], campaign="spring")
    await record("two", offices["county-b"], campaign="autumn")
    assert await keys(SYSTEM, audit.Filter(campaign="spring")) == ["one"]
    assert await keys(SYSTEM, audit.Filter(office="county-b")) == ["two"]
    assert await keys(SYSTEM, audit.Filter(thing_key="one", action="thing.changed")) == ["one"]
    assert await keys(SYSTEM, audit.Filter(actor="nobody")) == []
    now = arrow.utcnow().datetime
    assert await keys(SYSTEM, audit.Filter(since=now + timedelta(minutes=1))) == []
    assert await keys(SYSTEM, audit.Filter(until=now + timedelta(minutes=1))) == ["two", "one"]
