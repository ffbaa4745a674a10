"""`campus bench`: measurements, each beside a yardstick of the same run."""

from typing import Annotated

import typer

app = typer.Typer(help="性能测量 / Benchmarks.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """性能测量 / Benchmarks: ratios within one run, because machines differ and are shared."""


@app.command("ingest")
def bench_ingest(
    batches: Annotated[int, typer.Option(min=10, max=20_000, help="批数 / batches")] = 400,
    readings: Annotated[int, typer.Option(min=1, max=1_000, help="每批读数 / readings a batch")] = 500,
    rounds: Annotated[int, typer.Option(min=1, max=20, help="轮数 / rounds")] = 3,
) -> None:
    """端到端写入速度 / Readings per second through broker, ingest and InfluxDB, beside a straight write."""
    from campus.bench.ingest import measure

    measure(batches=batches, readings=readings, rounds=rounds, say=typer.echo)


@app.command("rules")
def bench_rules(
    sections: Annotated[int, typer.Option(min=1, max=1_000_000, help="学段数 / sections")] = 200_000,
    days: Annotated[int, typer.Option(min=1, max=366, help="一年中的天数 / school days of the year")] = 366,
) -> None:
    """评估速度 / Sections judged per second, memory, and a year of one district, beside a bare loop."""
    from campus.bench.rules import measure

    measure(sections=sections, most_days=days, say=typer.echo)
