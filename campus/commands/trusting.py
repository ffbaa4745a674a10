"""What the commands about trust share: the settings and the office."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from campus.commands.moments import now_ms
from campus.commands.options import option
from runtime.errors import ConfigError
from runtime.language import Text

if TYPE_CHECKING:
    from trust.office import Office
    from trust.settings import TrustSettings

TrustConfig = Annotated[
    Path,
    option("--config", Text("证书机构的配置（TOML）", "the authority's configuration (TOML)")),
]
TRUST_TOML = Path("trust.toml")


def trust_settings(config: Path) -> "TrustSettings":
    """Raises ConfigError, with what to do where there is no such file."""
    from runtime import load
    from trust.settings import TrustSettings

    if not config.exists():
        raise ConfigError(
            Text(
                f"没有 {config}：请先运行 campus ca init，或用 --config 指明",
                f"there is no {config}: run campus ca init first, or name it with --config",
            )
        )
    return load(TrustSettings, config)


@contextmanager
def office_of(config: Path) -> "Iterator[tuple[TrustSettings, Office]]":
    """The settings and an open office."""
    from trust.office import Office

    settings = trust_settings(config)
    with Office(settings, clock=now_ms) as office:
        yield settings, office
