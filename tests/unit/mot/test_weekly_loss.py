"""大额亏损: a fifth lost over five trading days, and more than 1万; told the next morning.

The usual client began with 60,000: a fifth is 12,000, which is more than 10,000.
"""

from datetime import date, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from services.mot.domain.detectors.weekly_loss import WeeklyLoss
from services.mot.domain.events import AccountSettled
from shared.kernel.trading_day import CHINA, china
from tests.kit.events import DAY, TOMORROW, YESTERDAY, closed, deposited, moment, settled, withdrew
from tests.kit.scenario import Scenario, happened, play, steps

rule = Scenario(WeeklyLoss())
usual = rule.given(settled("60000", YESTERDAY))
lost = usual.given(settled("48000", DAY))


def june(day: int) -> date:
    return date(2026, 6, day)


def day_of(profit: str, held: str, day: date = DAY, **given: str) -> AccountSettled:
    return settled("60000", day, close_profit=profit, position_profit=held, **given)


@pytest.mark.parametrize(
    ("opening", "left", "speaks"),
    [
        ("60000", "48000", True),  # exactly a fifth
        ("60000", "48000.001", False),
        ("50000", "40000", False),  # a fifth, but exactly 10,000
        ("50000", "39999.999", True),
        ("50000.005", "40000.004", True),  # 10,000.001 is a fifth of it
        ("20000", "10000", False),  # half of it, but no large sum
        ("0", "-10000.001", False),  # no base to lose a part of
        ("-1", "-90000", False),
    ],
)
def test_the_share_is_reached_and_the_sum_exceeded(opening: str, left: str, speaks: bool) -> None:
    given = rule.given(settled(opening, YESTERDAY))
    assert steps(given.when(settled(left, DAY))) == ["raised"] * speaks


def test_a_gain_is_no_loss() -> None:
    assert not usual.when(settled("900000", DAY))
    assert not usual.when(settled("60000", DAY))


def test_it_is_told_from_half_past_eight_on_the_next_trading_day() -> None:
    (said,) = usual.when(settled("48000", DAY))
    assert said.tell_from == datetime(2026, 6, 2, 8, 30, tzinfo=CHINA)
    friday = rule.given(settled("60000", june(17))).when(settled("48000", june(18)))
    assert friday[0].tell_from == datetime(2026, 6, 22, 8, 30, tzinfo=CHINA)  # over a holiday


def test_it_says_what_a_manager_needs_in_this_order() -> None:
    (said,) = usual.given(deposited("5000")).when(settled("43210.5", DAY))
    assert said.summary == "近5个交易日亏损21,789.50元，占33.52%"
    assert list(said.facts.items()) == [
        ("亏损", "21,789.50元"),
        ("亏损比例", "33.52%"),
        ("期初加入金", "65,000.00元"),
        ("截至", "2026-06-01"),
    ]
    assert (said.episode, said.provisional) == ("2026-06-01", False)


def test_money_that_was_moved_is_no_profit_and_no_loss() -> None:
    given = usual.given(withdrew("20000"))
    assert not given.when(settled("40000", DAY))
    paid = usual.given(deposited("20000"))
    assert not paid.when(settled("64000.001", DAY))  # 15,999.999 of 80,000
    assert paid.when(settled("64000", DAY))


def test_sums_that_the_settlement_states_go_before_those_that_were_told() -> None:
    given = usual.given(deposited("900000"), withdrew("900000"))
    assert not given.when(settled("48000.001", DAY, deposit="0", withdrawal="0"))
    assert given.when(settled("48000", DAY, deposit="0", withdrawal="0"))


def test_daily_profit_and_loss_less_fees_go_before_the_change_of_equity() -> None:
    given = usual
    assert steps(given.when(day_of("-7000", "-5000"))) == ["raised"]
    assert not given.when(day_of("-7000", "-4999.999"))
    assert given.when(day_of("-7000", "-4999.999", commission="0.001"))
    assert not given.when(settled("60000", DAY, close_profit="-90000"))  # the other half is unknown
    assert not given.when(settled("60000", DAY, position_profit="-90000"))


def test_small_losses_add_up_over_five_trading_days() -> None:
    given = usual.given(settled("58000", june(1)), settled("55000", june(2)))
    given = given.given(settled("51000", june(3)))
    assert not given.when(settled("48000.001", june(4)))
    assert steps(given.when(settled("48000", june(4)))) == ["raised"]


def test_a_loss_older_than_five_trading_days_is_forgotten() -> None:
    history = [
        settled("60000", date(2026, 5, 28)),
        day_of("-11000", "0", YESTERDAY),
        *(day_of("0", "0", june(day)) for day in (1, 2, 3)),
    ]
    assert steps(rule.given(*history).when(day_of("-1000", "0", june(4)))) == ["raised"]
    later = rule.given(*history, day_of("0", "0", june(4)))
    assert not later.when(day_of("-1000", "0", june(5)))


