"""How a rule says no: with a stable code, a place and a Chinese sentence for the person concerned.

Core raises these and knows no HTTP; whoever faces people turns them into a page, a problem
document or a line on the terminal.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what was given.

    ``pointer`` is a JSON pointer (``/name``), empty when the whole is meant; ``code`` is stable and
    English; ``message`` is a Chinese sentence.
    """

    pointer: str
    code: str
    message: str

    @property
    def member(self) -> str:
        """The first member that the pointer names: the field of a form."""
        return self.pointer.lstrip("/").split("/", 1)[0]


class Refusal(Exception):  # noqa: N818 — it is no defect: it is an answer
    """What was asked goes against a rule; ``faults`` says each reason. Nothing has been written."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("；".join(fault.message for fault in faults))
        self.faults = faults

    @classmethod
    def of(cls, code: str, message: str, member: str = "") -> Refusal:
        """A refusal with one reason, about ``member`` or the whole."""
        return cls(Fault(f"/{member}" if member else "", code, message))

    @property
    def code(self) -> str:
        """The code of the first reason."""
        return self.faults[0].code


class Conflict(Refusal):
    """What was asked clashes with how things stand: a key is taken, a state forbids it."""


class Missing(LookupError):  # noqa: N818 — named for the answer it leads to
    """There is no such thing, or none that the asker may know of; the message is for people."""
