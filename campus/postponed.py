"""Modules that libraries of a gateway import and hardly ever use: read when something is asked of them.

A gateway runs for months, and these and what they import in their turn take three MiB.
"""

import os
import sys
import urllib  # noqa: F401 - a part is found in its package where that has been read
from collections.abc import Iterable
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from threading import RLock
from types import ModuleType

# Who imports it, and for what: none of it happens in a gateway.
RARELY_USED = (
    "urllib.request",  # paho: a proxy on the way to the broker
    "zipfile",  # importlib.metadata: packages that are read from archives
    "importlib.metadata._adapters",  # importlib.metadata: what a package says of itself
    "locale",  # subprocess: its output as text
    "tempfile",  # importlib.resources: files that lie in archives
    "shutil",  # wanted settings: a set that is put away
    "stringprep",  # encodings.idna: names of hosts that are not ASCII
)
_reading = RLock()


def postpone(names: Iterable[str] = RARELY_USED) -> None:
    """Let `import` find each without reading it; what is there already stays as it is."""
    # pydantic would look through all packages for plugins of its own, of which there are none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for name in names:
        spec = None if name in sys.modules else _find(name)
        if spec is not None:
            _put_off(spec)


def _find(name: str) -> ModuleSpec | None:
    """Without importing the packages that it is in."""
    spec, path, whole = None, None, ""
    for part in name.split("."):
        whole = f"{whole}.{part}".lstrip(".")
        spec = PathFinder.find_spec(whole, path)
        if spec is None:
            return None
        path = list(spec.submodule_search_locations or ())
    return spec


def _put_off(spec: ModuleSpec) -> None:
    module = module_from_spec(spec)

    def ask(name: str) -> object:
        # Whoever looks at all modules asks for such names; only this one is part of what a module offers.
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        _read(spec, module)
        return getattr(module, name)

    vars(module)["__getattr__"] = ask
    sys.modules[spec.name] = module
    package, _, own = spec.name.rpartition(".")
    if package in sys.modules:
        setattr(sys.modules[package], own, module)


def _read(spec: ModuleSpec, module: ModuleType) -> None:
    with _reading:
        if vars(module).pop("__getattr__", None) is not None and spec.loader is not None:
            spec.loader.exec_module(module)
