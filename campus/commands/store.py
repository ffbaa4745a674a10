"""`campus store`: what a database needs beside readings."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands import options
from campus.commands.options import option
from runtime.language import Text

if TYPE_CHECKING:
    from store.influx_tokens import Purpose

app = typer.Typer(help=str(Text("数据库的维护。", "Upkeep of the store.")), no_args_is_help=True)

Read = Annotated[
    bool, option("--read", Text("只能读取的令牌，供 Grafana 使用", "one that may only read, for Grafana"))
]
Write = Annotated[
    bool,
    option(
        "--write",
        Text(
            "只能写入的令牌，供数据接收使用；与 --read 同用则可读写，供规则与看板使用",
            "one that may only write, for ingest; with --read one that does both, for rules and board",
        ),
    ),
]
Given = Annotated[
    str | None,
    option(
        "--given",
        Text(
            "已有令牌所在（env:名称 或 file:/路径）：只检查它是否只能读",
            "where a token of yours is (env:NAME or file:/path): only check that it may do no more than read",
        ),
    ),
]
DryRun = Annotated[
    bool, option("--dry-run", Text("只列出，不删除", "only say what would go, and drop nothing"))
]
Gone = Annotated[
    bool,
    option(
        "--gone",
        Text(
            "数据库缺少的文件确已不在，今后不再要求",
            "files that the store lacks are gone for good: go on without them",
        ),
    ),
]
Days = Annotated[
    int | None,
    option(
        "--days",
        Text(
            "原始读数和现状保留的天数（默认按 contract 的表）",
            "days that readings and states are kept, instead of the table's",
        ),
        min=1,
        max=36_500,
    ),
]
Out = Annotated[
    Path | None, option("--out", Text("写入此文件，而不是输出", "write it into this file, do not print it"))
]


@app.callback()
def store() -> None:
    """What stands before a subcommand."""


@app.command(
    "token",
    help=str(
        Text(
            "取得只读、只写或可读写一个 bucket 的令牌，没有就建立；能做得更多的会被拒绝。",
            "A token that may read, write or both, made where there is none; one that may more is refused.",
        )
    ),
)
def token(
    store: options.Store, read: Read = False, write: Write = False, given: Given = None, out: Out = None
) -> None:
    from runtime import ConfigError, secret
    from runtime.errors import os_reason
    from store.influx_tokens import BOTH, READING, WRITING, found_token, prove

    if not read and not write:
        text = Text("请写明 --read、--write 或两者", "say --read, --write, or both")
        raise ConfigError(f"campus store token: {text}")
    purpose = BOTH if read and write else READING if read else WRITING
    if given is None and out is not None and _still_good(store, out, purpose):
        typer.echo(str(Text(f"{out} 中的令牌仍然可用", f"the token in {out} is still good")))
        return
    found = found_token(store, purpose) if given is None else secret(given, key="--given")
    # What the server made is proven as well: a token is worth what it can do, not what it is called.
    prove(store, found, purpose)
    if out is None:
        typer.echo(found)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.touch(mode=0o600)
        out.write_text(f"{found}\n", encoding="utf-8")
    except OSError as error:
        why = os_reason(error)
        raise ConfigError(Text(f"无法写入 {out}：{why.zh}", f"cannot write {out}: {why.en}")) from error
    typer.echo(str(Text(f"{purpose.words.zh}已写入 {out}", f"{purpose.words.en} is in {out}")))


@app.command(
    "expire",
    help=str(
        Text(
            "删除各类中已超过保留期的数据，先记账；服务按 ingest.toml 的 [retention] 自动执行。",
            "Drop what has expired, class by class, and take it down first; the service does so by itself.",
        )
    ),
)
def expire(store: options.Store, days: Days = None, dry_run: DryRun = False, gone: Gone = False) -> None:
    import time

    from contract import Retention
    from ingest.expiry import expire as let_expire
    from runtime import ConfigError
    from store import open_store
    from store.sqlite import SqliteStore

    retention = Retention()
    if days is not None:
        retention = Retention({**retention.days, "readings": days, "states": days})
    with open_store(store) as opened:
        if gone and isinstance(opened, SqliteStore):
            for path in opened.missing():
                opened.give_up(path)
                typer.echo(Text(f"{path}：不再要求", f"{path}: no longer asked for"))
        if not opened.can_drop:
            text = Text(
                "此数据库不能按时段删除，数据不会自行到期",
                "this database cannot delete a span: nothing expires in it",
            )
            raise ConfigError(f"campus store expire: {text}")
        found = let_expire(opened, retention, now_ms=int(time.time() * 1000), dry_run=dry_run)
    for ended in found:
        typer.echo(str(ended))
    if not found:
        typer.echo(Text("没有到期的数据", "nothing has expired"))


def _still_good(store: str, file: Path, purpose: "Purpose") -> bool:
    """Whether an earlier start left a token there that does what it is for and nothing else."""
    from store import StoreError, Unavailable
    from store.influx_tokens import prove

    try:
        prove(store, file.read_text(encoding="utf-8").strip(), purpose)
    except Unavailable:
        raise
    except (OSError, ValueError, StoreError):
        return False
    return True
