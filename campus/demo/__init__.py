"""The demonstration: every program of the platform on one machine."""
