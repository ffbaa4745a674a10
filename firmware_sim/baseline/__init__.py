"""A district drawn to the published totals of a plan."""
