"""Kafka's jars, fetched once by Maven into a cache that all state folders share.

The cache is keyed by what is asked for (pom.xml and jars.sha256); it appears whole or not at all.
"""

import contextlib
import fcntl
import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from deploy.embedded.progress import Download
from deploy.embedded.refusal import Refusal
from deploy.embedded.state import HOME

POM = Path(__file__).with_name("pom.xml")
PINS = Path(__file__).with_name("jars.sha256")
CACHE = HOME / "kafka-libs"
DOWNLOADED = re.compile(rb"Downloaded from \S+: \S+/(\S+) \(([\d.]+) (\w?)B ")
UNITS = {b"": 1, b"k": 1_000, b"M": 1_000_000}


def pins() -> dict[str, str]:
    """Return jar name → SHA-256 of every jar that the broker needs."""
    lines = (line.split() for line in PINS.read_text().splitlines())
    return {name: digest for digest, name in lines}


def ensure(cache: Path = CACHE) -> Path:
    """Return the folder of the jars, downloading them when it is not there yet."""
    key = hashlib.sha256(POM.read_bytes() + PINS.read_bytes()).hexdigest()[:16]
    folder = cache / key
    if folder.exists():
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(cache):
            if not folder.exists():
                _fetch(folder)
    except OSError as error:
        raise Refusal(
            f"缓存目录 {cache} 不可写（{error.strerror}）：检查目录权限和磁盘空间",
            f"cannot write the cache folder ({error.strerror}): check permissions and disk space",
        ) from None
    return folder


@contextlib.contextmanager
def _alone(cache: Path) -> Iterator[None]:
    with (cache / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="download-") as draft:
        libs = Path(draft, "libs")
        _maven(libs, folder.parent / "maven.log")
        verify(libs, pins())
        libs.rename(folder)


def _maven(libs: Path, log: Path) -> None:
    argv = ["mvn", "-B", "-C", "-f", str(POM), "dependency:copy-dependencies"]
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={libs}"]
    maven = shutil.which("mvn") or "mvn"
    with (
        Download("Kafka 4.1") as download,
        log.open("wb") as kept,
        subprocess.Popen(  # noqa: S603 Maven, with our own pom
            [maven, *argv[1:], *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                kept.write(line)
                if found := DOWNLOADED.search(line):
                    name, amount, unit = found.groups()
                    download.received(name.decode(), int(float(amount) * UNITS.get(unit, 1)))
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise Refusal(
            f"Maven 下载 Kafka 失败，日志 {log}：检查网络或 ~/.m2/settings.xml 的镜像后重试",
            "Maven could not download Kafka: check the network or the mirror in settings.xml",
        )


def verify(libs: Path, wanted: dict[str, str]) -> None:
    """Raise Refusal unless the folder holds exactly the pinned jars."""
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in libs.glob("*.jar")}
    wrong = sorted(dict(found.items() ^ wanted.items()))
    if wrong:
        raise Refusal(
            f"下载的 {wrong[0]} 与 jars.sha256 不符（共 {len(wrong)} 个）：清理 ~/.m2 后重试",
            "a downloaded jar is not the pinned one: clean ~/.m2 and try again",
        )
