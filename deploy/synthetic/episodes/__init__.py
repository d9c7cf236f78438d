"""剧本 — the catalogue of episodes: one file is one kind of story, nothing to register.

Each module has ``episodes(stage)``. The expected messages are written by hand beside what causes
them, from the public definitions; where they depend on the day they follow from the calendar.
"""

from importlib import import_module
from pkgutil import iter_modules

from deploy.synthetic.script import Episode
from deploy.synthetic.stage import Stage


def catalogue(stage: Stage) -> tuple[Episode, ...]:
    """Return every episode of a play, in the order of the files' names."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    return tuple(episode for module in modules for episode in module.episodes(stage))
