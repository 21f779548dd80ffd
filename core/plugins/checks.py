"""What a plugin may register, checked when it is loaded, so that none of it fails later.

All that a plugin brings bears its key: metrics, permissions, templates of the recap, its part of a
bundle, its tables. So no two plugins can clash, and none can put itself in another's place.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from core.deferred_imports import leave_formatter_out
from core.permissions import ROLES
from core.recap.templating.parts import faults_of


def check(key: str, answers: Mapping[str, Any], *, foundation: bool = False) -> None:
    """Raise ValueError, in Chinese, for what could not be used.

    ``answers`` holds what each ``register_*`` hook of the plugin gave, by the hook's name. A part
    of the house itself (``foundation``) may bring a list of a bundle's envelope, and name its
    tables as it likes.
    """
    for metric in answers.get("register_metrics", ()):
        _require_prefix(key, metric.key, "指标")
    for permission in answers.get("register_permissions", ()):
        _require_prefix(key, permission.key, "权限")
        if unknown := permission.roles - ROLES:
            raise ValueError(
                f"权限“{permission.key}”给了不存在的角色：{'、'.join(sorted(unknown))}"
            )
    _check_templates(key, answers)
    for name in answers.get("register_piccolo_apps", ()):
        _check_app(key, name, foundation)
    section = answers.get("register_bundle_section")
    if section is None or foundation:
        return
    if section.key != key or section.in_envelope:
        raise ValueError(f"活动包里的“{section.key}”不是插件自己的部分（应当是“{key}”）")


def _require_prefix(key: str, name: str, what: str) -> None:
    if not name.startswith(f"{key}."):
        raise ValueError(f"{what}“{name}”不在插件自己的名下（应以“{key}.”开头）")


def _check_templates(key: str, answers: Mapping[str, Any]) -> None:
    """Each part once, in the plugin's namespace; nothing named but its own figures and words."""
    templates = answers.get("register_recap_templates", ())
    metrics = {metric.key: metric for metric in answers.get("register_metrics", ())}
    parts = set()
    for template in templates:
        if template.part != key:
            _require_prefix(key, template.part, "总结模板")
        if template.part in parts:
            raise ValueError(f"总结模板“{template.part}”登记了两次")
        parts.add(template.part)
    if faults := faults_of(templates, metrics):
        raise ValueError(faults[0])


def _check_app(key: str, name: str, foundation: bool) -> None:
    leave_formatter_out()
    app = import_module(name).APP_CONFIG
    if app.app_name != key:
        raise ValueError(f"数据表模块“{name}”自称“{app.app_name}”，应当是“{key}”")
    for table in app.table_classes:
        tablename = table._meta.tablename
        if not foundation and not tablename.startswith(f"{key}_"):
            raise ValueError(f"数据表“{tablename}”不在插件自己的名下（应以“{key}_”开头）")
