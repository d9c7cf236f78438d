"""A state folder belongs to one launcher of one user at a time."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.refusal import Refusal
from deploy.embedded.state import StateFolder


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[StateFolder]:
    state = StateFolder(tmp_path / "run")
    state.open()
    yield state
    state.close()


def test_a_second_launcher_is_refused_until_the_first_has_ended(folder: StateFolder) -> None:
    with pytest.raises(Refusal, match=str(folder.path)):
        StateFolder(folder.path).open()
    folder.close()
    again = StateFolder(folder.path)
    again.open()
    again.close()


def test_secrets_are_made_once_and_for_the_owner_alone(folder: StateFolder) -> None:
    folder.close()
    again = StateFolder(folder.path)
    again.open()
    again.close()
    assert again.secrets == folder.secrets
    mode = (folder.path / "secrets.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert folder.secrets.push_key not in repr(folder.secrets)


def test_lost_secrets_of_a_database_that_exists_are_named(folder: StateFolder) -> None:
    folder.close()
    (folder.path / "postgres" / "data").mkdir(parents=True)
    (folder.path / "secrets.json").unlink()
    with pytest.raises(Refusal, match=r"secrets\.json"):
        StateFolder(folder.path).open()


def test_a_fresh_start_empties_the_folder(folder: StateFolder) -> None:
    folder.close()
    (folder.path / "drop").mkdir()
    (folder.path / "drop" / "yesterday.csv").write_text("1")
    fresh = StateFolder(folder.path, fresh=True)
    fresh.open()
    fresh.close()
    assert not (folder.path / "drop").exists()
    assert fresh.secrets != folder.secrets


@pytest.mark.parametrize("fresh", [True, False])
def test_a_folder_with_other_files_is_never_taken_over(tmp_path: Path, fresh: bool) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(Refusal, match="STATE=DIR"):
        StateFolder(tmp_path, fresh).open()
    assert (tmp_path / "thesis.txt").exists()


def test_a_folder_that_cannot_be_written_is_named_with_a_remedy() -> None:
    with pytest.raises(Refusal, match=r"/proc/guanchao.*STATE=DIR"):
        StateFolder(Path("/proc/guanchao")).open()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_named_with_a_remedy(folder: StateFolder) -> None:
    folder.close()
    os.chown(folder.path, 65534, 65534)
    with pytest.raises(Refusal, match=r"nobody.*STATE=DIR"):
        StateFolder(folder.path).open()
