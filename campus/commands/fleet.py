"""`campus fleet`: what gateways are to run, sent in stages, and how each of them stands to it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands.fleet_desk import (
    able,
    address_of,
    all_addresses,
    all_versions,
    at_work,
    broker,
    present,
    put_draft,
    rooms_of,
    say,
)
from campus.commands.moments import now_ms
from campus.commands.options import argument, option
from campus.commands.trusting import TRUST_TOML, TrustConfig
from runtime.errors import ConfigError, UserError
from runtime.language import Text

if TYPE_CHECKING:
    from fleet.book import Book
    from fleet.post import Heard
    from fleet.rollout import Stage
    from trust.broker.control import Control
    from trust.office import Office
    from trust.settings import TrustSettings

# How often answers are looked for.
_LOOK_S = 2.0

app = typer.Typer(
    help=str(
        Text(
            "下发网关设置：保存、分批下发、查看各网关的情况。",
            "Settings of gateways: keep, send in stages, see how each stands.",
        )
    ),
    no_args_is_help=True,
)

School = Annotated[str | None, argument(Text("学校标识码", "school code"), metavar="SCHOOL")]
File = Annotated[
    Path | None,
    argument(Text("采集项（TOML），各表在其旁", "collectors (TOML), lists beside it"), metavar="FILE"),
]
Gateway = Annotated[
    str | None,
    option("--gateway", Text("网关名；学校只有一个时可省", "its name, where a school has several")),
]
AllOf = Annotated[
    Path | None,
    option(
        "--all",
        Text(
            "文件夹：每校一个子文件夹，名为学校标识码，内有 edge.toml",
            "a folder with CODE/edge.toml for each",
        ),
        metavar="DIR",
    ),
]


@app.command(
    "set",
    help=str(
        Text(
            "把一个文件定为学校网关应使用的设置：先检查，存为草稿，由 stage 下发。",
            "Let a file be what a school's gateway is to run: checked, kept as a draft until it is staged.",
        )
    ),
)
def set_settings(
    school: School = None,
    file: File = None,
    gateway: Gateway = None,
    everybody: AllOf = None,
    config: TrustConfig = TRUST_TOML,
) -> None:
    with at_work(config) as (settings, office, book):
        if everybody is not None and school is None and file is None:
            wanted = [(path.parent.name, path) for path in sorted(everybody.glob("*/edge.toml"))]
            if not wanted:
                raise ConfigError(
                    Text(f"{everybody} 中没有 */edge.toml", f"there is no */edge.toml in {everybody}")
                )
        elif everybody is None and school is not None and file is not None:
            wanted = [(school, file)]
        else:
            raise ConfigError(
                Text("请给出学校和文件，或只给 --all DIR", "name a school and a file, or --all DIR alone")
            )
        problems = [
            problem
            for code, path in wanted
            if (problem := _set_one(settings, office, book, code, path, gateway)) is not None
        ]
    if problems:
        raise UserError("\n".join(problems))


def _set_one(
    settings: "TrustSettings", office: "Office", book: "Book", school: str, path: Path, gateway: str | None
) -> str | None:
    """One school's draft; what is wrong with it, so that the others are kept all the same."""
    from campus.commands.fleet_file import read_content, strange_rooms
    from contract.wanted import content_hash

    try:
        address = address_of(office, school, gateway)
        content = read_content(path, address)
        for line in strange_rooms(content, rooms_of(settings, school)) if settings.registry else ():
            typer.echo(f"! {school} {line}")
    except UserError as error:
        return str(error)
    digest = content_hash(content.settings, content.files)
    with book.changing():
        newest = book.newest().get((address.school, address.gateway))
        if newest is not None and newest.sha256 == digest:
            say(
                address,
                Text(f"与第 {newest.number} 版相同，未作改动", f"is version {newest.number}: unchanged"),
            )
            return None
        software = newest.software if newest else None
        draft = put_draft(book, address, content.settings, content.files, software)
    say(address, Text(f"第 {draft.number} 版，待下发", f"version {draft.number}, to be staged"))
    if content.left_out:
        names = ", ".join(content.left_out)
        say(
            address,
            Text(f"{names} 仍由学校自己的文件决定", f"{names} stay as the school's own file has them"),
        )
    return None


@app.command(
    "own",
    help=str(
        Text(
            "恢复使用学校自己的文件（草稿，由 stage 下发）。",
            "Let a school's own file count again (a draft, to be staged).",
        )
    ),
)
def own(
    school: Annotated[str, argument(Text("学校标识码", "school code"), metavar="SCHOOL")],
    gateway: Gateway = None,
    config: TrustConfig = TRUST_TOML,
) -> None:
    with at_work(config) as (_, office, book):
        address = address_of(office, school, gateway)
        with book.changing():
            newest = book.newest().get((address.school, address.gateway))
            draft = put_draft(book, address, None, {}, newest.software if newest else None)
        say(address, Text(f"第 {draft.number} 版：学校自己的文件", f"version {draft.number}: its own file"))


