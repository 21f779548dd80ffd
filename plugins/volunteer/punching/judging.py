"""A batch of punches judged one after the other: in memory, with what ``reading`` has found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex

import msgspec

from plugins.volunteer.punching.reading import Known, KnownShift, KnownVolunteer, Person, Row
from plugins.volunteer.punching.states import Code, Stay, step
from plugins.volunteer.punching.taken import Result, Sending, Sent

CLOCK_TOLERANCE = timedelta(minutes=5)
# These send at once, so that a late time tells of a wrong clock; a steward's device may queue.
ONLINE = frozenset({"programme", "self"})


class Matter(msgspec.Struct, frozen=True):
    """What somebody has to look at: a conflict's kind, and the attendance or punch it is with."""

    kind: str
    stay: Stay | None = None
    punch: int | None = None


class Judged(msgspec.Struct, frozen=True):
    """A punch with what it meant and what became of it."""

    sent: Sent
    sending: Sending
    shift: KnownShift | None
    volunteer: KnownVolunteer | None
    code: Code | None
    person: Person | None = None
    stay: Stay | None = None
    matters: tuple[Matter, ...] = ()

    @property
    def result(self) -> Result:
        """What is answered to it."""
        if self.code:
            return Result(self.sent.nonce, "refused", self.code)
        return Result(self.sent.nonce, "accepted", None, self.stay.key if self.stay else None)


@dataclass(slots=True)
class Judgement:
    """What a batch comes to. ``changed`` are attendances as they are at its end."""

    known: Known
    now: datetime
    judged: list[Judged] = field(default_factory=list)
    changed: dict[tuple[Person, tuple[int, int]], Stay] = field(default_factory=dict)
    told: set[tuple[int, str]] = field(default_factory=set)

    def add(self, sending: Sending, sent: Iterable[Sent]) -> None:
        """Judge new punches of one request, in the order of their time."""
        for each in sorted(sent, key=lambda one: one.at):
            self.judged.append(self._judged(sending, each))

    def _judged(self, sending: Sending, sent: Sent) -> Judged:
        shift = self.known.shifts.get(sent.shift)
        if shift is None or not self.known.may_take(sending, shift.organisation):
            return Judged(sent, sending, None, None, "unknown_shift")
        volunteer = self.known.volunteers.get(sent.volunteer)
        if volunteer is None or not self._may_serve(sending, shift, volunteer):
            return Judged(sent, sending, shift, None, "unknown_volunteer")
        stays = self.known.stays[volunteer.person]
        new_key = token_hex(16) if sent.direction == "in" else ""
        taken = step(stays, shift.times, sent.direction, sent.at, new_key)
        matters = [Matter(taken.conflict, taken.other)] if taken.conflict else []
        if taken.stay is not None:
            self._keep(volunteer.person, taken.stay)
            matters += self._looked_at(sending, sent, shift, volunteer)
        return Judged(
            sent,
            sending,
            shift,
            volunteer,
            taken.code,
            volunteer.person,
            taken.stay,
            tuple(matters),
        )

    def _may_serve(self, sending: Sending, shift: KnownShift, volunteer: KnownVolunteer) -> bool:
        """Somebody of the sender's offices, or who is down for the shift already."""
        if self.known.may_take(sending, volunteer.organisation):
            return True
        stays = self.known.stays[volunteer.person]
        return any(stay.shift.id == shift.times.id for stay in stays)

    def _keep(self, person: Person, stay: Stay) -> None:
        stays = self.known.stays[person]
        self.known.stays[person] = [*(each for each in stays if each.place != stay.place), stay]
        self.changed[person, stay.place] = stay

    def _looked_at(
        self, sending: Sending, sent: Sent, shift: KnownShift, volunteer: KnownVolunteer
    ) -> list[Matter]:
        """An accepted punch that somebody should look at all the same."""
        found = []
        if self._is_off(sending, sent) and (id(sending), sent.device) not in self.told:
            # Once for each device of a request: it is the clock that is wrong, not each punch.
            self.told.add((id(sending), sent.device))
            found.append(Matter("clock"))
        going = self._going(sent, shift, volunteer)
        if going is not None:
            found.append(Matter("out_before_in", punch=going["id"]))
        return found

    def _is_off(self, sending: Sending, sent: Sent) -> bool:
        if sending.skew is not None:
            return abs(sending.skew) > CLOCK_TOLERANCE
        return sending.source in ONLINE and abs(self.now - sent.at) > CLOCK_TOLERANCE

    def _going(self, sent: Sent, shift: KnownShift, volunteer: KnownVolunteer) -> Row | None:
        """A going that was refused because this coming arrived after it."""
        if sent.direction != "in":
            return None
        goings = self.known.goings[shift.times.id, volunteer.id]
        return next((each for each in goings if each["at"] > sent.at), None)


def answers(
    sendings: Sequence[Sending], judged: Iterable[Judged], firsts: dict[str, Row]
) -> list[list[Result]]:
    """The results of each request, in the order in which its punches were sent."""
    fresh = {each.sent.nonce: each.result for each in judged}
    found = []
    for sending in sendings:
        results = []
        for sent in sending.sent:
            result = fresh.get(sent.nonce)
            results.append(result or _first(sent.nonce, firsts[sent.nonce]))
            if result and result.result == "accepted":
                fresh[sent.nonce] = Result(sent.nonce, "repeat", None, result.attendance)
        found.append(results)
    return found


def _first(nonce: str, row: Row) -> Result:
    """The first result of a punch, given again."""
    if row["result"] == "accepted":
        return Result(nonce, "repeat", None, row["attendance_key"])
    return Result(nonce, "refused", row["code"])
