"""A whole district's devices listen in one process: each needs an open file."""

import resource

from firmware_sim import Scenario
from runtime import ConfigError
from runtime.language import Text


def allow_open_files(scenario: Scenario, *, beside: int) -> None:
    """Raise this process's limit so that all devices can listen, with `beside` files left for the rest.

    Raises ConfigError where it may not.
    """
    displays = sum(room.projector != "none" for school in scenario.schools for room in school.rooms)
    wanted = displays + len(scenario.schools) + beside
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise ConfigError(
            Text(
                f"场景 {scenario.name} 需要打开 {wanted} 个文件，上限为 {hard}：请提高 ulimit -n",
                f"scenario {scenario.name} needs {wanted} open files, the limit is {hard}: raise ulimit -n",
            )
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
