"""An evaluation as it leaves: rows of the store, JSON, CSV, a table on a terminal."""
