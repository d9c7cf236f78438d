"""The catalogue: ``wecom_app.py`` holds ``WecomApp``, and that is registration."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from pydantic.alias_generators import to_pascal

from services.notify.domain.channel import Channel


@cache
def catalogue() -> dict[str, type[Channel]]:
    """Return every channel by its name."""
    names = sorted(module.name for module in iter_modules(__path__))
    return {n: getattr(import_module(f"{__name__}.{n}"), to_pascal(n)) for n in names}
