"""What was observed: counts of a window of school days, read from the store. No verdicts."""