def test_the_base_is_the_earliest_opening_and_what_was_paid_in_since() -> None:
    given = usual.given(settled("60000", DAY), deposited("40000", TOMORROW))
    assert not given.when(settled("80000.001", TOMORROW))
    (said,) = given.when(settled("80000", TOMORROW))
    assert said.facts["期初加入金"] == "100,000.00元"


def test_days_without_a_result_are_skipped() -> None:
    given = rule.given(settled("60000", date(2026, 5, 27)), settled("55000", YESTERDAY))
    (said,) = given.when(settled("48000", june(4)))
    assert said.facts["期初加入金"] == "60,000.00元"
    assert not given.when(settled("48000", june(5)))  # by then 29 May is out: 7,000 of 55,000


def test_an_unknown_opening_equity_has_no_result() -> None:
    assert not rule.when(day_of("-90000", "0"))
    assert rule.when(day_of("-12000", "0", opening_equity="60000"))


def test_while_it_holds_it_is_not_said_again() -> None:
    assert not lost.told(settled("47000", TOMORROW), settled("40000", june(3)))


def test_after_a_day_on_which_it_did_not_hold_it_is_a_new_alert() -> None:
    said = lost.told(
        settled("58000", TOMORROW), settled("40000", june(3)), settled("39000", june(4))
    )
    assert [(a.type, a.data.episode, a.data.revision) for a in said] == [
        ("alert.raised", "2026-06-03", 1)
    ]


def test_a_replacement_of_the_raising_day_takes_it_back_and_may_raise_it_again() -> None:
    said = lost.told(settled("48000.001", DAY), settled("48000", DAY), settled("48000", DAY))
    assert [(a.type, a.data.episode, a.data.revision) for a in said] == [
        ("alert.withdrawn", "2026-06-01", 2),
        ("alert.raised", "2026-06-01", 3),
    ]
    assert said[0].data.summary == "结算更正后未达到大额亏损"
    assert (said[0].data.tell_from, said[0].data.facts) == (None, {})


def test_a_replacement_of_the_raising_day_with_another_loss_corrects_what_was_told() -> None:
    said = lost.told(settled("47000", DAY), settled("47000", DAY))
    assert [(a.type, a.data.episode, a.data.revision) for a in said] == [
        ("alert.amended", "2026-06-01", 2)
    ]
    assert said[0].data.summary == "结算更正：近5个交易日亏损13,000.00元，占21.66%"
    assert said[0].data.tell_from == moment(TOMORROW, "08:30")


def test_a_replacement_of_a_later_day_only_ends_it() -> None:
    given = lost.given(settled("47000", TOMORROW))
    assert given.told(settled("58000", TOMORROW)) == []
    again = given.given(settled("58000", TOMORROW)).told(settled("47000", TOMORROW))
    assert [(a.type, a.data.episode) for a in again] == [("alert.raised", "2026-06-02")]


def test_only_the_newest_settlement_is_judged() -> None:
    given = rule.given(settled("60000", DAY))
    assert not given.when(settled("1", YESTERDAY, opening_equity="60000"))
    late = lost.given(settled("47000", TOMORROW))
    assert late.told(settled("60000", DAY)) == []


def test_a_days_close_and_backfilled_history_say_nothing() -> None:
    assert lost.told(closed(DAY)) == []
    assert usual.told(settled("1", DAY, backfill=True)) == []


def test_every_day_of_a_losing_fortnight_is_one_alert() -> None:
    days = [day for day in china().days if june(1) <= day <= june(12)]
    log = [settled("60000", YESTERDAY)]
    log += [settled(48_000 - 2_000 * n, day) for n, day in enumerate(days)]
    assert happened(play(log, rule.rules).alerts) == ["raised"]


@pytest.mark.parametrize(
    ("changed", "left"),
    [({"share": "0.2000001"}, "48000"), ({"floor": "12000"}, "48000"), ({"days": "1"}, "0")],
)
def test_each_threshold_moved_moves_the_line(changed: dict[str, str], left: str) -> None:
    moved = Scenario(WeeklyLoss.model_validate(changed)).given(settled("60000", YESTERDAY))
    assert usual.when(settled(left, DAY))
    if "days" not in changed:
        assert not moved.when(settled(left, DAY))
        return
    assert usual.given(settled("54000", DAY)).when(settled("48000", TOMORROW))
    assert not moved.given(settled("54000", DAY)).when(settled("48000", TOMORROW))


def test_it_remembers_at_most_ten_days() -> None:
    assert WeeklyLoss(days=10)
    with pytest.raises(ValidationError):
        WeeklyLoss(days=11)


def test_its_defaults_are_the_products() -> None:
    detector = WeeklyLoss()
    assert (detector.days, detector.share, detector.floor) == (5, Decimal("0.2"), Decimal(10_000))
