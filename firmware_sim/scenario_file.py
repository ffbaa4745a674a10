"""Scenarios by name or path: as they stand in a file, or drawn to the totals that a file publishes."""

from importlib import resources
from pathlib import Path

from firmware_sim.baseline.drafting import build
from firmware_sim.baseline.targets import Targets, TargetsError, states_totals
from firmware_sim.scenario import Scenario
from runtime import ConfigError, load
from runtime.language import Text


def load_scenario(name: str, *, seed: int | None = None) -> Scenario:
    """The scenario that comes with the package under this name, or the TOML file at this path.

    Raises ConfigError with one line that names file and key.
    """
    if name.endswith(".toml"):
        scenario = _load(Path(name))
    else:
        packaged = resources.files("firmware_sim") / "scenarios" / f"{name}.toml"
        if not packaged.is_file():
            known = scenario_names()
            raise ConfigError(
                Text(
                    f"没有名为 {name!r} 的场景：现有 {'、'.join(known)}，或给出 .toml 文件",
                    f"no scenario is called {name!r}: take one of {', '.join(known)}, or a .toml file",
                )
            )
        with resources.as_file(packaged) as path:
            scenario = _load(path)
    return scenario if seed is None else scenario.model_copy(update={"seed": seed})


def _load(path: Path) -> Scenario:
    """A scenario as it stands in the file, or the one that a file of published totals describes."""
    if not states_totals(path):
        return load(Scenario, path)
    try:
        return build(load(Targets, path))
    except TargetsError as error:
        raise ConfigError(f"{path}: {error}") from error


def scenario_names() -> list[str]:
    """The scenarios that come with the package."""
    folder = resources.files("firmware_sim") / "scenarios"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir())
