"""Alerts: rules as data, transitions as pure functions, messages grouped; live and replay share all of it."""
