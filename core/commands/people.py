"""``user``, ``token`` and ``organisation``: who uses this installation."""

from __future__ import annotations

import sys

import click

from core import accounts, database, organisations, sessions
from core.bundle_envelope import LEVELS
from core.commands.kit import ChineseGroup, actor, organisation_id, run, tell, write
from core.moments import now
from core.permissions import ROLE_LABELS, ROLES
from core.process import Process

ROLE = click.option(
    "--role",
    type=click.Choice(sorted(ROLES)),
    required=True,
    help="角色：" + "、".join(f"{key} {label}" for key, label in ROLE_LABELS.items()),
)
OFFICE = click.option("--organisation", metavar="编号", required=True, help="哪个机构及其下级")


@click.group("user", cls=ChineseGroup)
def user_group() -> None:
    """管理账号。"""


@user_group.command("add")
@click.argument("name", metavar="账号")
@ROLE
@OFFICE
@click.option("--display-name", metavar="姓名", default="", help="显示的姓名，默认同账号名")
def user_add(name: str, role: str, organisation: str, display_name: str) -> None:
    """新增账号；密码由键盘输入，或从标准输入读一行。"""
    if sys.stdin.isatty():
        password = click.prompt("密码", hide_input=True, confirmation_prompt="再输一次", err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")

    async def work(_: Process) -> int:
        office = await organisation_id(organisation)
        return await accounts.create(
            actor(),
            name,
            display_name=display_name,
            password=password,
            role=role,
            organisation_id=office,
        )

    run(work)
    tell(f"账号“{name}”已建立。")


@click.group("token", cls=ChineseGroup)
def token_group() -> None:
    """管理接口令牌。"""


@token_group.command("add")
@click.argument("name", metavar="名称")
@ROLE
@OFFICE
def token_add(name: str, role: str, organisation: str) -> None:
    """新增接口令牌；令牌只输出这一次。"""

    async def work(_: Process) -> str:
        office = await organisation_id(organisation)
        return await sessions.create_token(actor(), name, role, office, now=now())

    write(run(work) + "\n", None)
    tell("请妥善保存，令牌不会再次显示。")


@click.group("organisation", cls=ChineseGroup)
def organisation_group() -> None:
    """管理机构。"""


@organisation_group.command("list")
def organisation_list() -> None:
    """列出全部机构。"""

    async def work(_: Process) -> str:
        rows = await database.fetch("SELECT key, level, name FROM organisation ORDER BY id")
        return "".join(f"{row['key']}\t{row['level']}\t{row['name']}\n" for row in rows)

    write(run(work), None)


@organisation_group.command("add")
@click.argument("key", metavar="编号")
@click.option("--name", required=True, metavar="名称", help="机构名称，例如“某市残联”")
@click.option("--level", type=click.Choice(LEVELS), required=True, help="级别")
@click.option("--parent", metavar="编号", help="上级机构，没有则不写")
def organisation_add(key: str, name: str, level: str, parent: str | None) -> None:
    """新增机构。"""

    async def work(_: Process) -> int:
        above = None if parent is None else await organisation_id(parent)
        return await organisations.create(actor(), key, name=name, level=level, parent_id=above)

    run(work)
    tell(f"机构“{name}”已建立。")
