"""fd: DSPBench's FraudDetection, a workload that is not ours, on the same feed and checkpoint."""

from pathlib import Path

from bench.options import Options
from bench.result import Result
from bench.rows.drains import drains
from deploy.embedded.ports import Ports
from deploy.embedded.stack import Stores


def run(options: Options, folder: Path) -> Result:
    """Measure the sides that are asked for."""
    result = Result()
    with Stores(folder / "state", Ports.free(), fresh=True) as stores:
        figures, result.turns = drains(("fd",), options, stores, folder)
    result.take(figures)
    return result
