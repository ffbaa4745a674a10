"""Tables of what people decided: they are kept for ever, and saved with the store."""

from contract import Measurement
from rules.stored.acknowledgements import ACKNOWLEDGEMENT
from rules.stored.audit import AUDIT
from rules.stored.comments import COMMENT
from rules.stored.retirements import RETIREMENT
from rules.stored.silences import SILENCE
from rules.stored.stocktakes import STOCKTAKE, STOCKTAKE_LINE

DECISIONS: dict[str, Measurement] = {
    table.name: table
    for table in (ACKNOWLEDGEMENT, AUDIT, COMMENT, RETIREMENT, SILENCE, STOCKTAKE, STOCKTAKE_LINE)
}
