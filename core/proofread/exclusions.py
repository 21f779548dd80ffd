"""Numerals that count nothing: dates, editions, document numbers, set phrases, headings.

`mask` blanks them out, character for character, so that the search for quantities passes over.
"""

from __future__ import annotations

import re

BLANK = "\ue000"

_CN = "零〇一二三四五六七八九十百两廿"
_ANY = rf"(?:(?<![\d.])\d{{1,5}}|[{_CN}]{{1,5}})"
_DASH = r"\s{0,2}(?:——|[-—–~至到、]|和|及)\s{0,2}"
_YEAR = r"(?<!\d)(?:19|20)\d\d"
_HEADING = rf"(?:[（(]\s?(?:\d{{1,2}}|[{_CN}]{{1,3}})\s?[)）]|[{_CN}]{{1,3}}[、.．](?![{_CN}]))"
_ABSTRACT = (
    "方面|环节|阶段|层次|层面|小组|步骤|重点|关键|结合|坚持|突出|确保|原则|要素|渠道|途径|方式|维度|机制|抓手|"
    "特点|转变|不|好|统一|纳入|同步|优先|专项|意识|自信|维护|确立|代表|到位|百年|一|全面|服务"
)

_WRITTEN = (
    # Titles of papers and books; slogans in quotation marks.
    r"《[^《》\n]{1,60}》",
    r"[“\"「『][^“”\"「」『』\n\d]{1,16}[”\"」』]",
    r"[“\"]\d{1,3}\s?\+\s?[\dNnXx]{1,3}[”\"]",
    # Addresses, identifiers, standards, telephone and card numbers.
    r"(?:https?://|www\.)[\x21-\x7e]{1,300}",
    r"GB(?:/T)?\s?\d{1,6}(?:[.—-]\d{1,6}){0,3}",
    r"[A-Za-z][A-Za-z/]{0,12}-?\d{1,20}(?:[.-]\d{1,9}){0,4}",
    r"(?<!\d)\d{1,12}[A-Za-z]{1,12}",
    r"(?<!\d)1[3-9]\d{9}(?!\d)",
    r"(?<!\d)\d{16,40}[Xx]?",
    r"(?<!\d)(?:0\d{2,3}-?\d{7,8}|[48]00-\d{3,4}-\d{3,4})(?!\d)",
    r"(?<!\d)(?:1\d\d|12\d{3}|9\d{4})(?=(?:心理|服务|求助|便民|急救|残疾人){0,2}(?:热线|平台|电话))",
    r"[〔\[（(【]\s?(?:19|20)\d\d\s?[〕\])）】](?:\s?第?\s?\d{1,5}\s?号)?",
    # The marks that a recap handed out here sets behind its figures.
    r"〔\d{1,3}〕",
    r"第?(?<!\d)\d{1,6}号(?!人)",
)
_TIMES = (
    (
        rf"{_YEAR}(?:{_DASH}(?:19|20)?\d\d)?\s?(?:学年|年度|年|届)"
        rf"(?:\s?\d{{1,2}}\s?月(?:\s?\d{{1,2}}(?:{_DASH}\d{{1,2}}){{0,4}}\s?[日号])?)?"
    ),
    r"(?<!\d)\d{4}[-./]\d{1,2}[-./]\d{1,2}(?!\d)",
    rf"(?<!\d)\d{{1,2}}\s?月(?:\s?\d{{1,2}}(?:{_DASH}\d{{1,2}}){{0,4}}\s?[日号])?份?",
    rf"(?<!\d)\d{{1,2}}(?:{_DASH}\d{{1,2}}){{1,4}}(?=\s?[日号月年岁级])",
    r"(?<!\d)\d{1,2}\s?[日号](?!人|间)",
    r"(?<![\d.])\d{1,2}[时点](?:\d{1,2}分|半|整)?(?!建议|意见|要求)",
    r"(?<!\d)\d{1,2}[:∶]\d{1,2}(?:[:∶]\d{2})?(?!\d)",
    (
        rf"(?:近|约|连续|已)?{_ANY}[余多来几]?个?半?"
        r"(?:年(?![货轻老画])|月(?!饼|亮)|星期|周(?![转边])|季度|天(?!文)|日(?!间|用)|工作日|学期)[余多半来]?"
    ),
    r"(?<!\d)\d{1,3}(?:分钟|分(?!之)|秒)",
    r"24小时(?!制)",
)
_ORDERS = (
    rf"第\s?{_ANY}(?:{_DASH}第?{_ANY})?",
    rf"(?<![\d.{_CN}])(?:[\d{_CN}](?:{_DASH})?){{1,3}}(?:级|等奖|等功|星级|类地区)",
    rf"{_ANY}(?:{_DASH}{_ANY})?周?岁",
    rf"{_ANY}分之(?<![百千万]分之){_ANY}",
    rf"^[ \t\u3000]*{_HEADING}",
    r"^[ \t\u3000]*\d{1,2}(?:\.\d{1,2}){0,3}[、.．)）](?!\d)",
    rf"(?<=[。；：:;])\s?{_HEADING}",
    r"(?<=[。；：:;])\s?\d{1,2}[.．、](?!\d)",
)
_PHRASES = (
    r"两项补贴|两[会癌免节险]|三公经费|两个月|第一批|[进下第]一步",
    rf"[二两三四五六七八九十]{{1,2}}[个种类项条](?={_ABSTRACT})",
    r"一[户人村件事县镇家院校][一多两双][^，。；、]|一[助对帮]一|一次性|一家人|一家亲|一条龙|一条心",
    # How a figure is counted (口径), as recaps print it.
    r"只[计算记]一[次人户家]|[一两二三四]位小数|[两三四]项数据",
    r"一卡通|一把手|一揽子|一系列|一批|一件件|一个个|一台戏|一份[力爱心温情]|一张[网纸]|一块儿?(?!钱)",
    r"一个(?:也|都|不)|千家万户|百家争鸣|万人空巷|千人千面|万家灯火|千门万户|百件实事|万人[评投]",
    (
        r"[每这那某同任各统唯单专之万逐首头上下再又哪][一两几]"
        r"(?=[个名位户家次场件项人份套本批起处届期类条种])"
    ),
    (
        r"(?<![十百千万零〇二三四五六七八九])一(?=(?:[个种类项套条份张块双对次批组部面把股件支家处句台座起]|户型)"
        r"[^，。；、：！？\s（）()])"
    ),
)
_EXCLUDED = re.compile("|".join((*_WRITTEN, *_TIMES, *_ORDERS, *_PHRASES)), re.MULTILINE)
# A date whose beginning was read before may run on to another day: 5月1日至31日.
_OPEN_DATE = re.compile(rf"(?<={BLANK}){_DASH}(?:\d{{1,2}}月)?\d{{1,2}}(?=[日号年])")


def mask(narrow: str) -> str:
    """The text with every excluded stretch blanked; of the same length."""
    blanked = _EXCLUDED.sub(lambda match: BLANK * len(match.group()), narrow)
    return _OPEN_DATE.sub(lambda match: BLANK * len(match.group()), blanked)
