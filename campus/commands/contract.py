"""`campus contract`: the contract as its documents have it."""

import json
from typing import Annotated, Literal

import typer

FormatOption = Annotated[
    Literal["markdown", "asyncapi"], typer.Option("--format", help="输出格式 / output format")
]


def contract(output: FormatOption = "markdown") -> None:
    """输出接口约定 / Print the measurements as Markdown tables, or the AsyncAPI 3 document."""
    from campus.version import program_version
    from contract.describe import asyncapi, markdown

    if output == "markdown":
        typer.echo(markdown(), nl=False)
    else:
        typer.echo(json.dumps(asyncapi(program_version()), indent=2, ensure_ascii=False))
