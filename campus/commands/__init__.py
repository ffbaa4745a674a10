"""The `campus` command, a file a subcommand."""
