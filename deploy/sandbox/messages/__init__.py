"""消息类型 — what an app may say: one file for each msgtype, its ``read`` checks and words it."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from deploy.sandbox.content import Content

Read = Callable[[Mapping[str, Any]], Content]


def catalogue() -> dict[str, Read]:
    """Return msgtype → how its message is read from a request."""
    names = [module.name for module in iter_modules(__path__)]
    return {name: import_module(f"{__name__}.{name}").read for name in names}
