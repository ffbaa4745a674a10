"""The simulated district: one deterministic world, and the devices that are its voices."""

from firmware_sim.district import Endpoint, SchoolEndpoints, planted_faults, serve
from firmware_sim.faults import Faults, PjlinkFaults, SnmpFaults
from firmware_sim.files import environment, write_devices, write_registry
from firmware_sim.main import run
from firmware_sim.scenario import Scenario
from firmware_sim.scenario_file import load_scenario
from firmware_sim.world import World

__all__ = [
    "Endpoint",
    "Faults",
    "PjlinkFaults",
    "Scenario",
    "SchoolEndpoints",
    "SnmpFaults",
    "World",
    "environment",
    "load_scenario",
    "planted_faults",
    "run",
    "serve",
    "write_devices",
    "write_registry",
]
