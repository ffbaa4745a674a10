"""The `campus` command: the one place that knows every program."""
