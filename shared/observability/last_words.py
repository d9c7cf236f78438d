"""What is logged when something unexpected ends the process."""

import traceback
from collections.abc import Iterator

from shared.observability.logging import logger

FRAMES = 3


def last_words(error: BaseException) -> None:
    """Log kinds and places, never the texts: a database's error quotes the values it refused."""
    for one in _leaves(error):
        orig = getattr(one, "orig", None)
        logger().error(
            "ended unexpectedly",
            kind=type(one).__name__,
            orig=type(orig).__name__ if orig else None,
            code=getattr(orig, "sqlstate", None),
            at="".join(traceback.format_tb(one.__traceback__)[-FRAMES:]),
        )


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
