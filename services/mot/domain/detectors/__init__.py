"""The catalogue: ``large_withdrawal.py`` holds ``LargeWithdrawal``, and that is registration."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from pydantic.alias_generators import to_pascal

from services.mot.domain.detector import Detector

AnyDetector = Detector[Any]


@cache
def catalogue() -> dict[str, type[AnyDetector]]:
    """Return every detector by its rule's name."""
    names = sorted(module.name for module in iter_modules(__path__))
    return {n: getattr(import_module(f"{__name__}.{n}"), to_pascal(n)) for n in names}