@app.command(
    "software",
    help=str(
        Text(
            "写明网关程序应为哪个版本（草稿）；安装由学校的运维人员进行，不会自动执行。",
            "Say which version of the program gateways should have (drafts); a person installs it.",
        )
    ),
)
def software(
    version: Annotated[str, argument(Text("版本，如 1.4.0", "a version such as 1.4.0"), metavar="VERSION")],
    school: Annotated[
        list[str] | None, option("--school", Text("只对这些学校", "for these schools alone"))
    ] = None,
    config: TrustConfig = TRUST_TOML,
) -> None:
    if not version.strip() or len(version) > 64 or not version.isprintable():
        raise ConfigError(Text("版本应是一行文字，至多 64 个字符", "a version has at most 64 characters"))
    with at_work(config) as (_, office, book):
        addresses = [address for address in all_addresses(office) if not school or address.school in school]
        with book.changing():
            newest = book.newest()
            for address in addresses:
                last = newest.get((address.school, address.gateway))
                if last is None or last.software != version:
                    content = (last.settings, last.files) if last else (None, {})
                    put_draft(book, address, *content, version)
        number = len(addresses)
        typer.echo(
            str(Text(f"{number} 个网关应为 {version}，待下发", f"{number} gateways: {version}, to be staged"))
        )


@app.command(
    "show",
    help=str(
        Text(
            "各网关应使用与正在使用的版本；给出学校时列出其全部版本。",
            "What each gateway should run and runs; with a school, all of its versions.",
        )
    ),
)
def show(school: School = None, config: TrustConfig = TRUST_TOML) -> None:
    from campus.commands.fleet_showing import show_all, show_versions
    from fleet.post import hear
    from fleet.standing import standings

    with at_work(config) as (settings, office, book):
        if school is not None:
            with book.changing():
                versions = [row for row in all_versions(book) if row.address.school == school]
            show_versions(versions)
        with broker(settings) as control:
            heard = hear(control)
        newest = present(book, office)
        found = standings(newest, heard.statuses)
        show_all([line for line in found if school in {None, line.address.school}])
        without = sum((a.school, a.gateway) not in newest for a in all_addresses(office))
        if without and school is None:
            typer.echo(
                str(
                    Text(
                        f"另有 {without} 个网关使用学校自己的文件",
                        f"{without} more gateways run their school's own file",
                    )
                )
            )


@app.command(
    "stage",
    help=str(
        Text(
            "分批下发：--to 10% 或学校。有网关拒绝、退回或尚未答复时暂停，退出码为 1。",
            "Send: --to 10% or schools. Pauses with exit code 1 while one refused, went back or is silent.",
        )
    ),
)
def stage(
    schools: Annotated[
        list[str] | None, argument(Text("学校标识码", "school codes"), metavar="SCHOOL…")
    ] = None,
    to: Annotated[
        str | None, option("--to", Text("达到本批网关的几成或几个", "so much of the release: 10% or 5"))
    ] = None,
    anyway: Annotated[
        bool,
        option(
            "--anyway", Text("不因失败或未答复而暂停", "in spite of failures and of who has not answered")
        ),
    ] = False,
    by: Annotated[
        str | None,
        option(
            "--by",
            Text("每次这么多，等它们答复后再继续", "so many at a time, waiting for their answers in between"),
        ),
    ] = None,
    within: Annotated[
        float,
        option(
            "--within",
            Text("--by 等待答复的分钟数", "how long --by waits for answers, min"),
            min=0.1,
            max=1440,
        ),
    ] = 30,
    config: TrustConfig = TRUST_TOML,
) -> None:
    from campus.commands.fleet_showing import say_stage
    from fleet.post import send
    from fleet.rollout import share_of

    if (to is None) == (not schools):
        raise ConfigError(Text("请给出 --to 或学校", "say --to, or name schools"))
    with at_work(config) as (settings, office, book), broker(settings) as control:
        with book.changing():
            release = book.open_release()
        wait = within * 60 if by is not None else 0.0
        while True:
            chosen, heard = _answered(
                control, (book, office), release, schools or [], to, 0 if anyway else wait
            )
            say_stage(chosen, anyway=anyway)
            if chosen.paused and not anyway:
                raise typer.Exit(1)
            drafts = [line.version for line in chosen.chosen]
            if by is not None:
                drafts = drafts[: share_of(by, chosen.of)]
            sent = send(control, book, office, drafts, heard, now_ms=now_ms())
            if sent or by is None:
                typer.echo(str(Text(f"已下发 {len(sent)} 个网关", f"sent to {len(sent)} gateways")))
            if not sent or by is None:
                return


def _answered(
    control: "Control",
    desk: "tuple[Book, Office]",
    release: int,
    schools: list[str],
    to: str | None,
    wait_s: float,
) -> "tuple[Stage, Heard]":
    """The next stage, once those that were sent before have answered, or after so long."""
    import time

    from fleet.post import hear
    from fleet.rollout import stage_named, stage_to
    from fleet.standing import standings

    end = time.monotonic() + wait_s
    while True:
        heard = hear(control)
        found = able(standings(present(*desk), heard.statuses), heard)
        chosen = stage_to(release, found, to) if to is not None else stage_named(found, schools)
        if chosen.failed or not chosen.undecided or time.monotonic() >= end:
            return chosen, heard
        time.sleep(_LOOK_S)


@app.command(
    "sync",
    help=str(
        Text(
            "使消息代理上的设置与账册一致（campus ca serve 也会做）。",
            "Let the broker hold what the book has (campus ca serve does it, too).",
        )
    ),
)
def sync(config: TrustConfig = TRUST_TOML) -> None:
    from fleet.post import keep_in_step

    with at_work(config) as (settings, office, book), broker(settings) as control:
        with office.register.changing():
            gateways = office.register.gateways()
        lines = keep_in_step(control, book, office, gateways)
    for line in lines or [Text("消息代理与账册一致", "the broker holds what the book has")]:
        typer.echo(str(line))
