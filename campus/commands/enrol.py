"""`campus enrol`: a teacher types the bureau's code, and the gateway has its certificate."""

from pathlib import Path
from typing import Annotated

import typer

from campus.commands.options import argument, option
from campus.commands.trusting import local_time, now_ms
from runtime.language import Text

Code = Annotated[
    str | None,
    argument(Text("教育局发的注册码；不写则询问", "the bureau's code; it is asked for")),
]
CodeFile = Annotated[
    Path | None,
    option("--code-file", Text("从此文件读取注册码", "a file that holds the code"), metavar="FILE"),
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


def enrol(
    code: Code = None,
    config: EdgeConfig = Path("edge.toml"),
    server: ServerOption = None,
    code_file: CodeFile = None,
) -> None:
    """Get this gateway's certificate from the bureau."""
    from contract import ContractError
    from contract.enrolment import DEFAULT_PORT
    from contract.enrolment import Code as OneTimeCode
    from edge_agent.gateway_settings import EdgeSettings
    from edge_agent.identity.enrolling import enrol as enrol_gateway
    from edge_agent.identity.enrolling import server_of
    from edge_agent.identity.files import read_file
    from runtime import load
    from runtime.errors import UserError

    settings = load(EdgeSettings, config)
    where = server_of(server, settings.broker.host, DEFAULT_PORT)
    if code_file is not None:
        code = read_file(code_file).decode(errors="replace")
    if code is None:
        code = typer.prompt(str(Text("注册码", "code")))
    try:
        parsed = OneTimeCode.parse(code)
    except ContractError as error:
        raise UserError(str(error)) from error
    identity = enrol_gateway(settings.identity, settings.address, where, parsed, now_ms=now_ms())
    address = settings.address
    texts = [
        Text(
            f"已注册：{address.school} {address.gateway}，证书有效至 {local_time(identity.until_ms)}，"
            "到期前自动续期",
            f"enrolled: {address.school} {address.gateway}; its certificate counts until "
            f"{local_time(identity.until_ms)} and is renewed by itself",
        ),
        Text(
            f"密钥在 {settings.identity}，只在本机，不要复制",
            f"its key is in {settings.identity} and nowhere else: do not copy it",
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
