"""The registry: what only the bureau knows, read whole or refused with every problem."""

from rules.registry.reading import CatalogueItem, Measure, Registry, Room, School, read_registry
from rules.registry.sheets import Problem, RegistryError

__all__ = [
    "CatalogueItem",
    "Measure",
    "Problem",
    "Registry",
    "RegistryError",
    "Room",
    "School",
    "read_registry",
]
