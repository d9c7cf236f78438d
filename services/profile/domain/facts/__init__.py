"""The catalogue of facts: one file a subject, each with its tables and what it takes.

A file holds ``FACTS``; there is nothing to register.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from services.profile.domain.fact import Facts, Place, Take
from services.profile.domain.table import Row, Table
from shared.contracts.event import Event


@cache
def catalogue() -> Mapping[str, Facts]:
    """Return the files by name."""
    names = sorted(module.name for module in iter_modules(__path__))
    return {name: import_module(f"{__name__}.{name}").FACTS for name in names}


@cache
def tables() -> tuple[Table, ...]:
    """Return every table of facts, always in the same order: writers never wait in a circle."""
    return tuple(table for facts in catalogue().values() for table in facts.tables)


@cache
def takers() -> Mapping[str, tuple[Take, ...]]:
    """Return event type → who takes something from it."""
    types = sorted({type_ for facts in catalogue().values() for type_ in facts.takes})
    every = catalogue().values()
    return {t: tuple(facts.takes[t] for facts in every if t in facts.takes) for t in types}


def rows(event: Event, place: Place) -> Iterable[Row]:
    """Return what an event says; nothing for a rehearsal, which never happened."""
    if getattr(event.data, "rehearsal", False):
        return
    for take in takers().get(event.type, ()):
        yield from take(event, place)
