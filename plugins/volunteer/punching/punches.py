"""Taking punches: the one way in which any coming or going is recorded.

A punch is answered once it is committed. Its nonce is what it is known by: sent again, it is
answered with its first result, whatever else it says then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from core import campaign_states, campaigns, database, moments
from core.campaigns import Campaign
from core.permissions import Actor
from plugins.volunteer.punching import clock, gathering
from plugins.volunteer.punching.judging import Judgement, answers
from plugins.volunteer.punching.reading import first_results, known
from plugins.volunteer.punching.storing import store
from plugins.volunteer.punching.taken import Result, Sending, Sent, Source

__all__ = ["Result", "Sent", "take"]


async def take(
    campaign: Campaign,
    sent: Sequence[Sent],
    *,
    actor: Actor,
    source: Source,
    skew: timedelta | None = None,
) -> list[Result]:
    """Record punches, refused ones too; gives their results in the order sent, after the commit.

    ``skew`` is how far the device's clock is ahead, where it said so. Shifts outside the actor's
    offices do not exist for him, but for ``source`` "self": there the caller has seen to it that
    the actor is the volunteer and at the station. Raises Conflict by the campaign's state.
    """
    sending = Sending(tuple(sent), actor, source, skew)
    if database.in_transaction():
        return (await take_all(campaign, [sending]))[0]
    return await gathering.results(campaign, sending, take_joined)


async def take_all(campaign: Campaign, sendings: Sequence[Sending]) -> list[list[Result]]:
    """Several requests in one unit of work, one after the other: the results of each."""
    return await take_joined(campaign, lambda: sendings)


@database.retried
async def take_joined(campaign: Campaign, join: gathering.Join) -> list[list[Result]]:
    """``take_all`` of those whom ``join`` names once nobody else writes to the campaign."""
    async with database.transaction(durable=True):
        await _hold(campaign)
        sendings, now = join(), moments.now()
        await clock.close_forgotten_at_times(now, campaign)
        nonces = sorted({sent.nonce for sending in sendings for sent in sending.sent})
        firsts = await first_results(campaign.id, nonces)
        fresh = [
            (sending, _unknown(sending, seen)) for seen in [set(firsts)] for sending in sendings
        ]
        judgement = Judgement(await known(campaign.id, [s for s, sent in fresh if sent]), now)
        for sending, sent in fresh:
            judgement.add(sending, sent)
        if judgement.judged:
            await store(campaign, judgement)
    return answers(sendings, judgement.judged, firsts)


def _unknown(sending: Sending, seen: set[str]) -> list[Sent]:
    """The punches that were never sent before; ``seen`` knows them afterwards."""
    found = []
    for sent in sending.sent:
        if sent.nonce not in seen:
            seen.add(sent.nonce)
            found.append(sent)
    return found


async def _hold(campaign: Campaign) -> None:
    """Make those who write to the campaign wait for one another; raise Conflict by its state."""
    state = await campaigns.touch(campaign.id)
    campaign_states.require(replace(campaign, state=state), "records")
