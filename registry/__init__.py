"""The registry: what only the bureau knows, read whole or refused with every problem."""

from registry.problems import Problem, RegistryError
from registry.reading import CatalogueItem, Measure, Registry, Room, School, read_registry

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
