"""How old somebody is, and what follows of it for volunteering."""

from __future__ import annotations

from datetime import date

# 志愿服务条例 15: what is asked must fit the age. 个人信息保护法 31: under 14 only with a guardian.
YOUNGEST = 14
GROWN = 18
TOO_YOUNG = "未满14周岁的，请由监护人陪同，到活动现场向工作人员报名，这里不能登记"
IS_GROWN = "按这个出生日期已满18周岁，请用成年人的登记表"
NOT_BORN = "出生日期不对，请核对"


def age(born: date, on: date) -> int:
    """Full years on a day; born on 29 February, one grows older on 1 March of other years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def fault(born: date, on: date) -> str:
    """Why somebody born then does not register as a minor; "" when he does."""
    years = age(born, on)
    if born > on or years > 120:
        return NOT_BORN
    if years < YOUNGEST:
        return TOO_YOUNG
    return IS_GROWN if years >= GROWN else ""
