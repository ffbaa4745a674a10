"""Plugs of a simulated school, and messages as their makers document them."""

from firmware_sim import World, load_scenario
from firmware_sim.rooms.equipment import Equipment
from firmware_sim.rooms.life import RoomLife
from tests.firmware_sim.conftest import CASES

SCENARIO = load_scenario(str(CASES / "rooms" / "scenario.toml"))
CAMPUS = World(SCENARIO).campus(SCENARIO.schools[0].code)
EQUIPMENT, LIFE = Equipment(CAMPUS.school), RoomLife(CAMPUS, seed=SCENARIO.seed)
DEVICES = [plug.device for plug in EQUIPMENT.plugs]

# As the makers document them: tasmota.github.io MQTT and Power Monitoring, shelly-api-docs Gen1 and Gen2,
# zigbee2mqtt.io "MQTT Topics and Messages".
TASMOTA = {
    "Time": "2026-09-02T08:20:37",
    "ENERGY": {
        "TotalStartTime": "2026-02-15T17:00:00",
        "Total": 6.294,
        "Yesterday": 2.5,
        "Today": 0.4,
        "Period": 21,
        "Power": 263,
        "ApparentPower": 280,
        "ReactivePower": 90,
        "Factor": 0.94,
        "Voltage": 227,
        "Current": 1.16,
    },
}

SHELLY2 = {
    "src": "shellyplusplugs-a",
    "dst": "shellyplusplugs-a/events",
    "method": "NotifyStatus",
    "params": {"ts": 1707326960.5, "switch:0": {"id": 0, "apower": 2.7, "aenergy": {"total": 7258.589}}},
}
