"""What volunteers agree to: the text as shown, by version, kept with whoever agreed and when.

个人信息保护法 13, 14, 17, 29–31; 志愿服务条例 19–21.
"""

from __future__ import annotations

VERSION = "2026-11"
TEXTS: dict[str, tuple[str, ...]] = {
    "2026-11": (
        (
            "收集什么：姓名、手机号、所属单位、技能；未满18周岁的另收集出生日期、监护人的姓名和手机号。"
            "不收集身份证号。"
        ),
        "为什么收集：安排志愿服务、联系您、如实记录服务时长、出具志愿服务记录证明。不作别的用途。",
        (
            "谁能看到：您报名的活动的工作人员。名单里姓名只显示一部分，手机号加密保存。"
            "未经您同意不公开、不提供给别人。"
        ),
        (
            "保存多久：您可以随时退出，并导出或删除个人信息；"
            "已经确认的服务记录按《志愿服务条例》保存，删除个人信息以后不再显示您是谁。"
        ),
        "您的权利：查看、更正、导出、删除个人信息，撤回同意。撤回以前的服务记录仍然有效。",
    ),
}


def paragraphs(version: str = VERSION) -> tuple[str, ...]:
    """The text of a version. KeyError for one that was never shown."""
    return TEXTS[version]
