"""Tables out of files that people and spreadsheets wrote: what a file is, its content decides."""
