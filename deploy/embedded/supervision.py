"""看护: start again what died, as systemd or Kubernetes would, until that is plainly no use."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from deploy.embedded.program import Program
from deploy.embedded.refusal import Refusal
from deploy.embedded.waiting import until

DEATHS = 5
WINDOW_S = 60.0
LONGEST_PAUSE_S = 8.0


class Deaths:
    """The recent ends of one program, times in seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def note(self, now: float) -> float | None:
        """Count one and return how long to wait before the next start; None: it is no use.

        >>> deaths = Deaths()
        >>> [deaths.note(second) for second in (0, 1, 2, 3, 4, 100)]
        [0.0, 1.0, 2.0, 4.0, None, 0.0]
        """
        self._times.append(now)
        while self._times[0] <= now - WINDOW_S:
            self._times.popleft()
        count = len(self._times)
        if count >= DEATHS:
            return None
        return 0.0 if count == 1 else min(LONGEST_PAUSE_S, 2.0 ** (count - 2))


@dataclass
class _Watched:
    program: Program
    deaths: Deaths
    start_at: float | None = None


class Supervision:
    """Looks at the programs when asked; ``say`` hears, in one line, of each end."""

    def __init__(
        self,
        programs: Sequence[Program],
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._watched = [_Watched(program, Deaths()) for program in programs]
        self._say = say
        self._clock = clock

    def look(self) -> None:
        """Note who ended, start who waited long enough; raise Refusal when it is no use."""
        now = self._clock()
        for watched in self._watched:
            if watched.start_at is None and watched.program.died:
                watched.start_at = now + self._pause(watched, now)
            if watched.start_at is not None and watched.start_at <= now:
                watched.start_at = None
                watched.program.start()

    def wait_ready(self) -> None:
        """Return when all are ready; raise Refusal when one takes too long or keeps dying."""
        for program in (watched.program for watched in self._watched):
            if not until(partial(self._sees_ready, program), program.recipe.patience):
                raise program.late()

    def _sees_ready(self, program: Program) -> bool:
        self.look()
        return program.running and program.recipe.ready()

    def _pause(self, watched: _Watched, now: float) -> float:
        program = watched.program
        pause = watched.deaths.note(now)
        if pause is None:
            raise Refusal(
                f"{program.name} 在 {WINDOW_S:.0f} 秒内退出 {DEATHS} 次"
                f"（退出码 {program.exit_code}），日志 {program.recipe.log}："
                f"{program.last_words()}",
                f"{program.name} ended {DEATHS} times in {WINDOW_S:.0f} s, see its log",
            )
        self._say(
            f"{program.name} 退出（{program.exit_code}），{pause:.0f} 秒后重启 · restarting in "
            f"{pause:.0f} s · {program.recipe.log}"
        )
        return pause
