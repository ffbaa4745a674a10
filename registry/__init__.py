"""The registry: what only the bureau knows, read whole or refused with every problem."""

from registry.reading import CatalogueItem, Measure, Registry, Room, School, read_registry
from registry.sheets import Problem, RegistryError

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
