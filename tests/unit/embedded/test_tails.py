"""Each whole line once, and only what matters unless asked for."""

from collections.abc import Callable
from pathlib import Path

from deploy.embedded.program import Program, Recipe
from deploy.embedded.roster import Roster
from deploy.embedded.tails import Tails

LINES = '{"event": "started", "level": "info"}\n{"event": "slow", "level": "warning"}\nplain\n'


def tails(folder: Path, verbose: bool, clock: Callable[[], float] = lambda: 0.0) -> Tails:
    recipe = Recipe("mot", ("true",), folder / "mot.log", ready=lambda: True)
    return Tails([Program(recipe, Roster(folder / "processes.json"))], verbose, clock)


def test_what_was_there_before_is_not_shown_and_half_a_line_waits(tmp_path: Path) -> None:
    log = tmp_path / "mot.log"
    said: list[str] = []
    log.write_text('{"event": "old", "level": "error"}\n')
    watched = tails(tmp_path, verbose=False)
    with log.open("a") as out:
        out.write(LINES + '{"event": "half", "lev')
    watched.show(said.append)
    with log.open("a") as out:
        out.write('el": "error"}\n')
    watched.show(said.append)
    assert said == ["     mot │ warning: slow", "     mot │ error: half"]


def test_verbose_shows_every_line(tmp_path: Path) -> None:
    watched = tails(tmp_path, verbose=True)
    said: list[str] = []
    (tmp_path / "mot.log").write_text(LINES)
    watched.show(said.append)
    assert len(said) == 3


def test_the_same_warning_is_shown_once_in_a_while(tmp_path: Path) -> None:
    seconds = [0.0]
    watched, said = tails(tmp_path, verbose=False, clock=lambda: seconds[0]), list[str]()
    log = tmp_path / "mot.log"
    log.write_text(LINES * 3)
    watched.show(said.append)
    assert len(said) == 1
    for later, count in ((20.0, 1), (40.0, 2)):
        seconds[0] = later
        with log.open("a") as out:
            out.write(LINES)
        watched.show(said.append)
        assert len(said) == count
