"""`campus bench`: measurements, each beside a yardstick of the same run."""

from pathlib import Path
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
Proven = Annotated[
    bool, option("--proven", Text("每批都签名并核对", "every batch is signed, and its proof checked"))
]
Rounds = Annotated[int, option("--rounds", Text("轮数", "rounds"), min=1, max=20)]
Sections = Annotated[int, option("--sections", Text("学段数", "sections"), min=1, max=1_000_000)]
Days = Annotated[int, option("--days", Text("一年中的上课天数", "school days of the year"), min=1, max=366)]
Damaged = Annotated[
    int,
    option("--answers", Text("每类损坏答复的个数", "damaged answers of each kind"), min=1, max=10_000_000),
]
Quiet = Annotated[
    int, option("--batches", Text("安静学校的批数", "batches of the quiet school"), min=2, max=10_000)
]
Loud = Annotated[int, option("--messages", Text("洪水的消息数", "messages of the flood"), min=1, max=100_000)]
Kept = Annotated[
    Path | None,
    option("--folder", Text("空文件夹，留存日志与数据", "an empty folder that keeps logs and data")),
]
Schools = Annotated[int, option("--schools", Text("学校数", "schools"), min=1, max=400)]
Measured = Annotated[
    float, option("--seconds", Text("测量的秒数", "seconds of measuring"), min=5, max=36_000)
]
Requests = Annotated[int, option("--requests", Text("每页次数", "requests of each page"), min=1, max=10_000)]
Seconds = Annotated[float, option("--seconds", Text("秒数", "seconds"), min=1, max=3600)]
Minutes = Annotated[float, option("--minutes", Text("分钟数", "minutes"), min=0.1, max=10_000)]
TermSchools = Annotated[int, option("--schools", Text("学校数", "schools"), min=1, max=5_000)]
TermDays = Annotated[int, option("--days", Text("学期的上课天数", "school days of the term"), min=2, max=200)]
Interval = Annotated[
    int, option("--interval", Text("采集间隔（秒）", "seconds between two rounds"), min=10, max=3_600)
]
TermRequests = Annotated[
    int, option("--requests", Text("每页请求数", "requests of each page"), min=10, max=10_000)
]
AtMost = Annotated[
    float | None,
    option(
        "--minutes",
        Text("超过这些分钟后不再开始新的测量", "what is not begun after so many minutes is left out"),
        min=1,
        max=10_000,
    ),
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
def bench_ingest(
    batches: Batches = 400, readings: Readings = 500, rounds: Rounds = 3, proven: Proven = False
) -> None:
    """Measure the way from broker to store."""
    from campus.bench.ingest import measure

    measure(batches=batches, readings=readings, rounds=rounds, say=typer.echo, proven=proven)


@app.command(
    "board",
    help=str(
        Text(
            "看板速度：202 个学段、一年评估，逐页中位数与最慢 1%，五十人同时阅读。",
            "The board at 202 sections and a year: page by page, alone and with fifty readers.",
        )
    ),
)
def bench_board(days: Days = 200, requests: Requests = 100, seconds: Seconds = 30) -> None:
    """Measure the board's pages."""
    from campus.bench.board import measure

    measure(days=days, requests=requests, seconds=seconds, say=typer.echo)


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
    "district",
    help=str(
        Text(
            "一个区的一天与一个学期：逐分钟数据汇总成日账（与单纯扫描对照）、冷启动、评估、看板各页、磁盘与内存。",
            "A district's day counted beside a bare scan, and its term: cold start, evaluation, the board's "
            "pages, disk by class, memory.",
        )
    ),
)
def bench_district(
    schools: TermSchools = 200,
    days: TermDays = 30,
    interval: Interval = 60,
    requests: TermRequests = 200,
    minutes: AtMost = None,
) -> None:
    """On SQLite, and on InfluxDB where influxd is installed."""
    from campus.bench.term.run import measure

    measure(
        schools=schools, days=days, interval_s=interval, requests=requests, minutes=minutes, say=typer.echo
    )


@app.command(
    "fuzz",
    help=str(
        Text(
            "向采集与收集程序喂入损坏的设备答复、台账、走测文件与消息；有崩溃时退出码为 1。",
            "Damaged answers of devices, ledgers and surveys through the collectors, damaged messages "
            "through ingest; exit code 1 on a crash.",
        )
    ),
)
def bench_fuzz(answers: Damaged = 100_000, seed: Seed = 1) -> None:
    """Look for what damaged answers and messages do to our programs."""
    from campus.bench import fuzz_devices, fuzz_files, fuzz_messages, fuzz_rooms
    from campus.bench.fuzz import fuzz

    every = (fuzz_messages, fuzz_devices, fuzz_files, fuzz_rooms)
    subjects = [subject for kind in every for subject in kind.subjects()]
    if fuzz(subjects, answers=answers, seed=seed, say=typer.echo):
        raise typer.Exit(1)


@app.command(
    "edge",
    help=str(
        Text(
            "读取设备的开销：一个进程读取多所学校，以及一所学校的网关的内存与处理器；超出上限时退出码为 1。",
            "What reading costs: many schools' simulated devices in one process, and one school's gateway;"
            " exit code 1 above the limits.",
        )
    ),
)
def bench_edge(schools: Schools = 200, seconds: Measured = 120) -> None:
    """Needs mosquitto."""
    from campus.bench.edge import measure

    if not measure(schools=schools, seconds=seconds, say=typer.echo):
        raise typer.Exit(1)


@app.command(
    "flood",
    help=str(
        Text(
            "一所学校大量发送无法读取的消息时，另一所学校等待应答的时间，与单独时对照。",
            "How long one school waits for its acknowledgements beside another's flood, and alone.",
        )
    ),
)
def bench_flood(batches: Quiet = 30, messages: Loud = 30) -> None:
    """Measure whether a flood slows anybody else."""
    from campus.bench.flood import measure

    measure(batches=batches, messages=messages, say=typer.echo)


@app.command(
    "chaos",
    help=str(
        Text(
            "故障矩阵：断电、断网、磁盘满、时钟错乱等，核对每一条读数；有丢失、重复或误判则退出码为 1。",
            "The fault matrix (kills, networks, full disks, clocks) and an account of every reading; "
            "exit code 1 where one is lost, doubled or misjudged.",
        )
    ),
)
def bench_chaos(minutes: Minutes = 2, seed: Seed = 1, folder: Kept = None) -> None:
    """Needs mosquitto and influxd; the disk is filled only where root may mount one."""
    from campus.bench.chaos.run import measure

    if not measure(minutes=minutes, seed=seed, folder=folder, say=typer.echo):
        raise typer.Exit(1)
