"""Counting words and what they count with: which of them may be set against each other."""

from __future__ import annotations

import re

HOUSEHOLD, PERSON, MONEY = "户", "人", "元"

_WORDS = tuple(
    word
    for line in (
        "人 名 位 户 户家庭 人次 户次 台次 件次 条次 车次 班次 课次 篇次 场次 家次 人（次）",
        "场（次） 户（次） 人(次) 场(次) 次 场 期 届 轮 趟 节 堂 课 例 起 宗 单 个 家 件 份",
        "本 册 张 条 块 篇 支 辆 台 对 套 袋 桶 项 处 所 类 种 座 间 栋 部 副 双 只 把 根 盒",
        "箱 包 瓶 组 队 批 幅 面 枚 棵 盏 顶 床 提 页 字 封 幢 头 架 款 斤 公斤 千克 吨 升 米",
        "平方米 公里 亩 小时 学时 课时 平米 颗 首 股 车 票 笔 桌 句 元 元人民币 元钱 块钱",
    )
    for word in line.split()
)
# Words that begin with the same character and are no counting words: 12部门 are no 12部.
_NOT_BEFORE = {
    "人": "大|民|力|均|士|才|员",
    "名": "单(?!亲|身|位)|称|誉|录|额",
    "位": "数|置|于",
    "个": "百分点|性|体(?!育)|案",
    "部": "门|分|队|署",
    "场": "地|馆|景|所",
    "台": "阶|账",
    "条": "件|例",
    "项": "目(?=[经管])",
    "面": "积|对|向|试",
    "字": "典",
    "头": "部",
    "包": "括|含",
    "对": "于|象|外|口|接|点",
    "所": "有|以",
    "组": "织|成|长",
    "根": "据",
    "把": "握|关",
    "提": "供|高|升|出",
    "首": "先|次",
    "米": "饭",
    "次": "于|要|数",
    "处": "理|于",
    "支": "持|出|部|付",
    "课": "题|程",
    "单": "位",
    "家": "庭|属",
    "类": "似",
    "升": "级",
    "起": "来|到|草",
    "例": "如",
    "期": "间|盼",
    "届": "时",
    "轮": "椅",
    "节": "日|约",
    "队": "伍|员",
    "份": "额",
    "票": "据|价",
    "车": "辆|间",
    "床": "位",
    "顶": "层",
    "句": "号",
    "笔": "记",
    "件": "数",
    "册": "数",
    "户": "籍|外|主|型|口|均",
    "元": "旦|宵|素",
    "双": "方",
    "幅": "度",
    "篇": "幅",
    "间": "隔",
    "股": "份",
    "种": "植",
    "座": "谈",
    "只": "有|能|是",
}
_SPELLINGS = {
    "户家庭": "户",
    "块钱": "元",
    "元钱": "元",
    "元人民币": "元",
    "平米": "平方米",
    "人（次）": "人次",
    "人(次)": "人次",
    "场（次）": "场次",
    "场(次)": "场次",
    "户（次）": "户次",
}
_FAMILIES = {"名": "人", "位": "人", "场次": "场", "册": "本", "公斤": "千克"}


def _alternative(unit: str) -> str:
    refused = _NOT_BEFORE.get(unit)
    return re.escape(unit) + (f"(?!{refused})" if refused else "")


PATTERN = "|".join(_alternative(unit) for unit in sorted(_WORDS, key=len, reverse=True))


def plain(unit: str) -> str:
    """The counting word in its one spelling: 户家庭 → 户, 场（次）→ 场次."""
    return _SPELLINGS.get(unit, unit)


def family(unit: str) -> str:
    """Words that count the same share one: 人, 名 and 位 are 人; 人次 is not."""
    return _FAMILIES.get(unit, unit)
