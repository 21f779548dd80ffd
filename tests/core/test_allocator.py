"""What a large document took is given back when that is asked for."""

from __future__ import annotations

import ctypes
import gc
import sys
import weakref

import pytest

from core import allocator


class Knot:
    """Something that only the collector frees."""

    def __init__(self) -> None:
        self.itself = self


def test_what_only_the_collector_frees_is_freed() -> None:
    gc.collect()
    gc.disable()
    try:
        knot = weakref.ref(Knot())
        assert knot() is not None
        allocator.give_back()
        assert knot() is None
    finally:
        gc.enable()


def test_it_does_without_what_the_system_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    allocator.give_back()
    monkeypatch.setattr(sys, "platform", "elsewhere")
    monkeypatch.delattr(ctypes, "CDLL")
    allocator.give_back()
