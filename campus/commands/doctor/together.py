"""Several programs' configurations side by side: what they must have in common, and do not."""

from collections.abc import Sequence

from campus.commands.doctor.finding import STORE, Finding
from campus.commands.doctor.programs import Examined
from runtime.language import Text

_ZONE = Text("时区", "time zone")


def together(examined: Sequence[Examined]) -> list[Finding]:
    """One store for all, and one time zone."""
    stores = [(program.name, program.store) for program in examined if program.store is not None]
    zones = [(where, zone) for program in examined for where, zone in program.zones]
    found = []
    if len({store for _, store in stores}) > 1:
        detail = _listed(stores)
        found.append(
            Finding(
                STORE,
                "failed",
                Text(f"各程序的数据库不是同一个：{detail}", f"the programs have different stores: {detail}"),
                Text(
                    "请写成同一个；相对路径从程序的工作目录算起",
                    "name one; relative paths are seen from where the program is started",
                ),
            )
        )
    if len({zone for _, zone in zones}) > 1:
        detail = _listed(zones)
        found.append(
            Finding(
                _ZONE,
                "failed",
                Text(f"时区不一致：{detail}", f"time zones differ: {detail}"),
                Text("请写成同一个，如 Asia/Shanghai", "name one, for example Asia/Shanghai"),
            )
        )
    return found


def _listed(rows: Sequence[tuple[str, str | None]]) -> str:
    return "; ".join(f"{name} {value}" for name, value in rows)
