"""One program that the launcher starts, watches and stops."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.embedded import interruption
from deploy.embedded.refusal import Refusal
from deploy.embedded.roster import Roster
from deploy.embedded.waiting import until

LOG_BYTES = 50_000_000
LAST_WORDS = 200  # characters


@dataclass(frozen=True)
class Recipe:
    """How a program is started, how one sees that it is ready, and how it is asked to stop.

    ``env`` comes on top of ours; secrets travel there and never in ``argv``. Times in seconds.
    ``finite``: it may come to its end, with exit code 0.
    """

    name: str
    argv: tuple[str, ...]
    log: Path
    ready: Callable[[], bool]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    stop_signal: int = signal.SIGTERM
    patience: float = 120.0
    grace: float = 25.0
    prepare: Callable[[], None] = lambda: None
    finite: bool = False


class Program:
    """A recipe and the process that runs by it now, if any."""

    def __init__(self, recipe: Recipe, roster: Roster) -> None:
        self.recipe = recipe
        self._roster = roster
        self._process: subprocess.Popen[bytes] | None = None
        self._log_began = 0

    @property
    def name(self) -> str:
        return self.recipe.name

    @property
    def pid(self) -> int:
        """The process id; the program must have been started."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs or before its first start; negative when a signal ended it."""
        return None if self._process is None else self._process.poll()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def died(self) -> bool:
        """It was started and has ended as it should not have."""
        return self.exit_code is not None and not (self.recipe.finite and self.exit_code == 0)

    def start(self) -> None:
        """Prepare and start; ``wait_ready`` says when it can be used."""
        self.recipe.prepare()
        self._make_room()
        if self._process is not None:
            self._roster.remove(self._process.pid)
        with interruption.deferred(), self.recipe.log.open("ab") as log:
            self._log_began = log.tell()
            self._process = subprocess.Popen(  # noqa: S603 our own recipes only
                self.recipe.argv,
                env={**os.environ, **self.recipe.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._roster.add(self.name, self._process.pid, self.recipe.stop_signal)

    def _make_room(self) -> None:
        """Put a log that has grown too long aside, in the place of the one before it."""
        log = self.recipe.log
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".old"))

    def wait_ready(self) -> None:
        """Return when it is ready; raise Refusal with its log when it ended or takes too long."""
        ready = until(lambda: not self.running or self.recipe.ready(), self.recipe.patience)
        if not self.running:
            raise self._failed()
        if not ready:
            raise self.late()

    def wait_done(self) -> None:
        """Return when it has done its work; raise Refusal when it failed or takes too long."""
        if not until(lambda: not self.running, self.recipe.patience):
            raise self.late()
        if self.exit_code != 0:
            raise self._failed()

    def _failed(self) -> Refusal:
        return Refusal(
            f"{self.name} 失败（退出码 {self.exit_code}），日志 {self.recipe.log}："
            f"{self.last_words()}",
            f"{self.name} failed (exit code {self.exit_code}), see its log",
        )

    def late(self) -> Refusal:
        """Return what there is to say when it is not ready in time."""
        return Refusal(
            f"{self.name} 在 {self.recipe.patience:.0f} 秒内未就绪，日志 {self.recipe.log}",
            f"{self.name} was not ready in {self.recipe.patience:.0f} s, see its log",
        )

    def ask_to_stop(self) -> None:
        """Send the stop signal and return at once."""
        if self._process is not None and self.running:
            self._process.send_signal(self.recipe.stop_signal)

    def wait_stopped(self, seconds: float) -> None:
        """Wait for the end so many seconds, then kill."""
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._roster.remove(self._process.pid)

    def terminate(self) -> None:
        """Stop in good order: the stop signal, the grace, then kill."""
        self.ask_to_stop()
        self.wait_stopped(self.recipe.grace)

    def kill(self) -> None:
        """Kill -9, as a fault does."""
        if self._process is not None:
            self._process.kill()
            self.wait_stopped(self.recipe.grace)

    def freeze(self) -> None:
        """Stop it where it is (SIGSTOP), as a machine that hangs does; ``thaw`` or kill follows."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen one go on."""
        os.kill(self.pid, signal.SIGCONT)

    def restart(self) -> None:
        """Stop if it runs, start, and wait until it is ready."""
        self.terminate()
        self.start()
        self.wait_ready()

    def last_words(self) -> str:
        """Return the last line that this start of it wrote to its log."""
        with self.recipe.log.open("rb") as log:
            log.seek(self._log_began)
            lines = log.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:LAST_WORDS] if lines else "（空）"


def stop_all(programs: Sequence[Program]) -> None:
    """Ask all at once, wait for the youngest first; who outlives its grace is killed.

    A signal meanwhile does not leave half of them running.
    """
    with interruption.deferred():
        for program in reversed(programs):
            program.ask_to_stop()
        deadline = time.monotonic() + max((program.recipe.grace for program in programs), default=0)
        for program in reversed(programs):
            program.wait_stopped(max(0.0, deadline - time.monotonic()))
