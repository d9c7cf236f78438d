"""The steps of the night: one file each, with ``STEP``; there is nothing to register."""

from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from pkgutil import iter_modules

from services.profile.night import Step


@cache
def steps() -> tuple[Step, ...]:
    """Return every step, none before those whose rows it reads.

    Raises ``KeyError`` for an ``after`` that no step has, ``CycleError`` for a circle.
    """
    names = sorted(module.name for module in iter_modules(__path__))
    found: dict[str, Step] = {}
    for name in names:
        step: Step = import_module(f"{__name__}.{name}").STEP
        found[step.name] = step
    order = TopologicalSorter({name: found[name].after for name in sorted(found)})
    return tuple(found[name] for name in order.static_order())
