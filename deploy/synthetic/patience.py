"""How long somebody who is away is waited for: a little longer each time, and not for ever."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0


class NotYet(Exception):
    """Ask again, not before so many ``seconds``."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class GivenUp(Exception):
    """Nobody answered for longer than we wait; says who."""


@dataclass(frozen=True)
class Patience:
    """``seconds`` bounds one wait."""

    seconds: float
    pause: threading.Event = field(default_factory=threading.Event)

    def ask(self, who: str, attempt: Callable[[], T]) -> T:
        """Return what an attempt returns that does not raise ``NotYet``; raises ``GivenUp``."""
        deadline, pause = time.monotonic() + self.seconds, FIRST_PAUSE_S
        while True:
            try:
                return attempt()
            except NotYet as later:
                asked = later.seconds
            if time.monotonic() >= deadline:
                raise GivenUp(f"{who} did not answer for {self.seconds:.0f} s")
            self.pause.wait(max(pause, asked))
            pause = min(2 * pause, LONGEST_PAUSE_S)
