from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.budget import Attempt, Window, free_at, longest, subjects
from shared.contracts.alerts import Urgency
from tests.kit.alerts import MOMENT

BUDGET = Window(per="receiver", seconds=60, limit=20, reserve=28)


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
        (Urgency.LOW, ago(*[-1] * 500), None),
        (Urgency.LOW, ago(*[-3600] * 500, *[1] * 20), timedelta(seconds=59)),
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


def test_without_a_reserve_the_urgent_has_no_more_than_the_others() -> None:
    window = Window(per="channel", seconds=60, limit=2)
    assert [window.most(urgency) for urgency in Urgency] == [2, 2, 2]


def test_what_an_attempt_is_counted_under_names_nobody_but_a_staff_id() -> None:
    one = Attempt("a:1", "demo", "aliyun_sms", "m001", "alert")
    minute, hour = (Window(per="receiver", seconds=s, limit=9) for s in (60, 3600))
    day = Window(per="receiver+template", seconds=86400, limit=50)
    app = Window(per="channel", seconds=86400, limit=1000)
    assert subjects((minute, hour, day, app), one) == (
        "aliyun_sms:receiver:demo:m001",
        "aliyun_sms:template:alert:demo:m001",
        "aliyun_sms:channel",
    )
    assert longest((minute, hour, day)) == timedelta(days=1)
    assert longest(()) == timedelta()
