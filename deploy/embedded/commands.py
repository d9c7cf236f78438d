"""The three commands: the whole stack for a person, the whole stack for one day, the stores."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn

from deploy.embedded import interruption
from deploy.embedded.asking import gauge
from deploy.embedded.journal import Journal
from deploy.embedded.ports import Ports
from deploy.embedded.processes import PROGRAMS, Chain
from deploy.embedded.program import Program, stop_all
from deploy.embedded.progress import step
from deploy.embedded.screen import Screen
from deploy.embedded.stack import Stores
from deploy.embedded.supervision import Supervision
from deploy.embedded.tails import Tail, Tails
from deploy.embedded.waiting import until

LOOK_S = 0.25
LAST_LINE = "DEMO "
CATCH_UP_S = 60.0


class Shown(NamedTuple):
    """How a stack is run: all logs shown; the stream from a simulated counter."""

    verbose: bool = False
    counter: bool = False


class Watch:
    """One look after another at a running chain: who died, what was logged, who was told."""

    def __init__(self, chain: Chain, programs: list[Program], verbose: bool) -> None:
        self.screen = Screen(brief=chain.simulated)
        self._supervision = Supervision([*chain.stores.servers, *programs], self.screen.say)
        self._tails = Tails(programs, verbose)
        self._journal = Journal(chain.ports.sandbox)
        self._journal.skip()
        self._pause = threading.Event()

    def look(self) -> None:
        """Show what is new, start again what died, then wait a moment."""
        self._tails.show(self.screen.say)
        for entry in self._journal.delivered():
            self.screen.message(entry)
        self._supervision.look()
        self._pause.wait(LOOK_S)


def run(folder: Path, ports: Ports, speed: float, shown: Shown) -> NoReturn:
    """Run until somebody interrupts; what was kept is there at the next start."""
    with Stores(folder, ports) as stores:
        chain = Chain(stores, ports, stores.state.path, simulated=False, counter=shown.counter)
        with _services(chain) as programs:
            broker = chain.broker(speed)
            watch = Watch(chain, [*programs, broker], shown.verbose)
            with _running([broker]):
                while True:
                    watch.look()


def demo(folder: Path, ports: Ports, seed: int, shown: Shown) -> int:
    """Play one trading day on an empty folder and return the code of who judged it."""
    with Stores(folder, ports, fresh=True) as stores:
        chain = Chain(stores, ports, stores.state.path, simulated=True, counter=shown.counter)
        with _services(chain) as programs:
            day = chain.day(seed)
            watch = Watch(chain, programs, shown.verbose)
            with _running([day]):
                last = _play(day, watch)
                _wait_for_profile(chain)
    if last:
        Screen().say(last)
    return abs(day.exit_code or 0) if last else 1


def _play(day: Program, watch: Watch) -> str:
    """Look until the day has been played; return its last line, which is for later."""
    tail, last, playing = Tail(day.recipe.log), "", True
    while playing:
        playing = day.running
        watch.look()
        for line in tail.lines():
            if line.startswith(LAST_LINE):
                last = line
            else:
                watch.screen.say(line)
    return last


def _wait_for_profile(chain: Chain) -> None:
    """Let profile take the day's last records: they are asked for afterwards."""
    with step("客户资料入库 · profile takes the day in"):
        until(lambda: gauge(chain.ports.profile, "profile_lag_records") == 0, CATCH_UP_S)


def stores(folder: Path, ports: Ports) -> NoReturn:
    """Run the stores alone until somebody interrupts."""
    with Stores(folder, ports) as running:
        screen = Screen()
        screen.stores_are_up(running)
        supervision = Supervision(running.servers, screen.say)
        pause = threading.Event()
        while True:
            supervision.look()
            pause.wait(LOOK_S)


@contextlib.contextmanager
def _services(chain: Chain) -> Iterator[list[Program]]:
    with step("数据库升级 · migrations"):
        chain.migrate()
    programs = [chain.program(name) for name in PROGRAMS]
    with _running(programs):
        with step("服务 · ingest mot notify profile sandbox"):
            Supervision([*chain.stores.servers, *programs], Screen().say).wait_ready()
        Screen().stack_is_up(chain)
        yield programs


@contextlib.contextmanager
def _running(programs: list[Program]) -> Iterator[None]:
    """Start them; at the end, however it comes, stop them before what they stand on."""
    try:
        for program in programs:
            program.start()
        yield
    finally:
        interruption.ignore()
        stop_all(programs)
