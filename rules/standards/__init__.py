"""Standards as data: a TOML file each, and the one way to read them."""

from rules.standards.standard import Standard, StandardError, load_standard, standard_for

__all__ = ["Standard", "StandardError", "load_standard", "standard_for"]
