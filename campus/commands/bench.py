"""`campus bench`: measurements, each beside a yardstick of the same run."""

from typing import Annotated

import typer

from campus.commands.options import option
from runtime.language import Text

_WHAT = Text(
    "性能测量：同一次运行中的比值，因为机器不同且共用。",
    "Benchmarks: ratios within one run, because machines differ and are shared.",
)
app = typer.Typer(help=str(_WHAT), no_args_is_help=True)

Batches = Annotated[int, option("--batches", Text("批数", "batches"), min=10, max=20_000)]
Readings = Annotated[int, option("--readings", Text("每批读数", "readings a batch"), min=1, max=1_000)]
Rounds = Annotated[int, option("--rounds", Text("轮数", "rounds"), min=1, max=20)]
Sections = Annotated[int, option("--sections", Text("学段数", "sections"), min=1, max=1_000_000)]
Days = Annotated[int, option("--days", Text("一年中的上课天数", "school days of the year"), min=1, max=366)]
Damaged = Annotated[
    int,
    option("--answers", Text("每类损坏答复的个数", "damaged answers of each kind"), min=1, max=10_000_000),
]
Seed = Annotated[int, option("--seed", Text("随机种子", "the seed of the damage"), min=0)]


@app.callback()
def bench() -> None:
    """Only so that what follows are subcommands."""


@app.command(
    "ingest",
    help=str(
        Text(
            "端到端写入速度：经消息代理与收集写入 InfluxDB，与直接写入对照。",
            "Readings per second through broker, ingest and InfluxDB, beside a straight write.",
        )
    ),
)
def bench_ingest(batches: Batches = 400, readings: Readings = 500, rounds: Rounds = 3) -> None:
    """Measure the way from broker to store."""
    from campus.bench.ingest import measure

    measure(batches=batches, readings=readings, rounds=rounds, say=typer.echo)


@app.command(
    "rules",
    help=str(
        Text(
            "评估速度：每秒学段数、内存，以及一个区的一整年，与空循环对照。",
            "Sections judged per second, memory, and a year of one district, beside a bare loop.",
        )
    ),
)
def bench_rules(sections: Sections = 200_000, days: Days = 366) -> None:
    """Measure the evaluation."""
    from campus.bench.rules import measure

    measure(sections=sections, most_days=days, say=typer.echo)


@app.command(
    "fuzz",
    help=str(
        Text(
            "向采集程序喂入损坏的控制器与投影机答复、台账与走测文件；有崩溃时退出码为 1。",
            "Damaged answers of devices, ledgers and surveys through the collectors; exit code 1 on a crash.",
        )
    ),
)
def bench_fuzz(answers: Damaged = 100_000, seed: Seed = 1) -> None:
    """Look for what damaged answers do to a gateway."""
    from campus.bench import fuzz_devices, fuzz_files
    from campus.bench.fuzz import fuzz

    subjects = [*fuzz_devices.subjects(), *fuzz_files.subjects()]
    if fuzz(subjects, answers=answers, seed=seed, say=typer.echo):
        raise typer.Exit(1)
