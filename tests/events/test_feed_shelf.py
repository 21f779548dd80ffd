"""The shelf of feeds: what is given, what is not, and how much is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from events.feed_shelf import Shelf, Written

NOW = datetime(2022, 5, 3, 2, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)
REVISION = (1, NOW, None)


def written(size: int = 10) -> Written:
    return Written(b"x" * size, f'"{size}"', NOW, LATER)


def test_a_feed_is_given_for_its_revision_alone() -> None:
    shelf = Shelf()
    feed = written()
    shelf.keep((1, 1, "a"), REVISION, feed)
    assert shelf.find((1, 1, "a"), REVISION, NOW) is feed
    assert shelf.find((1, 2, "a"), REVISION, NOW) is None
    assert shelf.find((1, 1, "a"), (2, NOW, None), NOW) is None
    # It is of a revision that is over: nobody is given it again.
    assert shelf.find((1, 1, "a"), REVISION, NOW) is None
    assert shelf.size == 0


def test_a_feed_is_not_given_when_its_time_is_over() -> None:
    shelf = Shelf()
    shelf.keep((1,), REVISION, written())
    assert shelf.find((1,), REVISION, LATER - timedelta(microseconds=1)) is not None
    assert shelf.find((1,), REVISION, LATER) is None


def test_the_one_asked_for_longest_ago_goes_first() -> None:
    shelf = Shelf(most_bytes=30)
    for place in range(3):
        shelf.keep((place,), REVISION, written())
    assert shelf.find((0,), REVISION, NOW) is not None
    shelf.keep((3,), REVISION, written())
    assert [shelf.find((place,), REVISION, NOW) is not None for place in range(4)] == [
        True, False, True, True,
    ]  # fmt: skip
    assert shelf.size == 30


def test_a_feed_that_is_written_anew_takes_its_own_place() -> None:
    shelf = Shelf(most_bytes=30)
    shelf.keep((1,), REVISION, written(10))
    shelf.keep((1,), REVISION, written(12))
    assert shelf.size == 12


def test_one_that_would_fill_half_the_shelf_is_not_kept() -> None:
    shelf = Shelf(most_bytes=30)
    shelf.keep((1,), REVISION, written(10))
    shelf.keep((1,), REVISION, written(16))
    assert shelf.find((1,), REVISION, NOW) is None
    assert shelf.size == 0
