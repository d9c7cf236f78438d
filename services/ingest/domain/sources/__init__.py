"""The catalogue: ``fundchg.py`` holds the ``source`` of that name, and that is registration."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from services.ingest.domain.source import Source

AnySource = Source[Any]


@cache
def catalogue() -> dict[str, AnySource]:
    """Return every kind of file that may be dropped, by name."""
    names = [module.name for module in iter_modules(__path__)]
    return {name: import_module(f"{__name__}.{name}").source for name in names}
