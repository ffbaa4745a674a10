"""`campus ca`: the bureau's certificate authority: codes for gateways, who is enrolled, revocation."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from campus.commands.moments import local_time, now_ms
from campus.commands.options import argument, option, print_table
from campus.commands.trusting import (
    TRUST_TOML,
    TrustConfig,
    office_of,
    trust_settings,
)
from runtime.csv_text import csv_text
from runtime.errors import ConfigError, UserError
from runtime.language import Text

if TYPE_CHECKING:
    from contract import Address
    from trust.office import Office
    from trust.register import CertificateRow, GatewayRow
    from trust.settings import TrustSettings

app = typer.Typer(
    help=str(
        Text("证书机构：为网关发注册码、吊销证书。", "The bureau's authority: enrol and revoke gateways.")
    ),
    no_args_is_help=True,
)

School = Annotated[str, argument(Text("学校标识码", "school code"), metavar="SCHOOL")]
AnySchool = Annotated[str | None, argument(Text("学校标识码", "school code"), metavar="SCHOOL")]
Gateway = Annotated[str, argument(Text("网关名", "the gateway's name"), metavar="GATEWAY")]
District = Annotated[
    str | None,
    option(
        "--district",
        Text("区划代码；有登记表时取自登记表", "district, 6 digits; where there is a registry, from there"),
    ),
]
ByPassword = Annotated[
    bool,
    option("--password", Text("不用证书，生成此网关自己的口令", "no certificate but a password of its own")),
]
Everybody = Annotated[
    bool,
    option(
        "--all",
        Text("登记表中尚无网关的全部学校", "for every school of the registry that has no gateway yet"),
    ),
]
Out = Annotated[
    Path | None, option("--out", Text("写入此 CSV 文件", "write them into this CSV file"), metavar="FILE")
]
Hosts = Annotated[
    list[str] | None,
    option(
        "--host",
        Text(
            "消息代理的主机名或地址，可多次给出", "a host name or address of the broker; may be given again"
        ),
    ),
]
CaFolder = Annotated[
    Path | None,
    option("--folder", Text("密钥所在文件夹，缺省为配置旁的 ca", "where its keys go; default: ca")),
]
Name = Annotated[str, option("--name", Text("机构名称", "the authority's name"))]
Why = Annotated[str, option("--why", Text("原因，记入登记册", "the reason, kept in the register"))]


class Coded(NamedTuple):
    """A code that was just made."""

    address: "Address"
    school_name: str
    code: str
    until_ms: int


@app.command(
    "init",
    help=str(
        Text(
            "建立证书机构：密钥、消息代理与注册服务的证书、初始规则；已有则不改动。",
            "Make the authority, the certificates of broker and service, and the first rules; once.",
        )
    ),
)
def init(
    config: TrustConfig = TRUST_TOML,
    host: Hosts = None,
    name: Name = "Campus",
    folder: CaFolder = None,
    if_missing: Annotated[
        bool, option("--if-missing", Text("已有时不算错误", "that there is one already is no error"))
    ] = False,
) -> None:
    from trust.folder import Folder
    from trust.founding import found
    from trust.sample import write_settings

    if not config.exists():
        write_settings(config, name=name, hosts=tuple(host or ()), folder=folder)
    settings = trust_settings(config)
    if if_missing and Folder(settings.folder).authority_key.exists():
        typer.echo(str(Text(f"{settings.folder} 中已有证书机构", f"{settings.folder} has one already")))
        return
    made = found(settings, now_ms=now_ms())
    for text in (
        Text(
            f"证书机构已建立：{made.path}（请备份；ca-key.pem 不得外传）",
            f"the authority is in {made.path} (keep a backup; ca-key.pem must never leave it)",
        ),
        Text(
            f"消息代理用 {made.broker}，数据接收用 {made.ingest}，配置见 {config}",
            f"{made.broker} is for mosquitto, {made.ingest} for ingest; the settings are in {config}",
        ),
        Text(
            "下一步：campus ca serve，然后 campus ca code 学校标识码 网关名",
            "next: campus ca serve, then campus ca code SCHOOL GATEWAY",
        ),
    ):
        typer.echo(str(text))


@app.command(
    "code",
    help=str(
        Text(
            "为一个网关发一次性注册码；--all 为全部学校。",
            "A one-time code that enrols a gateway; --all makes one for every school.",
        )
    ),
)
def code(
    school: AnySchool = None,
    gateway: Annotated[str, argument(Text("网关名", "the gateway's name"))] = "gw1",
    district: District = None,
    password: ByPassword = False,
    everybody: Everybody = False,
    out: Out = None,
    config: TrustConfig = TRUST_TOML,
) -> None:
    if (school is None) != everybody:
        raise ConfigError(
            Text("请给出学校标识码，或用 --all", "name a school by its code, or all of them with --all")
        )
    with office_of(config) as (settings, office):
        if password:
            if school is None:
                raise ConfigError(
                    Text("--password 只能用于一个网关", "--password is for one gateway at a time")
                )
            _make_password(settings, office, _address(settings, school, gateway, district))
            return
        addresses = (
            _without_gateway(settings, office, gateway)
            if school is None
            else [_address(settings, school, gateway, district)]
        )
        made = [_make_code(settings, office, address) for address in addresses]
    if out is not None:
        _write_codes(out, made)
    elif everybody:
        _print_codes(made)
    else:
        _show_code(made[0])


@app.command(
    "list", help=str(Text("全部网关及其证书。", "Every gateway with its certificate, and open codes."))
)
def list_gateways(config: TrustConfig = TRUST_TOML) -> None:
    from rich.table import Table

    with office_of(config) as (_, office), office.register.changing():
        gateways, codes = office.register.gateways(), office.register.open_codes()
        certificates = office.register.certificates()
    headings = (
        Text("学校", "school"),
        Text("网关", "gateway"),
        Text("方式", "means"),
        Text("情况", "state"),
        Text("到期", "until"),
    )
    table = Table(*map(str, headings))
    newest = {(row.school, row.gateway): row for row in certificates}
    for row in gateways:
        last = newest.get((row.address.school, row.address.gateway))
        means, state, until = _row_words(row, last)
        table.add_row(row.address.school, row.address.gateway, means, state, until)
    waiting = str(Text("注册码待用", "code not used yet"))
    for open_code in codes:
        place = (open_code.address.school, open_code.address.gateway)
        table.add_row(
            *place, "", _code_state(open_code.expires_ms, waiting), local_time(open_code.expires_ms)
        )
    print_table(table, width=120)


@app.command(
    "revoke",
    help=str(
        Text(
            "吊销一个网关：证书、注册码与口令立即失效，连接立即断开。",
            "End a gateway's rights at once: certificate, codes, password, and its session.",
        )
    ),
)
def revoke(school: School, gateway: Gateway, why: Why, config: TrustConfig = TRUST_TOML) -> None:
    from trust.broker.syncing import revoke_at_broker

    with office_of(config) as (settings, office):
        row = office.revoke(school, gateway, why=why)
        where = f"{row.address.school} {row.address.gateway}"
        typer.echo(str(Text(f"{where} 已吊销", f"{where} is revoked")))
        if settings.broker is None:
            text = Text(
                "trust.toml 中没有 [broker]：请自行让消息代理重新加载 crl.pem",
                "trust.toml has no [broker]: let the broker reload crl.pem yourself",
            )
        else:
            revoke_at_broker(settings, office, row.address)
            text = Text(
                "消息代理已断开其连接，并不再接受它", "the broker has ended its session and takes it no more"
            )
        typer.echo(str(text))


@app.command(
    "serve",
    help=str(
        Text(
            "注册服务：网关在此注册与续期，并使消息代理的规则保持一致。",
            "Serve enrolment and renewal, and keep the broker's rules in step, until told to stop.",
        )
    ),
)
def serve(config: TrustConfig = TRUST_TOML) -> None:
    import asyncio

    from campus.commands.stopping import stop_on_signals
    from fleet.keeping import keep_fleet
    from runtime import configure_logging
    from trust.serving import serve as serve_enrolment

    settings = trust_settings(config)
    configure_logging(settings.log_level)

    async def run() -> None:
        await serve_enrolment(settings, stop_on_signals(), clock=now_ms, also=keep_fleet)

    asyncio.run(run())


def _make_code(settings: "TrustSettings", office: "Office", address: "Address") -> Coded:
    made, until_ms = office.make_code(address)
    return Coded(address, _school_names(settings).get(address.school, ""), str(made), until_ms)


def _make_password(settings: "TrustSettings", office: "Office", address: "Address") -> None:
    from trust.broker.passwords import set_password
    from trust.broker.rules import client_id

    made = set_password(settings, office, address)
    for text in (
        Text(f"用户名：{made.user_name}", f"user name: {made.user_name}"),
        Text(f"口令：{made.password}", f"password: {made.password}"),
        Text(
            f"只显示这一次。消息代理只接受客户端标识 {client_id(address)}，campus edge 即用此标识。",
            f"It is shown once. The broker takes it only with campus edge's client id, {client_id(address)}.",
        ),
    ):
        typer.echo(str(text))


def _address(settings: "TrustSettings", school: str, gateway: str, district: str | None) -> "Address":
    """A gateway's address; the registry knows its school's district. Raises UserError."""
    from contract import Address, ContractError
    from trust.broker.syncing import districts_of

    districts = districts_of(settings.registry)
    if districts is not None:
        if school not in districts:
            raise ConfigError(
                Text(
                    f"登记表 {settings.registry} 中没有学校 {school}",
                    f"the registry {settings.registry} has no school {school}",
                )
            )
        if district is not None and district != districts[school]:
            raise ConfigError(
                Text(
                    f"登记表中学校 {school} 属 {districts[school]}，不是 {district}",
                    f"the registry has school {school} in {districts[school]}, not in {district}",
                )
            )
        district = districts[school]
    if district is None:
        raise ConfigError(
            Text(
                "请用 --district 给出区划代码，或在 trust.toml 中写明 registry",
                "say the district with --district, or name the registry in trust.toml",
            )
        )
    try:
        return Address(district, school, gateway)
    except ContractError as error:
        raise UserError(str(error)) from error


def _without_gateway(settings: "TrustSettings", office: "Office", gateway: str) -> list["Address"]:
    from trust.broker.syncing import districts_of

    districts = districts_of(settings.registry)
    if districts is None:
        raise ConfigError(
            Text("--all 须在 trust.toml 中写明 registry", "--all needs the registry named in trust.toml")
        )
    with office.register.changing():
        have = {row.address.school for row in office.register.gateways() if row.revoked_ms is None}
    return [_address(settings, code, gateway, None) for code in districts if code not in have]


def _school_names(settings: "TrustSettings") -> dict[str, str]:
    from registry import read_registry

    if settings.registry is None:
        return {}
    return {code: school.name for code, school in read_registry(settings.registry).schools.items()}


def _show_code(made: Coded) -> None:
    where = " ".join(word for word in (made.school_name, made.address.school, made.address.gateway) if word)
    until = local_time(made.until_ms)
    for text in (
        where,
        Text(f"注册码：{made.code}", f"code: {made.code}"),
        Text(
            f"有效至 {until}，只能用一次；之前为此网关发的码已作废",
            f"good until {until}, and once; earlier codes of this gateway count no more",
        ),
        Text(
            "在学校的网关上运行：campus enrol --config edge.toml",
            "on the gateway at the school: campus enrol --config edge.toml",
        ),
    ):
        typer.echo(str(text))


_COLUMNS = (
    Text("学校标识码", "school_code"),
    Text("学校", "school"),
    Text("网关", "gateway"),
    Text("注册码", "code"),
    Text("有效至", "until"),
)


def _cells(made: Iterable[Coded]) -> list[tuple[str, ...]]:
    return [
        (
            coded.address.school,
            coded.school_name,
            coded.address.gateway,
            coded.code,
            local_time(coded.until_ms),
        )
        for coded in made
    ]


def _write_codes(out: Path, made: list[Coded]) -> None:
    from trust.folder import write_secret

    write_secret(out, csv_text(tuple(map(str, _COLUMNS)), _cells(made)))
    typer.echo(str(Text(f"{len(made)} 个注册码已写入 {out}", f"{len(made)} codes are in {out}")))


def _print_codes(made: list[Coded]) -> None:
    sys.stdout.write(csv_text(tuple(map(str, _COLUMNS)), _cells(made)).removeprefix("\ufeff"))


def _row_words(row: "GatewayRow", last: "CertificateRow | None") -> tuple[str, str, str]:
    if row.means == "password":
        means, until = str(Text("口令", "password")), ""
    else:
        means = str(Text("证书", "certificate"))
        until = local_time(last.until_ms) if last else ""
    if row.revoked_ms is not None:
        state = Text(
            f"已吊销 {local_time(row.revoked_ms)}：{row.why}",
            f"revoked {local_time(row.revoked_ms)}: {row.why}",
        )
    elif last is not None and row.means == "certificate" and last.until_ms <= now_ms():
        state = Text("证书已过期", "its certificate has ended")
    elif last is not None and row.means == "certificate" and _is_overdue(last):
        state = Text("应已续期而未续期", "should have been renewed")
    else:
        state = Text("有效", "in force")
    return means, str(state), until


def _is_overdue(last: "CertificateRow") -> bool:
    """Whether a gateway that is at work would have renewed it: some days after it was due."""
    return last.until_ms - now_ms() < (last.until_ms - last.since_ms) // 4


def _code_state(expires_ms: int, waiting: str) -> str:
    return waiting if expires_ms > now_ms() else str(Text("注册码已过期", "its code has ended"))
