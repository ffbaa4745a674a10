"""`campus enrol`: a teacher types the bureau's code, and the gateway has its certificate."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campus.commands.moments import local_time, now_ms
from campus.commands.options import argument, option
from runtime.errors import UserError
from runtime.language import Text

if TYPE_CHECKING:
    from contract import Address

_CODE = re.compile(r"\b[0-9A-Za-z]{5}(?:-[0-9A-Za-z]{5}){4}\b")

Code = Annotated[
    str | None,
    argument(Text("教育局发的注册码；不写则询问", "the bureau's code; it is asked for")),
]
CodeFile = Annotated[
    Path | None,
    option(
        "--code-file",
        Text("注册码所在文件，或教育局的码表", "a file with the code, or the bureau's list"),
        metavar="FILE",
    ),
]
EdgeConfig = Annotated[Path, option("--config", Text("网关的配置文件", "the gateway's configuration"))]
ServerOption = Annotated[
    str | None,
    option(
        "--server",
        Text(
            "注册服务的地址；缺省为消息代理所在主机，端口 8444",
            "address of the enrolment service; default: the broker's host, port 8444",
        ),
        metavar="HOST:PORT",
    ),
]


IfMissing = Annotated[
    bool, option("--if-missing", Text("已注册时什么也不做", "do nothing where it is enrolled already"))
]


def code_in(text: str, address: "Address") -> str:
    """The code in a file: its one line, or the gateway's own line of the bureau's list. Raises UserError."""
    lines = [line for line in text.splitlines() if _CODE.search(line)]
    if len(lines) != 1:
        own = (address.school, address.gateway)
        lines = [line for line in lines if set(own) <= {cell.strip() for cell in line.split(",")}]
    if len(lines) != 1:
        where = f"{address.school} {address.gateway}"
        raise UserError(Text(f"文件中没有 {where} 的注册码", f"the file has no code for {where}"))
    found = _CODE.search(lines[0])
    return found[0] if found else ""


def enrol(
    code: Code = None,
    config: EdgeConfig = Path("edge.toml"),
    server: ServerOption = None,
    code_file: CodeFile = None,
    if_missing: IfMissing = False,
) -> None:
    """Get this gateway's certificate from the bureau."""
    from contract import ContractError
    from contract.enrolment import DEFAULT_PORT
    from contract.enrolment import Code as OneTimeCode
    from edge_agent.gateway_settings import EdgeSettings
    from edge_agent.identity.enrolling import enrol as enrol_gateway
    from edge_agent.identity.enrolling import server_of
    from edge_agent.identity.files import enrolled_in
    from runtime import load
    from runtime.whole_files import read_whole

    settings = load(EdgeSettings, config)
    where = server_of(server, settings.broker.host, DEFAULT_PORT)
    folder = settings.identity or Path("identity")
    if if_missing and enrolled_in(folder):
        typer.echo(str(Text(f"{folder} 中已有证书", f"{folder} has a certificate already")))
        return
    if code_file is not None:
        code = code_in(read_whole(code_file).decode("utf-8-sig", "replace"), settings.address)
    if code is None:
        code = typer.prompt(str(Text("注册码", "code")))
    try:
        parsed = OneTimeCode.parse(code)
    except ContractError as error:
        raise UserError(str(error)) from error
    identity = enrol_gateway(folder, settings.address, where, parsed, now_ms=now_ms())
    address = settings.address
    texts = [
        Text(
            f"已注册：{address.school} {address.gateway}，证书有效至 {local_time(identity.until_ms)}，"
            "到期前自动续期",
            f"enrolled: {address.school} {address.gateway}; its certificate counts until "
            f"{local_time(identity.until_ms)} and is renewed by itself",
        ),
        Text(
            f"密钥在 {folder}，只在本机，不要复制",
            f"its key is in {folder} and nowhere else: do not copy it",
        ),
    ]
    if not settings.broker.tls:
        host = settings.broker.host
        texts.append(
            Text(
                f'请把 {config} 中的 broker.url 改为 "mqtts://{host}:8883"：现在仍是明文连接',
                f'change broker.url in {config} to "mqtts://{host}:8883": it still connects in the clear',
            )
        )
    texts.append(Text(f"启动：campus edge --config {config}", f"now start: campus edge --config {config}"))
    for text in texts:
        typer.echo(str(text))
