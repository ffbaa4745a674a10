"""The one table: every measurement that comes from a gateway, derived from the reading classes."""

from contract.readings import KINDS
from contract.status import STATUS
from contract.types import Measurement

READING_KINDS: dict[str, Measurement] = {kind.measurement.name: kind.measurement for kind in KINDS}
MEASUREMENTS: dict[str, Measurement] = {**READING_KINDS, STATUS.name: STATUS}
