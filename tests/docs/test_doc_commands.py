"""Every command in the documents exists; those marked ``run`` are run.

A block that begins with three backticks and ``bash`` is proven line by line; one that begins with
``bash run`` is also executed, from the repository's root.
"""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.shell_blocks import blocks, commands

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
OUTSIDE = {"git", "cd", "curl", "cp", "export", "cat", "psql", "kill"}
OURS = tuple(f"{path.name}/" for path in ROOT.iterdir() if path.is_dir() and path.name[0] != ".")


def complaint(command: list[str]) -> str | None:
    """Say what about a command does not exist, or return None."""
    name, *rest = command
    if gone := [w for w in rest if w.startswith(OURS) and not (ROOT / w).exists()]:
        return f"no such path: {gone[0]}"
    if name == "make":
        return _make(rest)
    tool = Path(name).name
    if tool.startswith("python"):
        return _python(rest)
    if name.startswith(".venv/bin/"):
        return None if (Path(sys.executable).parent / tool).exists() else f"no such tool: {tool}"
    return None if name in OUTSIDE else f"no such command: {name}"


def _make(words: list[str]) -> str | None:
    for word in words:
        variable, equals, _ = word.partition("=")
        if equals and not re.search(rf"\$\(({variable})\)|^{variable} \?=", MAKEFILE, re.MULTILINE):
            return f"make does not read {variable}"
        if not equals and word not in TARGETS:
            return f"no such target: {word}"
    return None


def _python(words: list[str]) -> str | None:
    if words[:1] != ["-m"]:
        return None if words and (ROOT / words[0]).exists() else f"no such program: {words}"
    module, *arguments = words[1:]
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return f"no such module: {module}"
    main = Path(spec.origin)
    if main.name == "__init__.py":
        main = main.with_name("__main__.py")
    if not main.exists():
        return f"{module} cannot be run"
    said = main.read_text(encoding="utf-8")
    named = [a for a in arguments if re.fullmatch(r"(--)?[a-z-]+", a)]
    ours = module.startswith(tuple(place.replace("/", ".") for place in OURS))
    lost = [a for a in named if ours and not _knows(said, a)]
    return f"{module} knows no {lost[0]}" if lost else None


def _knows(source: str, word: str) -> bool:
    """Say whether a program's source has an option, or a command in quotes or as a function."""
    name = word.removeprefix("--").replace("-", "[-_]")
    if word.startswith("--"):
        return re.search(rf"\b{name}\b", source) is not None
    return re.search(rf"[\"']{name}[\"']|\bdef {name}\(", source) is not None


def test_there_are_commands_to_prove() -> None:
    found = [block for page in PAGES for block in blocks(page.read_text(encoding="utf-8"))]
    assert any(run for run, _ in found)
    assert len(found) > 5


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_exists(page: Path) -> None:
    bodies = [body for _, body in blocks(page.read_text(encoding="utf-8"))]
    found = [complaint(command) for body in bodies for command in commands(body)]
    assert [words for words in found if words] == []


RUN = [
    (f"{page.relative_to(ROOT)}", body)
    for page in PAGES
    for run, body in blocks(page.read_text(encoding="utf-8"))
    if run
]


@pytest.mark.parametrize(("page", "body"), RUN, ids=[page for page, _ in RUN])
def test_a_command_marked_to_be_run_works(page: str, body: str) -> None:
    here = str(Path(sys.executable).parent)
    done = subprocess.run(
        ["sh", "-ec", body.replace(".venv/bin/", f"{here}/")],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{here}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("planted", "says"),
    [
        ("make runn", "no such target: runn"),
        ("make demo SEDE=2", "make does not read SEDE"),
        (".venv/bin/python -m services.nothing", "no such module: services.nothing"),
        (".venv/bin/python -m services.mot rebuilt", "services.mot knows no rebuilt"),
        (".venv/bin/python -m deploy.embedded play", "deploy.embedded knows no play"),
        ("python -m shared.contracts", "shared.contracts cannot be run"),
        (".venv/bin/pytset -q", "no such tool: pytset"),
        (".venv/bin/pytest tests/units", "no such path: tests/units"),
        ("uplift everything", "no such command: uplift"),
        ("A=1 git status && make \\\n  nope", "no such target: nope"),
    ],
)
def test_a_planted_command_that_does_not_exist_is_found(planted: str, says: str) -> None:
    found = [complaint(command) for command in commands(planted)]
    assert [words for words in found if words] == [says]


def test_a_quoted_text_may_span_lines() -> None:
    assert list(commands("curl -d '[{\n}]' \\\n  x | cat\nmake run # now")) == [
        ["curl", "-d", "[{\n}]", "x"],
        ["cat"],
        ["make", "run"],
    ]
