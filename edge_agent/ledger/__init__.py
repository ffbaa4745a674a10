"""An asset ledger (固定资产台账) out of the sheets in which a school keeps it."""
