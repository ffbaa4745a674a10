"""`campus board user` and `campus board token`: who may sign in, and which programs may read the API.

Every change is written to the store's audit first, then made: where the store is away, nothing is changed.
"""

import getpass
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands import options
from campus.commands.moments import local_time
from campus.commands.options import argument, option, print_table
from runtime.errors import ConfigError, UserError
from runtime.language import Text

if TYPE_CHECKING:
    from dashboards.access.files import AccountsFile
    from dashboards.access.roles import Role, Scope
    from store import Store

user_app = typer.Typer(
    help=str(Text("看板账号：建立、改密、列出、改角色、删除。", "Accounts of the board.")),
    no_args_is_help=True,
)
token_app = typer.Typer(
    help=str(Text("接口令牌：发放、列出、收回。", "Tokens for programs that read the API.")),
    no_args_is_help=True,
)


class RoleName(StrEnum):
    """What someone may do; docs/board.md has the table."""

    BUREAU = "bureau"
    SCHOOL = "school"
    EXPERT = "expert"
    OPERATOR = "operator"


NameArgument = Annotated[str, argument(Text("账号名", "the account's name"))]
RoleOption = Annotated[RoleName, option("--role", Text("角色", "what they may do"))]
DistrictOption = Annotated[
    list[str] | None,
    option(
        "--district",
        Text("只看此区县（可重复）；缺省全部", "only this district; may be repeated; default: all"),
    ),
]
SchoolOption = Annotated[
    list[str] | None,
    option(
        "--school", Text("学校角色所属学校（可重复）", "the school of a school's account; may be repeated")
    ),
]
PasswordOption = Annotated[
    str | None,
    option(
        "--password",
        Text(
            "env:变量名 或 file:/路径；缺省在终端询问",
            "env:NAME or file:/path; asked for on the terminal otherwise",
        ),
    ),
]
NoPasswordOption = Annotated[
    bool,
    option(
        "--no-password",
        Text("不设密码，由前置的统一登录认证", "no password: a sign-on in front says who it is"),
    ),
]
LabelOption = Annotated[str, option("--label", Text("用途", "what the token is for"))]
DaysOption = Annotated[int, option("--days", Text("有效天数", "for how many days"), min=1, max=732)]
KeyArgument = Annotated[str, argument(Text("令牌编号（见 list）", "the token's key, as list shows it"))]


@user_app.command("add", help=str(Text("建立账号。", "Make an account.")))
def add(
    name: NameArgument,
    config: options.Config,
    role: RoleOption,
    district: DistrictOption = None,
    school: SchoolOption = None,
    password: PasswordOption = None,
    no_password: NoPasswordOption = False,
) -> None:
    from dashboards.access.accounts import Accounts

    scope = _scope(district, school)
    with _opened(config) as desk:
        secret = None if no_password else _password(password)
        accounts = Accounts(desk.file)
        accounts.check_new(name, _role(role), scope, secret)
        desk.audit("user_add", name, _told(role.value, scope))
        accounts.add(name, _role(role), scope, secret, now_ms=desk.now_ms)
    typer.echo(Text(f"✓ 已建立账号 {name}（{role.value}）", f"✓ {name} may sign in as {role.value}"))
    _say_unknown(desk.registry, scope)


@user_app.command(
    "passwd", help=str(Text("重设密码，并使其在各处退出。", "Set a password; ends the sessions."))
)
def passwd(name: NameArgument, config: options.Config, password: PasswordOption = None) -> None:
    from dashboards.access.accounts import Accounts

    with _opened(config) as desk:
        secret = _password(password)
        accounts = Accounts(desk.file)
        accounts.check_known(name)
        accounts.check_password(name, secret)
        desk.audit("user_passwd", name)
        accounts.set_password(name, secret, now_ms=desk.now_ms)
    typer.echo(Text(f"✓ 已重设 {name} 的密码", f"✓ the password of {name} is set, its sessions have ended"))


@user_app.command("role", help=str(Text("更改角色与可见范围。", "Change role and scope.")))
def role(
    name: NameArgument,
    config: options.Config,
    role: RoleOption,
    district: DistrictOption = None,
    school: SchoolOption = None,
) -> None:
    from dashboards.access.accounts import Accounts

    scope = _scope(district, school)
    with _opened(config) as desk:
        accounts = Accounts(desk.file)
        accounts.check_known(name, _role(role), scope)
        desk.audit("user_role", name, _told(role.value, scope))
        accounts.set_role(name, _role(role), scope, now_ms=desk.now_ms)
    typer.echo(Text(f"✓ {name} 的角色为 {role.value}", f"✓ {name} is {role.value} now"))
    _say_unknown(desk.registry, scope)


@user_app.command(
    "remove", help=str(Text("删除账号，并使其在各处退出。", "Remove an account; ends its sessions."))
)
def remove(name: NameArgument, config: options.Config) -> None:
    from dashboards.access.accounts import Accounts

    with _opened(config) as desk:
        accounts = Accounts(desk.file)
        accounts.check_known(name)
        desk.audit("user_remove", name)
        accounts.remove(name)
    typer.echo(Text(f"✓ 已删除账号 {name}", f"✓ {name} is removed"))


@user_app.command("list", help=str(Text("列出账号。", "List the accounts.")))
def users(config: options.Config) -> None:
    from rich.table import Table

    from dashboards.access.accounts import Accounts

    with _opened(config, change=False) as desk:
        found = Accounts(desk.file).all()
    table = Table()
    for heading in (
        Text("账号", "account"),
        Text("角色", "role"),
        Text("可见范围", "may see"),
        Text("密码", "password"),
        Text("更改于", "changed"),
    ):
        table.add_column(str(heading))
    for account in found:
        has = Text("有", "yes") if account.password else Text("无（统一登录）", "none (sign-on)")
        table.add_row(
            account.name, account.role, _seen(account.scope), str(has), local_time(account.changed_ms)
        )
    print_table(table, width=140)


