"""A verdict opened down to its evidence."""
