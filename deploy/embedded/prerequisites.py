"""前提: what must be on the machine before anything starts; each missing thing has its remedy.

``python3 -m deploy.embedded.prerequisites [stack]`` runs before the environment is installed, by
whatever Python is there: so this file and what it imports use the standard library alone and
nothing newer than Python 3.8.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable, Mapping, NamedTuple  # noqa: UP035 reads on Python 3.8 too

from deploy.embedded.refusal import Refusal

PYTHON = (3, 11)
JAVA = 17


class Host(NamedTuple):
    """What the checks ask of the machine; tests hand in another one."""

    platform: str
    python: tuple[int, int]
    which: Callable[[str], str | None]
    has_module: Callable[[str], bool]
    java_version: Callable[[str], str]
    environment: Mapping[str, str]


def this_host() -> Host:
    """Return the machine that we run on."""
    return Host(
        sys.platform,
        (sys.version_info[0], sys.version_info[1]),
        shutil.which,
        lambda name: importlib.util.find_spec(name) is not None,
        _java_version,
        os.environ,
    )


def check(host: Host, stack: bool = True) -> None:
    """Raise Refusal for the first thing missing; without ``stack``, Java and Maven may be."""
    _check_python(host)
    for tool in ("git", "make"):
        _check_tool(host, tool)
    if stack:
        java(host)
        _check_tool(host, "mvn", package="maven", name="Maven")


def _check_python(host: Host) -> None:
    if host.platform != "linux":
        raise Refusal(
            f"需要 Linux（本机是 {host.platform}）：请在 WSL2、虚拟机或容器里运行",
            f"Linux is needed, not {host.platform}: use WSL2, a virtual machine or a container",
        )
    if host.python < PYTHON:
        found = ".".join(map(str, host.python))
        raise Refusal(
            f"需要 Python 3.11 或更新（现为 {found}）：安装后用 make PYTHON=python3.11 …",
            f"Python 3.11+ is needed, not {found}: install it, then make PYTHON=python3.11 …",
        )
    if not (host.has_module("venv") and host.has_module("ensurepip")):
        raise Refusal(
            "缺少 python3-venv：运行 apt-get install python3-venv",
            "python3-venv is missing: apt-get install python3-venv",
        )


def _check_tool(host: Host, command: str, package: str = "", name: str = "") -> None:
    if host.which(command) is None:
        name, package = name or command, package or command
        raise Refusal(
            f"缺少 {name}（命令 {command}）：运行 apt-get install {package}",
            f"{name} (command {command}) is missing: apt-get install {package}",
        )


def java(host: Host) -> str:
    """Return the java command, of JAVA_HOME first; raise Refusal when missing or too old."""
    home = host.environment.get("JAVA_HOME")
    command = host.which(str(Path(home, "bin", "java")) if home else "java")
    if command is None:
        where = f"（JAVA_HOME={home}）" if home else ""
        raise Refusal(
            f"缺少 Java {JAVA}+{where}：运行 apt-get install openjdk-17-jre-headless",
            f"Java {JAVA}+ is missing: apt-get install openjdk-17-jre-headless or set JAVA_HOME",
        )
    said = host.java_version(command)
    if java_major(said) < JAVA:
        found = said.splitlines()[0] if said else "?"
        raise Refusal(
            f"Java 版本过旧（{found}）：需要 {JAVA}+，运行 apt-get install openjdk-17-jre-headless",
            f"Java {JAVA}+ is needed: install openjdk-17-jre-headless or set JAVA_HOME",
        )
    return command


def java_major(said: str) -> int:
    """Read the major version out of ``java -version``; 0 when there is none.

    >>> java_major('openjdk version "17.0.15" 2025-04-15'), java_major('java version "1.8.0_352"')
    (17, 8)
    """
    match = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(match.group(1)) if match else 0


def _java_version(command: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 the java that we are about to run anyway
            [command, "-version"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stderr


if __name__ == "__main__":
    try:
        check(this_host(), stack="stack" in sys.argv[1:])
    except Refusal as refusal:
        sys.exit(str(refusal))
