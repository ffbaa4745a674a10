"""Metering plugs: what their messages say, what their meters counted, and from which power on they work."""
