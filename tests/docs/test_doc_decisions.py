"""The decisions are numbered without gaps, say what they must, and name checks that exist."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "decisions"
DECISIONS = sorted(FOLDER.glob("[0-9]*.md"))
HEADINGS = ["背景 Context", "决定 Decision", "后果 Consequences", "备选 Alternatives"]
LAST = "由谁保证 Enforced by"
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
CONTRACTS = {c["name"] for c in tomllib.loads(PROJECT)["tool"]["importlinter"]["contracts"]}
ONE_PAGE = 60  # lines
STATUS = re.compile(
    r"^状态 Status：(采用 accepted|被 \d{4} 取代 superseded by \d{4})$", re.MULTILINE
)


def section(text: str, heading: str) -> str:
    """Return the body under a heading."""
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def unproven(enforced: str) -> list[str]:
    """Return what an "Enforced by" names that does not exist; an empty one names nothing."""
    lines = [line for line in enforced.splitlines() if line.startswith("- ")]
    missing = [line for line in lines if not re.search(r"`[^`]+`", line)]
    for line in lines:
        missing += [name for name in re.findall(r"`([^`]+)`", line) if not _exists(name)]
        if "`lint-imports`" in line:
            missing += [name for name in re.findall(r"“(.+?)”", line) if name not in CONTRACTS]
    return missing if lines else ["nothing"]


def _exists(name: str) -> bool:
    if name == "lint-imports":
        return True
    if module := re.fullmatch(r"python -m (\S+)( --check)?", name):
        return importlib.util.find_spec(module[1]) is not None
    if target := re.fullmatch(r"make ([a-z-]+)", name):
        return f"\n{target[1]}: " in MAKEFILE
    return _is_lint(name) if re.fullmatch(r"[A-Z]+\d+", name) else (ROOT / name).is_file()


def _is_lint(name: str) -> bool:
    selected = tomllib.loads(PROJECT)["tool"]["ruff"]["lint"]["select"]
    return name.startswith(tuple(selected))


def test_numbers_follow_each_other() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_what_it_must_on_one_page(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]} ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [*HEADINGS, LAST]
    assert STATUS.search(text)
    assert len(re.findall(r"^\*\*.+\*\*$", section(text, "决定 Decision"), re.MULTILINE)) == 2
    assert len(text.splitlines()) <= ONE_PAGE


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_the_checks_that_a_decision_names_exist(path: Path) -> None:
    assert unproven(section(path.read_text(encoding="utf-8"), LAST)) == []


@pytest.mark.parametrize(
    ("planted", "names"),
    [
        ("", ["nothing"]),
        ("- 大家小心 · care", ["- 大家小心 · care"]),
        ("- `tests/unit/test_none.py`", ["tests/unit/test_none.py"]),
        ("- `lint-imports`：“No such contract”", ["No such contract"]),
        ("- `python -m tools.none --check`", ["tools.none"]),
        ("- `ZZZ999`", ["ZZZ999"]),
        ("- `make nothing`", ["make nothing"]),
    ],
)
def test_a_planted_check_that_does_not_exist_is_found(planted: str, names: list[str]) -> None:
    assert [
        name.removeprefix("python -m ").removesuffix(" --check") for name in unproven(planted)
    ] == names
