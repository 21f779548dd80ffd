"""The form of an activity: from what was typed to a plan, and from an activity to its fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from api.kit import filters, forms
from core.moments import from_local
from events import accessibility
from events.activities import Activity
from events.plan import Plan

BETWEEN_WORDS = re.compile(r"[、，,；;\n]+")
# The field with ticks, and the one beside it for words of one's own.
WORD_FIELDS = {"accessibility": "accessibility_other", "accessibility_asked": "asked_other"}
MISSING = {
    "title": "请填写名称",
    "kind": "请选择类别",
    "organisation": "请选择单位",
    "starts_at": "请填写开始时间",
    "ends_at": "请填写结束时间",
}
SERVICE_OPTIONS = [
    {"value": word, "label": label} for word, label in accessibility.SERVICES.items()
]


def read(form: forms.Form, kinds: Mapping[str, str]) -> Plan | None:
    """The plan of a form; None when something is wrong, which the form then tells."""
    for name, sentence in MISSING.items():
        if not form.value(name).strip():
            form.fail(name, sentence)
    title = form.text("title", required=True)
    kind = form.choice("kind", kinds, required=True)
    organisation = form.key("organisation", required=True)
    starts_at = form.moment("starts_at", required=True)
    ends_at = form.moment("ends_at", required=True)
    capacity = form.count("capacity")
    texts = {
        name: form.text(name) for name in ("place", "address", "hosts", "person_in_charge", "notes")
    }
    offered, asked = (_words(form, name) for name in WORD_FIELDS)
    if starts_at and ends_at and ends_at < starts_at:
        form.fail("ends_at", "结束时间早于开始时间")
    if not form.ok or kind is None or organisation is None or starts_at is None or ends_at is None:
        return None
    return Plan(
        title=title,
        kind=kind,
        organisation=organisation,
        starts_at=starts_at,
        ends_at=ends_at,
        capacity=capacity,
        accessibility=offered,
        accessibility_asked=asked,
        **texts,
    )


def _words(form: forms.Form, name: str) -> tuple[str, ...]:
    """The services ticked and those written beside; a label that is written is its slug."""
    by_label = {label: word for word, label in accessibility.SERVICES.items()}
    written = [word.strip() for word in BETWEEN_WORDS.split(form.text(WORD_FIELDS[name]))]
    others = [by_label.get(word, word) for word in written if word]
    return tuple(dict.fromkeys([*form.chosen(name, accessibility.SERVICES), *others]))


def of_activity(activity: Activity) -> forms.Form:
    """The form of an activity as it stands."""
    form = forms.filled(
        {
            "title": activity.title,
            "kind": activity.kind,
            "organisation": activity.organisation,
            "starts_at": filters.field_moment(activity.starts_at),
            "ends_at": filters.field_moment(activity.ends_at),
            "place": activity.place,
            "address": activity.address,
            "hosts": activity.hosts,
            "capacity": "" if activity.capacity is None else str(activity.capacity),
            "person_in_charge": activity.person_in_charge,
            "notes": activity.notes,
            "seen": activity.modified_at.isoformat(),
        }.items()
    )
    for name in WORD_FIELDS:
        _fill_words(form, name, getattr(activity, name))
    return form


def _fill_words(form: forms.Form, name: str, words: Iterable[str]) -> None:
    form.lists[name] = [word for word in words if word in accessibility.SERVICES]
    form.values[WORD_FIELDS[name]] = "、".join(w for w in words if w not in accessibility.SERVICES)


def blank(organisation: str, on: date | None) -> forms.Form:
    """The form of a new activity: a morning, where a day is known already."""
    values = {"organisation": organisation}
    if on is not None:
        starts = from_local(on, 9)
        values["starts_at"] = filters.field_moment(starts)
        values["ends_at"] = filters.field_moment(starts + timedelta(hours=2))
    return forms.filled(values.items())


def seen(form: forms.Form) -> datetime | None:
    """When the activity had last changed that the editor saw; None when the form does not say."""
    try:
        return datetime.fromisoformat(form.values.get("seen", ""))
    except ValueError:
        return None
