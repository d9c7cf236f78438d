"""Who may import whom: the contracts hold, and each of them can break."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("services", "shared", "deploy")
LINT = (
    "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
)


def lint(tree: Path) -> tuple[int, str]:
    """Check a tree's imports in a process of its own; return the exit code and what it said."""
    found = subprocess.run(
        [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, '.'); {LINT}"],
        cwd=tree,
        env={**os.environ, "COLUMNS": "200", "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return found.returncode, found.stdout + found.stderr


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of everything that the contracts speak of."""
    copy = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


@pytest.fixture
def planted(tree: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The tree with one line too many in one file."""
    place, line = request.param
    path = tree / place
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    yield tree
    path.write_text(before, encoding="utf-8")


def test_the_imports_keep_to_the_contracts(tree: Path) -> None:
    code, said = lint(tree)
    assert code == 0, said
    assert re.search(r"[1-9]\d* kept, 0 broken", said)


@pytest.mark.parametrize(
    ("planted", "broken"),
    [
        (("services/mot/app.py", "import services.notify.app"), "Services meet only at topics"),
        (("services/mot/domain/evolve.py", "import os"), "The domain is pure"),
        (("services/notify/domain/channel.py", "import httpx"), "The domain is pure"),
        (("shared/kernel/money.py", "import shared.db.session"), "The domain is pure"),
        (("shared/clock.py", "import services.mot.rules"), "shared knows no service"),
        (("deploy/sandbox/acs3.py", "import services.mot.rules"), "The stand-ins know no service"),
        (("services/mot/agent.py", "import services.mot.app"), "Layers of a service"),
        (("services/mot/app.py", "import services.mot.commands.console"), "Layers of a service"),
    ],
    indirect=["planted"],
    ids=lambda value: value if isinstance(value, str) else value[1],
)
def test_a_planted_import_makes_it_red(planted: Path, broken: str) -> None:
    code, said = lint(planted)
    assert code == 1
    assert any(line.startswith(broken) and "BROKEN" in line for line in said.splitlines()), said
