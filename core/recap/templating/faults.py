"""What is wrong with a template: names that nothing has, and wordings that GB/T 15835 forbids."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from core.metrics import Metric
from core.recap.templating.language import (
    FIELD,
    VARIANTS,
    Fault,
    Field,
    Vocabulary,
    fields,
)
from core.recap.templating.reading import parse

LONGEST = 5000
# Looking for what somebody may have meant takes its time.
MOST_HINTS, LONGEST_NAME = 20, 60
# 近 and 约 that approximate nothing: 附近, 签约.
_ROUGH_BEFORE = re.compile(
    r"((?<![附最新临邻就靠走])近|(?<![预签节公合相邀履条大])约|大约|将近|接近|超过|逾|不足)$"
)
_ROUGH_AFTER = re.compile(r"(余|左右|上下|多(?=[，。；、）]|$|[户人名家次件元个条份本张篇场]))")
_EXCESS = re.compile(r"超额[^，。；：]{0,8}$")
# Words that begin like a unit and are none.
_NO_UNITS = re.compile(
    r"家[庭长属人政访教园]|人[员民均才口群大社力士工物道文身们]|个[人性体案别]"
    r"|本[地人次市县区乡镇街村年月届]|条[件例]|次[日年月要]|件数|名[单称誉额]|份额|张[贴挂]"
    r"|场[地所合面馆]|元[旦宵]|户[籍外均主口型]|篇[幅章]"
)
_UNITS = re.compile(
    r"户次|人次|条次|场次|小时|万元|亿元|个百分点|[户人名家次件元个条份本张篇场届台套%％]"
)


def check(text: str, known: Vocabulary) -> list[Fault]:
    """Everything wrong with a template, by place; those with ``warning`` may stay."""
    lines, found = parse(text)
    faults = list(found)
    if len(text) > LONGEST:
        faults.append(Fault(1, 1, "too_long", f"最多{LONGEST}个字，现在有{len(text)}个"))
    named = list(fields(lines))
    written = text.splitlines()
    hints = MOST_HINTS
    for place in named:
        fault = _name_fault(place, known, hint=hints > 0)
        hints -= fault is not None
        faults += [fault] if fault else _wordings(place, written[place.line - 1], known)
    faults += _half_width(written, {place.line for place in named})
    return sorted(faults, key=lambda fault: (fault.line, fault.column))


def refused(faults: Sequence[Fault]) -> list[Fault]:
    """Those that keep a template from being saved."""
    return [fault for fault in faults if not fault.warning]


def _name_fault(place: Field, known: Vocabulary, *, hint: bool) -> Fault | None:
    if not place.name:
        code, message = "empty_field", "花括号里要写一项数据的名称"
    elif (found := known.find(place.name)) is None:
        code, message = _unknown(place.name, known, hint=hint)
    elif place.variant and isinstance(found, str):
        code, message = "unknown_variant", f"“{place.name}”后面不能写“|{place.variant}”"
    elif place.variant and place.variant not in VARIANTS:
        offered = "、".join(VARIANTS)
        code = "unknown_variant"
        message = f"“|”后面不能写“{place.variant}”，可以写：{offered}"
    else:
        return None
    return Fault(place.line, place.column, code, message)


def _unknown(name: str, known: Vocabulary, *, hint: bool) -> tuple[str, str]:
    several = known.labelled(name)
    if several:
        keys = "或".join(f"{{{metric.key}}}" for metric in several)
        return "ambiguous", f"有{len(several)}项数据都叫“{name}”，请写编号{keys}"
    near = nearest(name, known) if hint and len(name) <= LONGEST_NAME else ""
    advice = f"，是不是“{near}”？" if near else "，请从可用的数据里选"
    return "unknown_figure", f"没有叫“{name}”的数据{advice}"


def nearest(name: str, known: Vocabulary) -> str:
    """The name that is most like this one, or means the same; empty where none does."""
    labels = {known.label_of(metric): known.label_of(metric) for metric in known.metrics.values()}
    others = {
        word: known.label_of(metric)
        for metric in known.metrics.values()
        for word in (metric.key, *metric.aliases)
    }
    for offered in ({**{word: word for word in known.words}, **labels}, others):
        if name in offered:
            return offered[name]
        if near := difflib.get_close_matches(name, offered, 1, cutoff=0.5):
            return offered[near[0]]
    return next((label for label in labels if label in name or name in label), "")


def _wordings(place: Field, line: str, known: Vocabulary) -> Iterator[Fault]:
    """What stands around a figure and must not."""
    metric = known.find(place.name)
    if not isinstance(metric, Metric):
        return
    before = line[: place.column - 1]
    end = FIELD.match(line, place.column - 1)
    after = line[end.end() :] if end else ""

    def fault(code: str, message: str, *, warning: bool = False) -> Fault:
        return Fault(place.line, place.column, code, message, warning)

    if place.variant == "完成率":
        if _EXCESS.search(before) or after.startswith("超额"):
            yield fault("excess", "完成率不是超额的部分：完成率240%不能写成“超额240%完成”")
    elif "超额" in before[max(map(before.rfind, "。}｝")) + 1 :]:
        yield fault("excess", "“超额”写死在模板里：没有超过任务的单位也会这样写", warning=True)
    rough = _ROUGH_BEFORE.search(before)
    if rough and not (place.variant in ("任务", "上次") and rough[0] in ("超过", "逾", "不足")):
        yield fault("approximation", f"“{rough[0]}”要去掉：数据是约数时会自己写“约”")
    if rough := _ROUGH_AFTER.match(after):
        yield fault("approximation", f"“{rough[0]}”要去掉：数据是约数时会自己写“约”")
    unit = _UNITS.match(after)
    own = "%" if place.variant in ("完成率", "增幅") else metric.unit
    if own and unit and not _NO_UNITS.match(after):
        yield fault("unit", f"后面的“{unit[0]}”要去掉：这里会自己写出单位“{own}”")


def _half_width(lines: Sequence[str], fielded: set[int]) -> Iterator[Fault]:
    """Commas that part no clauses, because they are those of another script."""
    for number in sorted(fielded):
        bare = FIELD.sub(lambda match: " " * len(match[0]), lines[number - 1])
        for match in re.finditer(r"(?<!\d)[,;:]|[,;:](?!\d)", bare):
            full = {",": "，", ";": "；", ":": "："}[match[0]]
            message = f"请用全角的“{full}”，半角的不能把分句隔开"
            yield Fault(number, match.start() + 1, "half_width", message, True)
