"""A term of a simulated district, sent through the same broker and ingest as the present."""
