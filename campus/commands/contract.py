"""`campus contract`: the contract as its documents have it."""

import json
from typing import Annotated, Literal

import typer

from campus.commands.options import option
from runtime.language import Text, language

Form = Annotated[Literal["markdown", "asyncapi"], option("--format", Text("输出格式", "how it is printed"))]


def contract(output: Form = "markdown") -> None:
    """Print the measurements as Markdown tables, or the AsyncAPI 3 document."""
    from campus.version import program_version
    from contract.describe import asyncapi, markdown

    if output == "markdown":
        typer.echo(markdown(language()), nl=False)
    else:
        typer.echo(json.dumps(asyncapi(program_version()), indent=2, ensure_ascii=False))
