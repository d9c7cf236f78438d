from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.budget import free_at
from services.notify.domain.policy import Budget
from shared.contracts.alerts import Urgency
from tests.kit.alerts import MOMENT

BUDGET = Budget(per_minute=20, reserve=28)


def ago(*seconds: float) -> list[datetime]:
    return [MOMENT - timedelta(seconds=s) for s in seconds]


@pytest.mark.parametrize(
    ("urgency", "sent", "expected"),
    [
        (Urgency.LOW, [], None),
        (Urgency.LOW, ago(*[1] * 19), None),
        (Urgency.LOW, ago(*[1] * 20), timedelta(seconds=59)),
        (Urgency.LOW, ago(*[60] * 20), None),
        (Urgency.LOW, ago(*[59.9] * 20), timedelta(seconds=0.1)),
        (Urgency.MIDDLE, ago(50, *[10] * 20), timedelta(seconds=50)),
        (Urgency.HIGH, ago(*[1] * 27), None),
        (Urgency.HIGH, ago(*[1] * 28), timedelta(seconds=59)),
    ],
)
def test_when_one_more_may_go(
    urgency: Urgency, sent: list[datetime], expected: timedelta | None
) -> None:
    at = None if expected is None else MOMENT + expected
    assert free_at(BUDGET, urgency, sent, MOMENT) == at


@given(gaps=st.lists(st.floats(0, 5), min_size=1, max_size=150))
def test_no_minute_ever_holds_more_than_the_budget(gaps: list[float]) -> None:
    """Whoever waits until ``free_at`` never exceeds it, however fast the messages come."""
    sent: list[datetime] = []
    now = MOMENT
    for gap in gaps:
        now += timedelta(seconds=gap)
        while (later := free_at(BUDGET, Urgency.MIDDLE, sent, now)) is not None:
            assert later > now
            now = later
        sent.append(now)
    for n, at in enumerate(sent):
        assert sum(earlier > at - timedelta(minutes=1) for earlier in sent[: n + 1]) <= 20
