"""The chapters of the report, a file each: what the document says, and the sheets that belong to it."""
