"""The settings that a gateway runs: the school's own file, or its head with the bureau's collectors."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract import Address, Wanted, utc_text
from edge_agent.gateway_settings import EdgeSettings
from edge_agent.identity.files import enrolled_in
from edge_agent.settings import FleetSettings
from edge_agent.wanted.permitted import digest, merged
from edge_agent.wanted.shelf import Running, Shelf
from runtime import ConfigError
from runtime.language import Text
from runtime.settings import validated
from runtime.toml_files import read_toml, toml_values

_CONFIGURATION = Text("配置文件", "the configuration")
OWN = Running()


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """`own`: the school's file counts. `broken`: the version that should run and cannot be read from the disk
    any more; the own file runs in its place.
    """

    settings: EdgeSettings
    running: Running = OWN
    own: bool = True
    changed_here: bool = False
    broken: Running | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the bureau's settings are kept, and whose they are."""

    shelf: Shelf
    address: Address
    identity: Path
    fleet: FleetSettings


def effective(config: Path, shelf: Shelf | None = None) -> Effective:
    """Raises ConfigError in one line, which names the bureau's version where that is what is wrong.

    shelf: where it is open already.
    """
    own = own_values(config)
    place = _place(own, config, shelf)
    if place is None or place.fleet.master == "school" or place.shelf.memory.running.version == 0:
        running = place.shelf.memory.good if place and place.shelf.memory.good.version == 0 else OWN
        return Effective(settings=validated(EdgeSettings, own, config), running=running)
    shelf, running = place.shelf, place.shelf.memory.running
    wanted = shelf.content(running)
    if wanted is None:
        return Effective(settings=validated(EdgeSettings, own, config), broken=running)
    return Effective(
        settings=with_wanted(own, wanted, shelf, config),
        running=running,
        own=wanted.settings is None,
        changed_here=shelf.memory.own not in {None, digest(own, config.parent)},
    )


def open_shelf(config: Path) -> Place | None:
    """None where nothing can come from the bureau: the gateway is not enrolled. Raises ConfigError."""
    return _place(own_values(config), config, None)


def with_wanted(own: dict[str, Any], wanted: Wanted, shelf: Shelf, config: Path) -> EdgeSettings:
    """The own file's head with a version's collectors, whose lists are laid out. Raises ConfigError."""
    if wanted.settings is None:
        return own_settings(own, config)
    version = wanted.version
    place = Text(f"{config}，教育局下发的第 {version} 版", f"{config}, the bureau's version {version}")
    values = merged(own, toml_values(wanted.settings, str(place)), shelf.lay_out(wanted, config.parent))
    try:
        return validated(EdgeSettings, values, config)
    except ConfigError as error:
        raise ConfigError(f"{place}: {str(error).removeprefix(f'{config}: ')}") from error


def own_values(config: Path) -> dict[str, Any]:
    """What stands in the school's own file now; raises ConfigError."""
    return read_toml(config, _CONFIGURATION).values


def own_settings(own: dict[str, Any], config: Path) -> EdgeSettings:
    """The school's own file as a gateway reads it; raises ConfigError."""
    return validated(EdgeSettings, own, config)


def say_running(found: Effective) -> Text | None:
    """What a person at the school should know: that the file before them is not what runs."""
    if found.own:
        return None
    version = found.running.version
    since = utc_text(found.running.since_ms)[:16]
    return Text(
        f"采集项取自教育局下发的第 {version} 版（{since} UTC 起），不取自本文件",
        f"the collectors are those of the bureau's version {version} (since {since} UTC), not of this file",
    )


def _place(own: dict[str, Any], config: Path, shelf: Shelf | None) -> Place | None:
    """None also where the head of the file is wrong, which is told when the whole is read."""
    identity, spool = own.get("identity", "identity"), own.get("spool", "spool.sqlite")
    if not isinstance(identity, str) or not isinstance(spool, str):
        return None
    enrolled = enrolled_in(config.parent / identity)
    if enrolled is None:
        return None
    try:
        fleet = FleetSettings.model_validate(own.get("fleet", {}), context={"folder": config.parent})
        address = Address(own["district"], own["school"], own["gateway"])
    except (ValueError, KeyError, TypeError):  # ContractError among them
        return None
    folder = fleet.folder or (config.parent / spool).with_suffix(".wanted")
    return Place(shelf=shelf or Shelf(folder, address), address=address, identity=enrolled, fleet=fleet)
