"""Errors as RFC 9457 problem documents.

Whatever goes wrong, the answer has a stable ``code`` and a Chinese sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.refusals import Conflict, Fault, Refusal

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS, LONGEST_TEXT = 1_000, 500

# Status: (code, title, sentence).
SENTENCES: dict[int, tuple[str, str, str]] = {
    400: ("bad_request", "请求看不懂", "请求的内容不完整或格式不对。"),
    401: ("unauthenticated", "需要登录", "请先登录，或给出有效的令牌。"),
    403: ("forbidden", "没有权限", "您的账号没有做这件事的权限，需要时请联系管理员。"),
    404: ("not_found", "没有找到", "这里没有您要找的内容，或者它不在您的范围之内。"),
    405: ("method_not_allowed", "不能这样操作", "这个地址不支持这种操作。"),
    408: ("too_slow", "等得太久", "提交的内容没有及时传完，请检查网络后再试。"),
    409: ("conflict", "有冲突", "与现有的内容有冲突，请刷新后再试。"),
    410: ("gone", "已经停用", "这个地址或设备已经停用。"),
    413: ("too_large", "内容太大", "提交的内容太大（一个文件最多 10 MB），请减少后再试。"),
    415: ("unsupported_media_type", "格式不支持", "这里不接受这种格式的内容。"),
    422: ("invalid", "内容有误", "提交的内容有误，请按提示修改。"),
    429: ("too_many", "太频繁", "操作太频繁，请稍后再试。"),
    500: ("internal_error", "系统出错", "系统出了差错，没有写入任何内容。请稍后再试。"),
    503: ("unavailable", "暂时不能使用", "系统暂时不能使用，请稍后再试。"),
    507: ("storage_full", "磁盘已满", "服务器的磁盘满了，写不进去，刚才的内容没有保存。"),
}


class Problem(Exception):  # noqa: N818 — the name of the thing it becomes
    """An answer that is a problem. ``errors`` lists what is wrong with the request, all of it.

    ``again_after`` says in how many seconds another attempt makes sense (``Retry-After``).
    """

    def __init__(
        self,
        status: int,
        code: str = "",
        detail: str = "",
        errors: Sequence[Fault] = (),
        again_after: int | None = None,
    ) -> None:
        usual = SENTENCES.get(status, SENTENCES[400])
        self.status, self.code = status, code or usual[0]
        self.title, self.detail = usual[1], detail or usual[2]
        self.errors = tuple(errors)
        self.again_after = again_after
        super().__init__(self.detail)


class NotFound(Problem):
    """There is no such thing, or none that the actor may see: the two are not told apart."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(404, detail=detail)


class SignInNeeded(Problem):
    """Nobody is signed in: a page leads to the sign-in form, the API answers 401."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(401, detail=detail)


def from_refusal(refusal: Refusal) -> Problem:
    """A rule's refusal as a problem: 409 for a conflict, else 422."""
    conflict = isinstance(refusal, Conflict)
    detail = refusal.faults[0].message if len(refusal.faults) == 1 else ""
    return Problem(
        409 if conflict else 422, refusal.code if conflict else "", detail, refusal.faults
    )


def document(problem: Problem, request_id: str) -> dict[str, Any]:
    """The problem's JSON."""
    content: dict[str, Any] = {
        "type": f"urn:tongxing:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "code": problem.code,
        "detail": _cut(problem.detail),
        "request_id": request_id,
    }
    if problem.errors:
        content["errors"] = [
            {"pointer": _cut(each.pointer), "code": each.code, "message": _cut(each.message)}
            for each in _listed(problem.errors)
        ]
    return content


def _listed(errors: Sequence[Fault]) -> Sequence[Fault]:
    """As many as somebody reads: an answer must not outgrow what it answers."""
    rest = len(errors) - MOST_ERRORS
    if rest <= 0:
        return errors
    return [*errors[:MOST_ERRORS], Fault("", "more", f"还有 {rest:,} 处错误没有列出")]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
