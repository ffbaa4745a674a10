"""Faults of every kind against real processes, and an account of every reading that does not trust them."""
