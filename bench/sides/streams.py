"""Kafka Streams 4.1: Java, one thread, RocksDB with cache and changelog; built here at first use.

Settings: 4,000 records a poll, a cache of 64 MiB so that a changed state is written once a commit
and not once a record, batches of 256 KiB, linger 20 ms; the JVM as it comes, with 1 GiB of heap.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.workloads.fraud import MODEL
from deploy.embedded.state import HOME

SOURCES = Path(__file__).parents[1] / "java"
CACHE = HOME / "bench-java"


class NotBuilt(RuntimeError):
    """Maven or the compiler is missing or failed."""


def ensure() -> Path:
    """Return the folder of the jars and classes, made when the sources have changed."""
    files = sorted(SOURCES.iterdir())
    key = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    folder = CACHE / key
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as draft:
            made = Path(draft, "made")
            _run("mvn", "-q", "-B", "-f", f"{SOURCES / 'pom.xml'}", "dependency:copy-dependencies",
                 "-DincludeScope=runtime", f"-DoutputDirectory={made}")  # fmt: skip
            sources = [str(file) for file in files if file.suffix == ".java"]
            _run("javac", "-cp", f"{made}/*", "-d", str(made), *sources)
            made.rename(folder)
    return folder


def _run(tool: str, *arguments: str) -> None:
    found = shutil.which(tool)
    if found is None:
        raise NotBuilt(f"{tool} is not on this machine")
    done = subprocess.run([found, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise NotBuilt(f"{tool}: {said[-1] if said else done.returncode}")


def main() -> int:
    """Run the Java program on the task named by the argument."""
    folder = ensure()
    java = shutil.which("java") or "java"
    classpath = f"{folder}:{folder}/*"
    command = [java, "-Xmx1g", "-cp", classpath, "Drain", sys.argv[1], str(MODEL)]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
