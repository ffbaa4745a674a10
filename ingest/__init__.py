"""Ingest: readings from the broker into the store, acknowledged only once they are there."""
