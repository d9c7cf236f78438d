"""How much of the log a rebuild folds, whatever Kafka still has of it."""

import pytest

from services.mot.commands.rebuilding import stretch
from shared.streams.log_reader import Span


@pytest.mark.parametrize(
    ("remembered", "told", "log", "expected"),
    [
        (-1, 120, (0, 150), (0, 120, 0)),  # never a day's close: from the beginning
        (99, 120, (0, 150), (100, 120, 0)),  # the tail behind the last close
        (119, 120, (0, 150), (120, 120, 0)),  # nothing behind it
        (99, 120, (50, 120), (100, 120, 0)),
        (99, 120, (110, 150), (110, 120, 10)),  # Kafka has deleted some of the tail
        (-1, 120, (30, 150), (30, 120, 30)),
        (99, 120, (130, 150), (130, 130, 30)),  # deleted beyond what was told
        (99, 120, (0, 110), (100, 110, 10)),  # the log was cut
        (99, 120, (0, 40), (100, 40, 20)),  # the topic was made anew
    ],
)
def test_the_tail_is_what_the_log_still_has(
    remembered: int, told: int, log: tuple[int, int], expected: tuple[int, int, int]
) -> None:
    assert stretch(remembered, told, Span("t", 3, *log)) == expected
