"""保证金: 80 %, 100 %, the exchange's 100 %, 穿仓."""

from decimal import Decimal
from typing import Any

import pytest

from shared.contracts.trading import AccountSnapshotted
from tests.kit.facts import DAY, TOMORROW, YESTERDAY, closed, moment, settled, snapshotted
from tests.kit.told import steps, told

USAGE, CALL, EXCHANGE = "margin_usage", "margin_call", "exchange_margin_call"
NEGATIVE = "negative_equity"


def seen(minute: int, margin: str | int | None, equity: str | int = 100_000) -> AccountSnapshotted:
    return snapshotted(
        equity, moment(DAY, f"10:{minute:02}"), margin=margin, exchange_margin=margin
    )


def final(margin: int | None, equity: int = 100_000, **given: Any) -> Any:
    return settled(equity, DAY, margin=margin, exchange_margin=margin, **given)


LINES = [(USAGE, 80_000), (CALL, 100_000), (EXCHANGE, 100_000)]


@pytest.mark.parametrize(("rule", "line"), LINES)
def test_reaching_the_line_counts(rule: str, line: int) -> None:
    assert told(rule, seen(0, line)) == ["raised 2026-06-01 1"]
    assert not told(rule, seen(0, f"{line - 1}.999"))
    assert not told(rule, seen(0, None))
    assert not told(rule, seen(0, line, 0))
    assert not told(rule, seen(0, line, -5))
    assert told(rule, final(line)) == ["raised 2026-06-01 1"]
    assert not told(rule, final(line - 1))
    assert not told(rule, final(None))


def test_the_exchanges_margin_is_another_one() -> None:
    only = {"margin": 100_000}
    assert not told(EXCHANGE, snapshotted(100_000, moment(DAY, "10:00"), **only))
    only = {"exchange_margin": 100_000}
    assert not told(CALL, snapshotted(100_000, moment(DAY, "10:00"), **only))


@pytest.mark.parametrize(("rule", "line"), LINES)
def test_it_is_told_again_after_it_fell_five_points_below(rule: str, line: int) -> None:
    high = seen(0, line)
    assert steps(rule, high, seen(1, f"{line - 5_000}.001"), seen(2, line)) == ["raised"]
    eased = seen(1, line - 5_000)
    assert steps(rule, high, eased) == ["raised"]
    assert steps(rule, high, eased, seen(2, line), seen(3, line + 1)) == ["raised", "updated"]
    assert steps(rule, high, seen(1, 1, -5), seen(2, line)) == ["raised"]  # no ratio at all


def test_an_outdated_snapshot_eases_nothing() -> None:
    assert steps(USAGE, seen(1, 80_000), seen(0, 5), seen(2, 80_000)) == ["raised"]


def test_a_settled_day_is_not_judged_by_snapshots_any_more() -> None:
    assert not told(USAGE, final(5), seen(1, 90_000))
    assert told(USAGE, settled(5, YESTERDAY), seen(1, 90_000))


@pytest.mark.parametrize(
    ("margin", "equity", "step"),
    [
        (85_000, 100_000, ["confirmed"]),
        (85_009, 100_000, ["confirmed"]),  # 85.009 %: the same basis points
        (85_010, 100_000, ["amended"]),
        (80_000, 100_000, ["amended"]),
        (79_999, 100_000, ["withdrawn"]),
        (85_000, -1, ["withdrawn"]),
        (None, 100_000, []),  # the files do not say
    ],
)
def test_the_settlement_has_the_last_word(margin: int, equity: int, step: list[str]) -> None:
    assert steps(USAGE, seen(0, 85_000), final(margin, equity)) == ["raised", *step]


def test_the_figure_is_the_one_last_told_lapsed_or_not() -> None:
    eased = seen(0, 85_000), seen(1, 10_000)
    assert steps(USAGE, *eased, final(85_000)) == ["raised", "confirmed"]
    assert steps(USAGE, *eased, final(10_000)) == ["raised", "withdrawn"]
    higher = *eased, seen(2, 90_000), seen(3, 95_000)
    assert steps(USAGE, *higher, final(90_000)) == ["raised", "updated", "confirmed"]
    assert steps(USAGE, *higher, final(95_000)) == ["raised", "updated", "amended"]


def test_a_replacement_speaks_only_of_something_else() -> None:
    log = seen(0, 85_000), final(85_000)
    assert steps(USAGE, *log, final(85_000)) == ["raised", "confirmed"]
    assert steps(USAGE, *log, final(95_000)) == ["raised", "confirmed", "amended"]
    assert steps(USAGE, *log, final(1), final(85_000))[2:] == ["withdrawn", "raised"]


def test_an_older_settlement_has_the_last_word_on_its_own_day() -> None:
    log = seen(0, 85_000), settled(5, TOMORROW)
    assert steps(USAGE, *log, final(85_000)) == ["raised", "confirmed"]
    assert steps(USAGE, *log, final(86_000)) == ["raised", "amended"]
    assert steps(USAGE, *log, final(5)) == ["raised", "withdrawn"]


def test_what_is_in_no_settlement_expires_at_its_days_close() -> None:
    log = (seen(0, 85_000),)
    assert steps(USAGE, *log, closed(YESTERDAY)) == ["raised"]
    assert steps(USAGE, *log, closed(DAY), closed(DAY)) == ["raised", "withdrawn"]
    assert steps(USAGE, *log, final(None), closed(DAY)) == ["raised"]
    assert steps(USAGE, *log, closed(DAY), final(85_000)) == ["raised", "withdrawn", "raised"]


def test_nothing_left_and_a_position_is_negative_equity() -> None:
    assert told(NEGATIVE, seen(0, "0.001", 0)) == ["raised 2026-06-01 1"]
    assert not told(NEGATIVE, seen(0, 0, -5))
    assert not told(NEGATIVE, seen(0, None, -5))
    assert not told(NEGATIVE, seen(0, 5, "0.001"))
    log = seen(0, 5, -5), seen(1, 5, "0.001"), seen(2, 5, -7)
    assert steps(NEGATIVE, *log) == ["raised", "updated"]
    assert steps(NEGATIVE, log[0], log[2]) == ["raised"]


def test_the_settlement_tells_the_equity_itself() -> None:
    log = seen(0, 5, -5), seen(1, 5, -9)
    assert steps(NEGATIVE, *log, final(5, -5)) == ["raised", "confirmed"]
    assert steps(NEGATIVE, *log, final(5, -9)) == ["raised", "amended"]
    assert steps(NEGATIVE, *log, final(5, 1)) == ["raised", "withdrawn"]
    assert steps(NEGATIVE, *log, final(0, -5)) == ["raised", "withdrawn"]
    assert steps(NEGATIVE, final(5, -5)) == ["raised"]


@pytest.mark.parametrize(
    ("rule", "moved"),
    [(USAGE, "usage_line"), (CALL, "call_line"), (EXCHANGE, "exchange_line")],
)
def test_each_threshold_counts(rule: str, moved: str) -> None:
    assert not told(rule, seen(0, 100_000), **{moved: Decimal("1.00001")})


def test_the_slack_counts() -> None:
    log = seen(0, 80_000), seen(1, 74_999), seen(2, 80_000)
    assert steps(USAGE, *log) == ["raised", "updated"]
    assert steps(USAGE, *log, slack=Decimal("0.06")) == ["raised"]
