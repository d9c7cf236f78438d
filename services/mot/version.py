"""Which code decides: the release, and a digest of everything that an alert's bytes follow from."""

import tomllib
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parents[2]
DECIDES = ("services/mot/domain", "shared/kernel", "shared/contracts")
"""Folders whose code and data make an alert what it is; thresholds are in its passport."""


@cache
def code_version() -> str:
    """Return ``release+digest``: equal means the same bytes from the same passport."""
    digest = sha256()
    for folder in DECIDES:
        files = [p for p in (ROOT / folder).rglob("*") if p.suffix in (".py", ".json")]
        for path in sorted(p for p in files if "examples" not in p.parts):
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return f"{_release()}+{digest.hexdigest()[:12]}"


def _release() -> str:
    try:
        return version("guanchao")
    except PackageNotFoundError:
        project = ROOT / "pyproject.toml"
        if not project.exists():
            return "unknown"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
