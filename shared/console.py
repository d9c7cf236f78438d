"""What a person at a terminal sees: one line when something cannot be done, and a bar meanwhile.

stdout belongs to what was asked for; everything else goes to stderr.
"""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, TypeVar

import structlog
import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

REFUSED = 2
CONSOLE = Console(stderr=True, highlight=False)
T = TypeVar("T")


class Refused(RuntimeError):
    """What is wrong and what to do about it: Chinese first, English beside, in one line."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(" ".join(f"✗ {chinese} | {english}".split()))


Away = tuple[tuple[type[BaseException], ...], Refused]
"""What a store's absence looks like, and what is said of it."""


def run(command: Callable[[], Coroutine[Any, Any, T]], *away: Away) -> T:
    """Run a command to its end; what cannot be done is one line and exit code 2, no traceback."""
    _be_quiet()
    try:
        return asyncio.run(command())
    except Exception as error:
        said = error if isinstance(error, Refused) else _explained(error, away)
        if said is None:
            raise
    typer.echo(f"{said}", err=True)
    raise typer.Exit(REFUSED)


def _be_quiet() -> None:
    """A command's logs are warnings, on stderr; a service that has set its own keeps them."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    if not structlog.is_configured():
        structlog.configure(
            wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
            logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        )


def _explained(error: Exception, away: Sequence[Away]) -> Refused | None:
    kafka = Refused(
        f"Kafka 没有回答（{type(error).__name__}）：它在运行吗？地址对吗？见 --brokers",
        "Kafka does not answer: is it running, is the address right? see --brokers",
    )
    known: Sequence[Away] = (((KafkaError,), kafka), *away)
    return next((said for kinds, said in known if isinstance(error, kinds)), None)


@contextlib.contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show how far something long is; on no terminal, nothing. It is told what is done, of what."""
    columns = (TextColumn("  {task.description}"), BarColumn(), TaskProgressColumn())
    quiet = not CONSOLE.is_terminal
    elapsed = TimeElapsedColumn()
    with Progress(*columns, elapsed, console=CONSOLE, transient=True, disable=quiet) as shown:
        task = shown.add_task(what, total=None)

        def told(done: int, of: int) -> None:
            shown.update(task, completed=done, total=of)

        yield told
