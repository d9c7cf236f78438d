"""The workers of a row, started again when they end by themselves, as a supervisor would."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from deploy.embedded.program import Program, stop_all

LOOK_S = 0.1
HOPELESS = 60  # ends of one worker by itself, for one fault of a row


class Crew:
    """Looks after programs; ``ends`` counts the exit codes of those that ended by themselves."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self.programs = list(programs)
        self.ends: Counter[int] = Counter()
        self._held: set[Program] = set()
        self._over = False

    def start(self) -> None:
        for program in self.programs:
            program.start()

    def stop(self) -> None:
        """Stop them; nobody starts them again."""
        self._over = True
        stop_all(self.programs)

    @contextmanager
    def hold(self, *programs: Program) -> Iterator[None]:
        """Leave these alone meanwhile: who ends them starts them."""
        self._held.update(programs)
        try:
            yield
        finally:
            self._held.difference_update(programs)

    async def tend(self) -> None:
        """Start again whoever ended, until stopped; fail when that is plainly no use."""
        in_a_row: Counter[str] = Counter()
        while not self._over:
            for program in self.programs:
                if program in self._held or not program.died:
                    continue
                self.ends[program.exit_code or 0] += 1
                in_a_row[program.name] += 1
                if in_a_row[program.name] > HOPELESS:
                    raise AssertionError(f"{program.name} keeps ending: {program.last_words()}")
                program.start()
            await asyncio.sleep(LOOK_S)

    async def kill(self, program: Program) -> None:
        """Kill -9 and start again."""
        with self.hold(program):
            program.kill()
            program.start()
