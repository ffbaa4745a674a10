"""Tables of what people decided: they are kept for ever, and saved with the store."""

from contract import Measurement
from rules.stored.audit import AUDIT
from rules.stored.retirements import RETIREMENT

DECISIONS: dict[str, Measurement] = {table.name: table for table in (AUDIT, RETIREMENT)}
