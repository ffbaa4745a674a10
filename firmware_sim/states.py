"""What the devices of a school find at one moment."""

from dataclasses import dataclass

from firmware_sim.propagation import Band


@dataclass(frozen=True, slots=True, kw_only=True)
class ApState:
    """An access point at a moment. Times are seconds since it joined its controller, and since it booted."""

    up: bool
    clients: int
    online_s: int
    run_s: int
    boots: int
    cpu_pct: int
    memory_pct: int
    temperature_c: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioState:
    """A radio at a moment; `noise_dbm` is None while the radio has not measured it."""

    band: Band
    up: bool
    channel: int
    clients: int
    receiving_pct: int
    sending_pct: int
    interference_pct: int
    noise_dbm: int | None
    eirp_dbm: int | None
    received_bytes: int
    sent_bytes: int

    @property
    def utilisation_pct(self) -> int:
        return self.receiving_pct + self.sending_pct + self.interference_pct


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectorState:
    """A projector at a moment, in PJLink's own codes; `lamp_h` is None for a laser."""

    power: int  # 0 standby, 1 on, 2 cooling, 3 warming up
    source: str
    lamp_h: int | None
    errors: str  # fan, lamp, temperature, cover, filter, other: 0 ok, 1 warning, 2 error


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What a handset measures at a point; None where it hears nothing."""

    rssi_dbm: int | None
    snr_db: int | None
    ap: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerState:
    """An access controller at a moment."""

    uptime_s: float
    boots: int
    aps: int
    aps_up: int
    clients: int
