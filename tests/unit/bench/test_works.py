"""The workloads: the same each time, and what they say they are."""

from itertools import islice
from typing import Any

import pytest

from bench.workloads import fraud, mixed, withdrawals
from bench.workloads.brokers import Stream
from bench.works import WORKS
from services.mot.domain.account import EMPTY, Account
from services.mot.domain.watch import Origin, concerned, watch
from shared.contracts.alerts import FEED


@pytest.mark.parametrize("name", WORKS)
def test_a_workload_is_the_same_each_time(name: str) -> None:
    assert list(WORKS[name].generate(500)) == list(WORKS[name].generate(500))


@pytest.mark.parametrize("name", WORKS)
def test_a_state_comes_back_from_where_it_is_kept(name: str) -> None:
    work = WORKS[name]
    for entry in work.generate(50):
        key, event = work.parse(entry.key, entry.value)
        if key is not None:
            state, _ = work.step(None, event)
            assert work.unpack(work.pack(state)) == state


def test_w1_counts_and_adds_up_and_tells_who_is_over_the_line() -> None:
    state: withdrawals.State | None = None
    told: list[bytes] = []
    for number, amount in enumerate((5, withdrawals.LINE, withdrawals.LINE + 1)):
        event = withdrawals.Withdrawal("a", amount, f"w{number}")
        state, alerts = withdrawals.step(state, event)
        told += alerts
    assert state == (3, 5 + 2 * withdrawals.LINE + 1)
    assert told == [f"w2|3|{5 + 2 * withdrawals.LINE + 1}".encode()]


def test_w1_is_about_110_bytes() -> None:
    sizes = [len(entry.value) for entry in withdrawals.generate(100)]
    assert 100 < sum(sizes) / 100 < 120


def test_fd_is_as_defined() -> None:
    """Eighteen states, rows that sum to one, a window of five, a score above 0.96."""
    rows = fraud.model()["transitions"]
    assert [len(rows), *{len(row) for row in rows}] == [18, 18]
    assert [sum(row) for row in rows] == pytest.approx([1.0] * 18)
    assert fraud.misses(rows)[3][7] == pytest.approx(1 - rows[3][7])
    state: fraud.State | None = None
    told: list[bytes] = []
    for number in range(6):
        state, alerts = fraud.step(state, (b"%d" % number, 0))
        told += alerts
        assert len(state) == min(4, number + 1)
    score = fraud.misses(rows)[0][0]
    assert told == ([b"4", b"5"] if score > fraud.THRESHOLD else [])


def test_fd_tells_of_few() -> None:
    states, told, full = dict[str, fraud.State](), 0, 0
    for number, entry in enumerate(fraud.generate(20_000)):
        _, event = fraud.parse(None, entry.value)
        key = f"{number % 100}"  # a hundred entities, so that windows fill
        full += len(states.get(key, ())) == fraud.WINDOW - 1
        states[key], alerts = fraud.step(states.get(key), event)
        told += len(alerts)
    assert 0.003 < told / full < 0.03


def test_fds_model_is_the_one_of_its_definition() -> None:
    assert fraud.misses(fraud.model()["transitions"]) == fraud._MISS


def test_w2_is_read_by_the_product_and_has_every_kind() -> None:
    kinds = set()
    stream = Stream(accounts=50).entries(a_day=2_000)
    for key, value, _ in islice(stream, 2_100):
        _, event = mixed.parse(key, value)
        kinds.add(type(event).__name__)
    assert kinds == {
        "AccountSnapshotted", "FundsWithdrawn", "FundsDeposited", "OrderForceClosed",
        "ClockTicked", "AccountSettled",
    }  # fmt: skip


def test_a_quiet_stream_has_one_large_withdrawal_in_so_many() -> None:
    states: dict[str | None, Any] = {}
    told: list[bytes] = []
    for entry in islice(Stream().quiet(each=10), 12, 112):
        key, event = mixed.parse(entry.key, entry.value)
        states[key], alerts = mixed.step(states.get(key), event)
        told += alerts
    assert len({mixed.identity(alert) for alert in told}) == 10


def test_w2_has_a_feed_that_no_rule_finds_silent() -> None:
    """Sides without a broadcast never look for it, so an alert of it would be nobody's fault."""
    states: dict[str, Account] = {}
    ticks = (
        mixed.parse(e.key, e.value)[1]
        for e in islice(Stream(200).entries(), 60_000)
        if e.key is None
    )
    told = [b for tick in ticks for b in _of_feed(states, tick)]
    assert len(states) == 4
    assert not told


def _of_feed(states: dict[str, Account], event: Any) -> list[bytes]:
    """Judge what concerns a broker's feed alone, as the first partition's worker does."""
    told: list[bytes] = []
    for key in [key for key in concerned(event, {}, 0) if key.endswith(f":{FEED}")]:
        done = watch(states.get(key, EMPTY), event, mixed.rules(), Origin(key, 0, 0))
        states[key] = done.account
        told += [alert.encode() for alert in done.alerts]
    return told
