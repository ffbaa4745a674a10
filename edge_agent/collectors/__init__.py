"""Collectors: each reads one kind of device and says, every round, how it went."""
