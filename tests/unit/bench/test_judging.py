"""A claim is believed only when alerts and sums are exactly those of the records it consumed."""

from collections import Counter
from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any

import pytest

from bench.log import Lane, lanes
from bench.reference import Reference, Totals
from bench.task import Claim
from bench.verdict import complaints, wrong_totals
from bench.workloads import withdrawals
from bench.workloads.work import Parsed

EVENTS, PARTITIONS = 3_000, 2
LANES = lanes(withdrawals.generate(EVENTS), PARTITIONS)
ENDS = {number: len(lane) for number, lane in enumerate(LANES)}


def right() -> Reference:
    return Reference(withdrawals.WORK, LANES)


def claim(**said: object) -> Claim:
    told = {"records": 100, "seconds": 1.0, "positions": ENDS, **said}
    return Claim(**told)  # type: ignore[arg-type]


def totals_at(positions: dict[int, int]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for number, end in positions.items():
        for key, value in LANES[number][:end]:
            account, event = withdrawals.parse(key, value)
            assert account is not None
            count, total = found.get(account, (0, 0))
            found[account] = (count + 1, total + event.amt)
    return found


def test_what_is_right_is_not_complained_of() -> None:
    told = right().at(ENDS)
    assert told
    assert list(complaints(claim(), told, right())) == []


def test_the_alerts_of_a_prefix_are_those_of_its_records() -> None:
    whole, half = right().at(ENDS), right().at({0: ENDS[0] // 2, 1: 0})
    assert half < whole
    assert right().at({0: 0, 1: 0}) == Counter()


def test_the_log_goes_on_where_it_repeats() -> None:
    twice = right().at({number: 2 * end for number, end in ENDS.items()})
    assert sum(twice.values()) == 2 * sum(right().at(ENDS).values())
    assert len({name.split("|")[0] for name in twice}) == len(right().at(ENDS))


@pytest.mark.parametrize(
    ("change", "says"), [(-1, "alerts lost"), (1, "alerts too many")], ids=["lost", "doubled"]
)
def test_a_lost_or_doubled_alert_is_seen(change: int, says: str) -> None:
    told = right().at(ENDS)
    told[next(iter(told))] += change
    assert [says in complaint for complaint in complaints(claim(), told, right())] == [True]


def test_a_wrong_sum_in_an_alert_is_seen() -> None:
    told = right().at(ENDS)
    name = next(iter(told))
    told[name] -= 1
    told[f"{name}1"] += 1
    assert len(list(complaints(claim(), told, right()))) == 2


def test_more_records_than_consumed_is_seen() -> None:
    told = right().at(ENDS)
    assert any("stands at" in c for c in complaints(claim(records=EVENTS + 1), told, right()))


def test_nothing_is_no_result() -> None:
    assert list(complaints(claim(records=0), Counter(), right())) == ["it consumed nothing"]


def test_an_engine_that_hides_positions_is_judged_by_its_counts() -> None:
    counts = {key: count for key, (count, _) in totals_at(ENDS).items()}
    told = Counter(name.split("|")[0] for name in right().at(ENDS).elements())
    hidden = claim(positions={}, counts=counts)
    assert list(complaints(hidden, told, right(), lambda name: name.split("|")[0])) == []
    told[next(iter(told))] -= 1
    assert list(complaints(hidden, told, right(), lambda name: name.split("|")[0]))


def test_a_wrong_sum_of_an_account_is_seen() -> None:
    totals, state = Totals(LANES, withdrawals.parse), totals_at(ENDS)
    assert list(wrong_totals(claim(totals=state), totals)) == []
    account, (count, total) = next(iter(state.items()))
    assert list(wrong_totals(claim(totals={**state, account: (count, total + 1)}), totals))
    assert list(wrong_totals(claim(totals={**state, account: (count + 1, total)}), totals))


def test_totals_repeat_with_the_log() -> None:
    totals = Totals(LANES, withdrawals.parse)
    account, (count, total) = next(iter(totals_at(ENDS).items()))
    assert totals.of(account, 3 * count) == 3 * total


def test_who_has_no_broadcast_is_judged_without_it() -> None:
    def parse(key: bytes | None, value: bytes) -> Parsed:
        return (key.decode() if key else None), value

    def everybody(states: MutableMapping[str, Any], event: bytes) -> list[bytes]:
        return [event + name.encode() for name in states]

    work = replace(
        withdrawals.WORK, parse=parse, step=lambda _, event: (event, ()), broadcast=everybody
    )
    lane: Lane = [(b"a", b"1"), (b"b", b"2"), (None, b"tick-")]
    told = Reference(work, [lane]).at({0: 3})
    assert told == Counter(["tick-a", "tick-b"])
    assert Reference(work, [lane], broadcasts=False).at({0: 3}) == Counter()
