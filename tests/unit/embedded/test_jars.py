"""Only the pinned jars reach the cache."""

from pathlib import Path

import pytest

from deploy.embedded.jars import DOWNLOADED, pins, verify
from deploy.embedded.refusal import Refusal

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_broker_itself_is_pinned() -> None:
    assert "kafka_2.13-4.1.0.jar" in pins()


def test_exactly_the_pinned_jars_are_accepted(tmp_path: Path) -> None:
    (tmp_path / "a.jar").touch()
    verify(tmp_path, {"a.jar": EMPTY})


@pytest.mark.parametrize("wanted", [{}, {"a.jar": "00"}, {"a.jar": EMPTY, "b.jar": EMPTY}])
def test_a_foreign_a_changed_and_a_missing_jar_are_named(
    tmp_path: Path, wanted: dict[str, str]
) -> None:
    (tmp_path / "a.jar").touch()
    with pytest.raises(Refusal, match=r"[ab]\.jar"):
        verify(tmp_path, wanted)


def test_a_line_of_maven_is_read() -> None:
    line = b"[INFO] Downloaded from central: https://host/x/lz4.jar (6.7 MB at 6.1 MB/s)"
    found = DOWNLOADED.search(line)
    assert found is not None
    assert found.groups() == (b"lz4.jar", b"6.7", b"M")
