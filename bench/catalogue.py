"""Who takes part: each side, how its program is started, and what it was given."""

import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from bench.sides import streams

ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".venv-bench" / "bin" / "python"


@dataclass(frozen=True)
class Side:
    """One way of doing a workload.

    ``program`` is the module to run, ``package`` the distribution that is compared (None: ours or
    Java), of the peers' environment when ``peer``. ``broadcasts``: whether it can tell everybody.
    """

    name: str
    work: str
    program: str
    package: str | None = None
    peer: bool = False
    broadcasts: bool = True
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def python(self) -> str:
        return str(PEERS) if self.peer else sys.executable

    def argv(self, task: str) -> list[str]:
        """Return the command for a task's file; Python's own checks off, as in production."""
        return [self.python, "-O", "-m", f"bench.sides.{self.program}", task]


SIDES = (
    Side("w1_ours", "w1", "ours"),
    Side("w1_raw", "w1", "raw", "aiokafka"),
    Side("w1_quix", "w1", "quix", "quixstreams", peer=True),
    Side("w1_bytewax", "w1", "bytewax", "bytewax", peer=True),
    Side("w1_pathway", "w1", "pathway", "pathway", peer=True),
    Side("w1_kafka_streams", "w1", "streams"),
    Side("w1_faust_table", "w1", "faust_table", "faust-streaming"),
    Side("w2_ours", "w2", "mot_worker"),
    Side("w2_raw", "w2", "raw", "aiokafka"),
    Side("w2_quix", "w2", "quix", "quixstreams", peer=True, broadcasts=False),
    Side("w2_bytewax", "w2", "bytewax", "bytewax", peer=True, broadcasts=False),
    Side("w2_ours_2", "w2", "mot_worker", environment={"WORKERS": "2"}),
    Side("fd_ours", "fd", "ours"),
    Side("fd_raw", "fd", "raw", "aiokafka"),
    Side("fd_kafka_streams", "fd", "streams"),
)


def sides(work: str, wanted: Iterable[str] = ()) -> list[Side]:
    """Return the sides of a workload, or those of them that are wanted."""
    chosen = set(wanted)
    return [s for s in SIDES if s.work == work and (not chosen or s.name in chosen)]


def absent(side: Side) -> str | None:
    """Say why a side cannot take part on this machine, or return None."""
    if side.program == "streams":
        return _java()
    if side.peer and side.package:
        return _package(side.python, side.package)
    return None


@cache
def _java() -> str | None:
    try:
        streams.ensure()
    except (streams.NotBuilt, OSError) as error:
        return f"Kafka Streams could not be built: {error}"
    return None


@cache
def _package(python: str, package: str) -> str | None:
    if not Path(python).exists():
        return "the peers' environment could not be installed"
    return None if version(python, package) else f"{package} is not installed"


@cache
def version(python: str, package: str) -> str | None:
    """Return a distribution's version in an environment, or None."""
    ask = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
    try:
        done = subprocess.run(
            [python, "-c", ask, package], capture_output=True, text=True, check=False
        )
    except OSError:
        return None  # the environment is made by the first run
    return done.stdout.strip() if done.returncode == 0 else None


Absent = Callable[[Side], str | None]
