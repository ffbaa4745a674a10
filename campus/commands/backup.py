"""`campus backup` and `campus restore`: everything of an installation in one file, and back."""

import time
from pathlib import Path
from typing import Annotated

import typer

from campus.commands import options
from campus.commands.options import argument, option
from runtime.errors import ConfigError
from runtime.language import Text

_QUARANTINE = option("--quarantine", Text("隔离区文件，可多次", "quarantine file, may be repeated"))
_REGISTRY = option("--registry", Text("登记表", "the registry, a folder or a file"))

Out = Annotated[Path, option("--out", Text("写入此文件", "the file to write"))]
Archive = Annotated[Path, argument(Text("备份文件", "the backup"), metavar="FILE")]
Quarantines = Annotated[list[Path] | None, _QUARANTINE]
RegistryPath = Annotated[Path | None, _REGISTRY]
Settings = Annotated[
    list[Path] | None,
    option(
        "--settings",
        Text("配置与密钥的文件夹或文件，可多次", "a folder or file of settings and keys, may be repeated"),
    ),
]
SettingsFolder = Annotated[
    Path | None,
    option("--settings", Text("配置与密钥放入此文件夹", "put settings and keys into this folder")),
]
Add = Annotated[
    bool, option("--add", Text("数据库中已有数据时并入", "the store may hold something: add to it"))
]


def backup(
    out: Out,
    store: options.NamedStore = None,
    quarantine: Quarantines = None,
    registry: RegistryPath = None,
    settings: Settings = None,
) -> None:
    """Save what is named; the programs may go on meanwhile."""
    from campus.backup import Parts, back_up
    from store import open_store

    for path in (*(quarantine or ()), *(settings or ()), *([registry] if registry else [])):
        if not path.exists():
            raise ConfigError(Text(f"没有 {path}", f"there is no {path}"))
    if not (store or quarantine or registry or settings):
        raise ConfigError(
            Text(
                "请写明要备份什么：--store、--quarantine、--registry、--settings",
                "say what is to be saved: --store, --quarantine, --registry, --settings",
            )
        )
    opened = open_store(store) if store else None
    try:
        parts = Parts(
            store=opened,
            quarantines=tuple(quarantine or ()),
            registry=registry,
            settings=tuple(settings or ()),
        )
        back_up(parts, out, now_ms=int(time.time() * 1000), say=typer.echo)
    finally:
        if opened:
            opened.close()
    typer.echo(Text(f"备份已写入 {out}", f"the backup is in {out}"))


def restore(
    archive: Archive,
    store: options.NamedStore = None,
    quarantine: Quarantines = None,
    registry: RegistryPath = None,
    settings: SettingsFolder = None,
    add: Add = False,
) -> None:
    """Put back what is named; without anything named say what is in it."""
    from campus.backup import Parts, contents
    from campus.backup import restore as put_back
    from store import open_store

    if not (store or quarantine or registry or settings):
        manifest = contents(archive)
        typer.echo(Text(f"备份于 {manifest.made}，完整", f"made at {manifest.made}, whole"))
        for name, number in manifest.points.items():
            typer.echo(f"  {name}: {number}")
        for name in manifest.digests:
            typer.echo(f"  {name}")
        return
    opened = open_store(store) if store else None
    try:
        if opened:
            opened.prepare()
        parts = Parts(
            store=opened,
            quarantines=tuple(quarantine or ()),
            registry=registry,
            settings=(settings,) if settings else (),
        )
        rejected = put_back(archive, parts, add=add, say=typer.echo)
    finally:
        if opened:
            opened.close()
    for item in rejected[:10]:
        typer.echo(f"{item.point.measurement.name}: {item.reason}", err=True)
    if rejected:
        text = Text(f"{len(rejected)} 个点未能恢复", f"{len(rejected)} points could not be restored")
        typer.echo(text, err=True)
        raise typer.Exit(1)
    if opened:
        typer.echo(
            Text(
                "备份之后才应答的批次，网关已不再保留：网关重新报告后，campus verify-loss 逐批列出。",
                "Batches acknowledged after the backup are with no gateway any more: once the gateways have "
                "reported again, campus verify-loss names each of them.",
            )
        )
