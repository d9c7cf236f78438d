"""What a person sees of a play: a live line on a terminal, a plain line now and then elsewhere."""

import time
from datetime import datetime
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deploy.synthetic.timeline import Minute

PLAIN_EVERY_S = 5.0


class Progress:
    """Shows the simulated moment, what was posted and what has arrived."""

    def __init__(self, console: Console, title: str, golden: int) -> None:
        self._console, self._title, self._golden = console, title, golden
        self._events = self._arrived = 0
        self._now: datetime | None = None
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        else:
            self._console.print(self._title)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def played(self, minute: Minute) -> None:
        """Note that the play has come to a minute."""
        self._now = minute.at
        self._events += len(minute.postings)
        self._show()

    def arrived(self, count: int) -> None:
        """Note how many messages have reached people so far."""
        self._arrived = count
        self._show()

    def _show(self) -> None:
        if self._console.is_terminal:
            self._live.update(self._table(), refresh=True)
        elif time.monotonic() - self._said >= PLAIN_EVERY_S:
            self._said = time.monotonic()
            self._console.print(f"  {self._line()}")

    def _line(self) -> str:
        at = f"{self._now:%m-%d %a %H:%M}" if self._now else "--"
        return f"{at} · 事件 {self._events} · 到达 {self._arrived}/{self._golden}"

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_row(Text(self._title, style="bold"), Text(self._line()))
        return table
