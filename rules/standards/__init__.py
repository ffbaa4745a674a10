"""Standards as data: a TOML file each, and the one way to read them."""

from rules.standards.reading import StandardError, load_standard, standard_for
from rules.standards.standard import Standard

__all__ = ["Standard", "StandardError", "load_standard", "standard_for"]
