"""Each whole line once, and only what matters unless asked for."""

from pathlib import Path

from deploy.embedded.program import Program, Recipe
from deploy.embedded.roster import Roster
from deploy.embedded.tails import Tails

LINES = '{"event": "started", "level": "info"}\n{"event": "slow", "level": "warning"}\nplain\n'


def tails(folder: Path, verbose: bool) -> Tails:
    recipe = Recipe("mot", ("true",), folder / "mot.log", ready=lambda: True)
    return Tails([Program(recipe, Roster(folder / "processes.json"))], verbose)


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
