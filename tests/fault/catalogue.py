"""The rows there are: one file of ``tests/fault/rows/`` each, named for its row."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.fault.asked import Asked

FOLDER = Path(__file__).with_name("rows")


@dataclass(frozen=True)
class Row:
    """``kills``: how many faults by default; ``piece``: how many in one run on fresh stores."""

    name: str
    says: str
    kills: int
    piece: int
    run: Callable[[Asked, Path], Coroutine[Any, Any, dict[str, Any]]]


def catalogue() -> dict[str, Row]:
    """Return every row by its name."""
    return {row.name: row for row in map(_row, sorted(FOLDER.glob("*.py")))}


def _row(file: Path) -> Row:
    made: Any = import_module(f"tests.fault.rows.{file.stem}")
    says = (made.__doc__ or "").splitlines()[0].partition(" · ")[2]
    return Row(file.stem.upper(), says, made.KILLS, made.PIECE, made.run)
