"""What is remembered of an account: the fold, and the compact state that a checkpoint stores."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from services.mot.domain import account as layout
from services.mot.domain.account import EMPTY, VERSION, Account, changed
from services.mot.domain.events import TradingEvent
from services.mot.domain.evolve import evolve
from services.mot.domain.stored import pack, state_text, unpack
from services.mot.domain.watch import Origin
from tests.kit.events import (
    CLIENT,
    DAY,
    TOMORROW,
    YESTERDAY,
    baselined,
    closed,
    deposited,
    li,
    moment,
    ordered,
    settled,
    snapshotted,
    ticked,
    took_back,
    withdrew,
)
from tests.kit.scenario import all_rules, play

AT = moment(DAY, "10:00")
LAYOUTS = {
    1: {
        "Day": "withdrawn net available",
        "Balance": "day equity margin exchange_margin",
        "Closing": "equity opening profit deposit withdrawal",
        "Lowest": "equity day",
        "Order": "instrument direction lots filled reason status at placed_at day ended",
        "Spoken": "revision level day figure settled",
        "Account": "version sequence equity settled available available_at days overdrafts orders"
        " position_lots opened_on last_trade_on last_position_on spoken switched_off incomplete"
        " balance settlements funded_on lowest ends",
    }
}
"""Version → the fields of each Struct. Whoever appends one adds a version, or a rolling upgrade
loses it: an older worker would write the account back without."""


def after(*log: TradingEvent) -> Account:
    account = EMPTY
    for event in log:
        account = evolve(account, event)
    return account


def test_movements_are_kept_apart_by_trading_day() -> None:
    account = after(withdrew("1.001"), deposited(5), withdrew(2), withdrew(7, TOMORROW))
    assert (account.days[DAY].withdrawn, account.days[DAY].net) == (3_001, 1_999)
    assert (account.days[TOMORROW].withdrawn, account.days[TOMORROW].net) == (7_000, -7_000)


@pytest.mark.parametrize(
    ("direction", "withdrawn", "net"),
    [("withdrawal", -1_000, 1_000), ("deposit", 0, -1_000), (None, 0, -1_000)],
)
def test_a_reversal_goes_the_other_way(direction: str | None, withdrawn: int, net: int) -> None:
    account = after(took_back(1, direction=direction))
    assert (account.days[DAY].withdrawn, account.days[DAY].net) == (withdrawn, net)


def test_a_settlement_ends_the_days_long_before_it_and_keeps_the_later_ones() -> None:
    old = DAY - timedelta(days=11)
    account = after(withdrew(1, old), withdrew(2), withdrew(3, TOMORROW), settled(9, DAY))
    assert {day: flows.withdrawn for day, flows in account.days.items()} == {
        DAY: 2_000,
        TOMORROW: 3_000,
    }


def test_the_opening_equity_of_a_day_is_the_last_settled_before_it() -> None:
    account = after(settled(5, YESTERDAY), withdrew(1, TOMORROW))
    assert account.opening(DAY) == account.opening(TOMORROW) == 5_000
    assert account.opening(YESTERDAY) is None, "nothing was settled before it"
    assert evolve(account, settled(7, DAY)).opening(DAY) == 5_000
    assert evolve(account, settled(7, DAY, opening_equity="6")).opening(DAY) == 6_000
    assert EMPTY.opening(DAY) is None


def test_a_later_days_settlement_is_never_undone_by_an_earlier_ones() -> None:
    later = after(settled(5, TOMORROW, position_lots=2))
    late = evolve(later, settled(9, DAY, position_lots=0))
    assert (late.equity, late.settled, late.position_lots) == (5_000, TOMORROW, 2)


def test_a_second_settlement_of_a_day_replaces_the_first() -> None:
    account = after(settled(5, DAY, available=-1), settled(6, DAY))
    assert (account.equity, account.overdrafts) == (6_000, {})


def test_a_source_without_lots_leaves_what_is_known() -> None:
    account = after(settled(5, DAY, position_lots=3), settled(6, TOMORROW))
    assert (account.position_lots, account.last_position_on) == (3, DAY)


def test_the_last_trade_never_moves_back() -> None:
    traded = after(settled(5, DAY, traded_lots=1))
    assert evolve(traded, baselined(date(2018, 3, 12), date(2020, 1, 1))).last_trade_on == DAY
    assert evolve(traded, baselined(date(2018, 3, 12))).last_trade_on == DAY
    assert evolve(traded, settled(5, TOMORROW, traded_lots=0)).last_trade_on == DAY


def test_a_settlement_makes_an_account_complete_again() -> None:
    assert not evolve(changed(EMPTY, incomplete=True), settled(5)).incomplete


def test_overdrafts_of_long_ago_are_forgotten_when_money_is_available() -> None:
    early, kept = DAY - timedelta(days=45), DAY - timedelta(days=30)
    owed = after(*(settled(5, day, available=-1) for day in (early, kept, YESTERDAY)))
    assert set(owed.overdrafts) == {early, kept, YESTERDAY}
    assert set(evolve(owed, settled(5, DAY)).overdrafts) == {kept, YESTERDAY}


def test_a_run_of_overdrafts_is_kept_or_forgotten_whole() -> None:
    run = [DAY - timedelta(days=ago) for ago in (32, 31, 30)]
    owed = after(*(settled(5, day, available=-1) for day in run))
    assert set(evolve(owed, settled(5, DAY)).overdrafts) == set(run)
    assert not evolve(owed, settled(5, DAY + timedelta(days=1))).overdrafts


def test_orders_that_ended_are_forgotten_after_sixty_days_and_live_ones_never() -> None:
    account = after(ordered(AT, 5, "filled"), ordered(AT, order_id="F2"))
    assert set(evolve(account, settled(1, DAY + timedelta(days=60))).orders) == {"F1", "F2"}
    assert set(evolve(account, settled(1, DAY + timedelta(days=61))).orders) == {"F2"}
    assert set(account.open_orders()) == {"F2"}


def test_an_order_remembers_when_it_was_first_seen() -> None:
    later = AT + timedelta(minutes=1)
    order = after(ordered(AT), ordered(later, 1, "partly-filled")).orders["F1"]
    assert (order.placed_at, order.at, order.filled) == (AT, later, 1)


def test_time_alone_changes_nothing() -> None:
    account = after(settled(5), ordered(AT, 5, "filled"), snapshotted(-1, moment(DAY, "21:05")))
    assert evolve(account, ticked(AT)) is account
    assert evolve(account, closed()) is account


def test_behind_a_days_close_nothing_of_it_is_open_and_what_was_seen_intraday_is_unknown() -> None:
    night = moment(DAY, "21:05")
    account = after(ordered(AT), snapshotted(-1, AT), withdrew(7), snapshotted(-2, night))
    over = evolve(account, closed())
    assert over.orders["F1"].ended == "closed"
    assert (over.days[DAY].available, over.days[DAY].withdrawn) == (None, li(7))
    assert over.days[TOMORROW].available == li(-2)
    assert evolve(over, closed()) is over


def test_an_older_or_repeated_snapshot_changes_nothing() -> None:
    account = after(snapshotted(1, AT))
    assert evolve(account, snapshotted(2, AT)) is account
    assert evolve(account, snapshotted(2, AT - timedelta(seconds=1))) is account


def test_a_state_of_a_newer_layout_is_refused_and_named() -> None:
    with pytest.raises(ValueError, match=f"version {VERSION + 1}"):
        unpack(pack(changed(EMPTY, version=VERSION + 1)))


def test_a_state_of_an_older_layout_is_read_with_what_it_lacks_empty() -> None:
    first = ["00000000000000000007", 5_000, None, None, None, {}, {}, {}, 3]
    account = unpack(msgspec.msgpack.encode([VERSION - 1, *first]))
    assert (account.version, account.equity, account.position_lots) == (VERSION, 5_000, 3)
    assert (account.funded_on, account.ends, account.settlements) == (None, {}, {})


def test_a_state_that_is_none_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        unpack(b"{}")


def test_a_stored_state_is_the_state() -> None:
    log: list[TradingEvent] = [
        settled(5, DAY, available=-1),
        withdrew(600_000),
        ordered(AT),
        snapshotted(1, AT),
    ]
    account = play(log, all_rules()).account
    assert account.spoken
    assert unpack(pack(account)) == account


def test_a_stored_state_reads_the_same_in_a_passport() -> None:
    account = after(snapshotted(1, AT), ordered(AT))
    assert state_text(unpack(pack(account))) == state_text(account)


def test_an_event_of_no_known_type_is_refused_loudly() -> None:
    unknown: Any = Origin(CLIENT, 0, 0)
    with pytest.raises(KeyError, match="Origin"):
        evolve(EMPTY, unknown)


def test_a_layout_has_its_own_version() -> None:
    structs = {n: s for n, s in vars(layout).items() if isinstance(s, type(Account))}
    fields = {name: " ".join(s.__struct_fields__) for name, s in structs.items()}
    assert fields == LAYOUTS[VERSION]
    assert max(LAYOUTS) == VERSION
