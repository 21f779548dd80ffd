"""The frame of a calendar, written by icalendar: its own properties and its time zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from icalendar import Calendar, Timezone, TimezoneStandard, vDuration, vText, vUri

from events.content_lines import ZONE_NAME, clean, escape, uri_value

PRODUCT = "-//Tongxing//同行//ZH"


class _ExactText(vText):
    """Text escaped by the standard's rule alone."""

    def to_ical(self) -> bytes:
        return escape(str(self)).encode()


def feed(name: str, description: str, refresh_minutes: int, source_url: str) -> list[str]:
    """The lines of a calendar to subscribe to, unfolded; entries go before the last one."""
    calendar = _calendar()
    shown_name, shown_description = _ExactText(clean(name)), _ExactText(clean(description))
    calendar.add("NAME", shown_name)
    calendar.add("X-WR-CALNAME", shown_name)
    if shown_description:
        calendar.add("DESCRIPTION", shown_description)
        calendar.add("X-WR-CALDESC", shown_description)
    calendar.add("X-WR-TIMEZONE", ZONE_NAME)
    refresh = vDuration(timedelta(minutes=refresh_minutes))
    calendar.add("X-PUBLISHED-TTL", refresh)
    calendar.add("REFRESH-INTERVAL", vDuration(refresh.td), parameters={"VALUE": "DURATION"})
    if source_url:
        calendar.add("SOURCE", vUri(uri_value(source_url)), parameters={"VALUE": "URI"})
    return _lines(calendar)


def single() -> list[str]:
    """The same of a file with one entry to download."""
    calendar = _calendar()
    calendar.add("METHOD", "PUBLISH")
    return _lines(calendar)


def _lines(calendar: Calendar) -> list[str]:
    *lines, _ = calendar.content_lines(sorted=False)
    return [str(line) for line in lines]


def _calendar() -> Calendar:
    """Start a calendar: its first properties and its time zone."""
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add_component(_timezone())
    return calendar


@cache
def _timezone() -> Timezone:
    """Build the VTIMEZONE without which Outlook is an hour off."""
    standard = TimezoneStandard()
    standard.add("DTSTART", datetime(1970, 1, 1))  # noqa: DTZ001 - local by RFC 5545, 3.6.5
    standard.add("TZOFFSETFROM", timedelta(hours=8))
    standard.add("TZOFFSETTO", timedelta(hours=8))
    standard.add("TZNAME", "CST")
    zone = Timezone()
    zone.add("TZID", ZONE_NAME)
    zone.add_component(standard)
    return zone