@token_app.command("add", help=str(Text("发放令牌；只显示这一次。", "Issue a token; it is shown this once.")))
def token_add(
    config: options.Config,
    label: LabelOption,
    role: RoleOption,
    days: DaysOption = 366,
    district: DistrictOption = None,
    school: SchoolOption = None,
) -> None:
    from dashboards.access.roles import EVERYTHING
    from dashboards.access.tokens import Tokens

    scope = _scope(district, school)
    with _opened(config) as desk:
        tokens = Tokens(desk.file)
        tokens.check(label, _role(role), scope, within=EVERYTHING, days=days)
        desk.audit("token_add", label, _told(role.value, scope))
        _, token = tokens.add(
            *(label, _role(role), scope), by=desk.who, within=EVERYTHING, days=days, now_ms=desk.now_ms
        )
    typer.echo(token)
    _say_unknown(desk.registry, scope)


@token_app.command("list", help=str(Text("列出令牌。", "List the tokens.")))
def tokens(config: options.Config) -> None:
    from rich.table import Table

    from dashboards.access.tokens import Tokens

    with _opened(config, change=False) as desk:
        found = Tokens(desk.file).all()
    table = Table()
    for heading in (
        Text("编号", "key"),
        Text("用途", "for"),
        Text("角色", "role"),
        Text("可见范围", "may see"),
        Text("到期", "until"),
        Text("最近使用", "last used"),
        Text("发放人", "issued by"),
    ):
        table.add_column(str(heading))
    for token in found:
        until = str(Text("已收回", "revoked")) if token.revoked_ms else local_time(token.expires_ms)
        used = local_time(token.used_ms) if token.used_ms else "—"
        table.add_row(
            *(token.key, token.label, token.role, _seen(token.scope), until, used, token.created_by)
        )
    print_table(table, width=140)


@token_app.command("revoke", help=str(Text("收回令牌。", "Take a token back.")))
def token_revoke(key: KeyArgument, config: options.Config) -> None:
    from dashboards.access.tokens import Tokens

    with _opened(config) as desk:
        tokens = Tokens(desk.file)
        tokens.check_known(key)
        desk.audit("token_revoke", key)
        tokens.revoke(key, now_ms=desk.now_ms)
    typer.echo(Text(f"✓ 已收回令牌 {key}", f"✓ token {key} is revoked"))


@dataclass(frozen=True, kw_only=True)
class _Desk:
    """The file of accounts, and the way to say in the audit what is about to be done."""

    file: "AccountsFile"
    who: str
    now_ms: int
    audit: Callable[..., None]
    registry: Path


@contextmanager
def _opened(config: options.Config, *, change: bool = True) -> Iterator[_Desk]:
    from dashboards.access.files import AccountsFile
    from dashboards.board import BoardSettings
    from runtime import load
    from store import open_store

    settings = load(BoardSettings, config)
    path = settings.access.accounts
    if path is None:
        text = Text("请先设置 accounts（账号文件）", "set accounts, the file of accounts, first")
        raise ConfigError(f"{config}: access: {text}")
    who, now_ms = getpass.getuser(), round(time.time() * 1000)
    with open_store(settings.store) as store, closing(AccountsFile(path)) as file:
        if change:
            store.prepare()

        def audit(action: str, subject: str, detail: str = "") -> None:
            _note(store, action, subject, detail, who, now_ms)

        yield _Desk(file=file, who=who, now_ms=now_ms, audit=audit, registry=settings.registry)


def _note(store: "Store", action: str, subject: str, detail: str, who: str, now_ms: int) -> None:
    from rules.stored.audit import AuditLine, audit_point

    line = AuditLine(
        time_ms=now_ms, action=action, who=who, role="local", address="-", subject=subject, detail=detail
    )
    refused = store.write([audit_point(line)])
    if refused:
        raise UserError(Text(f"未能记录：{refused[0].reason}", f"not noted: {refused[0].reason}"))


def _password(reference: str | None) -> str:
    """From where it is kept, or typed twice where nobody sees it."""
    from runtime import secret

    if reference is not None:
        return secret(reference, key="--password")
    return str(
        typer.prompt(
            str(Text("密码", "Password")), hide_input=True, confirmation_prompt=str(Text("再输一次", "Again"))
        )
    )


def _scope(districts: list[str] | None, schools: list[str] | None) -> "Scope":
    from dashboards.access.roles import Scope

    return Scope(
        districts=tuple(districts) if districts else None, schools=tuple(schools) if schools else None
    )


def _say_unknown(registry: Path, scope: "Scope") -> None:
    """A slip of a code would show an empty board. What is wrong with the registry itself the board says."""
    from registry import RegistryError, read_registry

    try:
        schools = read_registry(registry).schools
    except RegistryError:
        return
    districts = {school.district for school in schools.values()}
    unknown = [code for code in scope.schools or () if code not in schools]
    unknown += [code for code in scope.districts or () if code not in districts]
    if unknown:
        codes = ", ".join(unknown)
        typer.echo(
            Text(f"请核对：登记表中没有 {codes}", f"check it: the registry does not have {codes}"), err=True
        )


def _role(role: RoleName) -> "Role":
    from dashboards.access.accounts import role_of

    return role_of(role.value)


def _told(role: str, scope: "Scope") -> str:
    return f"{role} {_seen(scope)}"


def _seen(scope: "Scope") -> str:
    codes = (*(scope.districts or ()), *(scope.schools or ()))
    return " ".join(codes) or "*"
