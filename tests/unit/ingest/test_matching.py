"""The same movement seen live and in the file is one fact; files settle what was known before."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.fact import Identity
from services.ingest.domain.matching import Early, FundsEvent, Met, Remembered, meet
from services.ingest.domain.movement import Key, Movement
from services.ingest.domain.settling import settle
from shared.contracts.trading import TRADING
from tests.kit.ingest import BEFORE, DAY, raw, reversed_, withdrew

ACCOUNT = "80000001"
AFTER = date(2026, 6, 2)


def key(amount: str = "100", day: object = DAY) -> Key:
    return Key(ACCOUNT, day, "withdrawal", Decimal(amount), "CNY")  # type: ignore[arg-type]


def live(amount: str = "100", serial: str = "s-1", **data: object) -> FundsEvent:
    event = TRADING.validate_json(raw(withdrew(amount, serial, **data)))
    assert event.type == "funds.withdrawn"
    return event


def undone(amount: str = "100", reverses: str = "s-1", **data: object) -> FundsEvent:
    event = TRADING.validate_json(raw(reversed_(amount, reverses, **data)))
    assert event.type == "funds.reversed"
    return event


def streamed(serial: str = "s-1", amount: str = "100") -> Movement:
    return Movement(key(amount), serial, Identity("ctp/risk", serial), "stream")


def filed(number: int = 0, amount: str = "100", alias: str | None = None) -> Movement:
    told_as = Identity("guanchao/fundchg", str(number))
    return Movement(key(amount), f"f-{number}", told_as, "file", True, DAY, alias)


def identity(event: FundsEvent) -> Identity:
    return Identity(event.source, event.id)


def test_a_new_live_movement_is_told() -> None:
    met = meet([live()], Remembered())
    assert (met.told[0].serial, met.silent) == ("s-1", set())


def test_a_late_live_movement_is_the_files_row_and_told_to_nobody() -> None:
    met = meet([live()], Remembered([filed()]))
    assert met.silent == {identity(live())}
    assert (met.told, met.changed) == ([], [filed(alias="s-1")])


def test_two_late_movements_need_two_rows() -> None:
    events = [live(serial="a"), live(serial="b"), live(serial="c")]
    met = meet(events, Remembered([filed(0), filed(1)]))
    assert met.silent == {identity(events[0]), identity(events[1])}
    assert [movement.serial for movement in met.told] == ["c"]


def test_another_amount_is_another_movement() -> None:
    met = meet([live("100.001")], Remembered([filed()]))
    assert (len(met.told), met.silent) == (1, set())


def test_100_and_100_00_are_the_same_amount() -> None:
    assert meet([live("100.00")], Remembered([filed()])).silent


def test_a_reversal_learns_the_direction_it_left_out() -> None:
    met = meet([undone()], Remembered([streamed()]))
    assert met.filled[0].data.direction == "withdrawal"
    assert [m.standing for m in met.changed] == [False]


def test_a_reversal_in_the_same_batch_finds_its_movement() -> None:
    met = meet([live(), undone()], Remembered())
    assert [m.standing for m in met.told] == [False]
    assert met.filled[0].data.direction == "withdrawal"


def test_a_reversal_of_what_the_file_told_names_the_files_serial() -> None:
    met = meet([live(), undone()], Remembered([filed()]))
    assert (met.filled[0].data.reverses, met.filled[0].data.direction) == ("f-0", "withdrawal")


def test_a_movement_is_taken_back_once() -> None:
    met = meet([undone()], Remembered([streamed().taken_back("stream")]))
    assert met.silent == {identity(undone())}


def test_a_reversal_of_an_unknown_movement_waits_for_it_and_neither_is_told() -> None:
    early = meet([undone()], Remembered())
    assert (early.filled, early.silent) == ([], {identity(undone())})
    late = meet([live()], Remembered(early=frozenset(early.early)))
    assert [m.standing for m in late.told] == [False]
    assert late.silent == {identity(live())}
    assert late.met_early == {Early(ACCOUNT, DAY, "s-1")}


def test_the_same_movement_under_the_same_serial_of_another_source_is_told_once() -> None:
    other = live(id="x", feed="counter/funds")
    met = meet([live(), other, live(serial="s-2", feed="counter/funds")], Remembered())
    assert met.silent == {identity(other)}
    assert [m.serial for m in met.told] == ["s-1", "s-2"]


def back_later(id_: str = "back") -> FundsEvent:
    return undone(trading_day="2026-06-02", id=id_)


def back_again() -> Movement:
    """The money of ``streamed()`` that came back on the next trading day."""
    key_back = Key(ACCOUNT, AFTER, "deposit", Decimal(100), "CNY")
    return Movement(key_back, "r-s-1", identity(back_later()), "stream", reverses="s-1")


def test_on_the_next_day_both_stand_and_the_money_comes_back_on_that_day() -> None:
    met = meet([back_later()], Remembered([streamed()]))
    assert (met.changed, met.told) == ([], [back_again()])
    assert met.filled[0].data.direction == "withdrawal"


def test_the_next_days_file_has_a_row_for_it_and_the_first_days_file_for_the_movement() -> None:
    both = [streamed(), back_again()]
    assert settle(DAY, [key()], both).vouched == (streamed(),)
    later = settle(AFTER, [back_again().key], both)
    assert (later.fresh, later.reversed, later.vouched) == ((), (), (back_again(),))


def test_a_reversal_after_the_next_days_file_is_its_row() -> None:
    row = Movement(back_again().key, "f-9", Identity("guanchao/fundchg", "9"), "file", True, AFTER)
    met = meet([back_later()], Remembered([streamed(), row]))
    assert (met.told, met.silent) == ([], {identity(back_later())})
    assert met.changed == [replace(row, alias="r-s-1", reverses="s-1")]
    again = back_later("again")
    assert meet([again], Remembered([streamed(), *met.changed])).silent == {identity(again)}


def test_what_came_back_on_a_later_day_does_not_come_back_twice() -> None:
    again = back_later("again")
    assert meet([again], Remembered([streamed(), back_again()])).silent == {identity(again)}


def test_an_earlier_days_movement_of_other_money_is_not_meant() -> None:
    met = meet([back_later()], Remembered([streamed(amount="99")]))
    assert (met.told, met.early) == ([], {Early(ACCOUNT, AFTER, "s-1")})


def test_two_rows_of_a_movement_that_was_taken_back_say_nothing_new() -> None:
    rows = [key(), replace(key(), direction="deposit")]
    settled = settle(DAY, rows, [streamed().taken_back("stream")])
    assert (settled.fresh, settled.reversed, settled.netted) == ((), (), 1)


def test_two_rows_that_nobody_took_back_are_two_movements() -> None:
    rows = [key(), replace(key(), direction="deposit")]
    assert len(settle(DAY, rows, []).fresh) == 2
    assert settle(DAY, rows, [streamed()]).fresh == ((rows[1], 0),)


def test_a_reversal_that_the_file_showed_as_two_rows_is_known() -> None:
    row = Movement(
        replace(key(), direction="deposit"), "f-2", Identity("f", "2"), "file", vouched=DAY
    )
    met = meet([undone()], Remembered([streamed().vouched_by(DAY), row]))
    assert (met.told, met.silent) == ([], {identity(undone())})


def test_an_early_reversal_meets_its_movement_within_a_batch() -> None:
    met = meet([undone(), live()], Remembered())
    assert ([m.standing for m in met.told], met.early, met.met_early) == ([False], set(), set())


def test_serials_that_restart_each_day_do_not_mix() -> None:
    yesterday = Movement(key(day=BEFORE), "s-1", Identity("ctp/risk", "old"), "stream")
    met = meet([undone()], Remembered([yesterday, streamed()]))
    assert [m.told_as.id for m in met.changed] == ["s-1"]


def test_the_files_row_of_a_live_movement_raises_nothing() -> None:
    settled = settle(DAY, [key()], [streamed()])
    assert (settled.fresh, settled.reversed) == ((), ())
    assert settled.vouched == (streamed(),)


def test_rows_beyond_the_streams_count_become_facts() -> None:
    settled = settle(DAY, [key(), key(), key()], [streamed()])
    assert settled.fresh == ((key(), 0), (key(), 1))


def test_a_live_movement_without_a_row_is_reversed() -> None:
    assert settle(DAY, [], [streamed()]).reversed == (streamed(),)


def test_a_live_movement_of_another_day_waits_for_its_own_file() -> None:
    other = Movement(key(day=BEFORE), "s-0", Identity("ctp/risk", "s-0"), "stream")
    assert settle(DAY, [], [other]).reversed == ()


def test_a_row_of_another_day_matches_that_days_movement() -> None:
    other = Movement(key(day=BEFORE), "s-0", Identity("ctp/risk", "s-0"), "stream")
    settled = settle(DAY, [key(day=BEFORE)], [other])
    assert (settled.fresh, settled.vouched) == ((), (other,))


def test_a_replacement_reverses_first_what_only_the_file_told() -> None:
    both, only = filed(0, alias="s-9"), filed(1)
    assert settle(DAY, [key()], [both, only]).reversed == (only,)


def test_rows_that_stayed_are_the_same_facts() -> None:
    settled = settle(DAY, [key(), key("7")], [filed(0), filed(1, "7")])
    assert (settled.fresh, settled.reversed, settled.vouched) == ((), (), ())


@dataclass
class Log:
    """A day of one account played through the two functions."""

    movements: dict[Identity, Movement] = field(default_factory=dict)
    early: set[Early] = field(default_factory=set)
    net: Counter[Decimal] = field(default_factory=Counter)
    seen: set[Identity] = field(default_factory=set)
    number: int = 0

    def stream(self, event: FundsEvent) -> None:
        if identity(event) in self.seen:
            return
        self.seen.add(identity(event))
        known = Remembered(tuple(self.movements.values()), frozenset(self.early))
        met = meet([event], known)
        self._write(met)
        if identity(event) not in met.silent:
            self.net[event.data.amount] += -1 if event.type == "funds.reversed" else 1

    def _write(self, met: Met) -> None:
        self.movements |= {m.told_as: m for m in (*met.told, *met.changed)}
        self.early = (self.early | met.early) - met.met_early

    def take(self, amounts: list[int]) -> None:
        known = list(self.movements.values())
        settled = settle(DAY, [key(str(amount)) for amount in amounts], known)
        for told, _ in settled.fresh:
            self.number += 1
            row = filed(self.number, str(told.amount))
            self.movements[row.told_as] = row
            self.net[told.amount] += 1
        for movement in settled.vouched:
            self.movements[movement.told_as] = movement.vouched_by(DAY)
        for movement in settled.reversed:
            self.movements[movement.told_as] = movement.taken_back()
            self.net[movement.key.amount] -= 1


AMOUNT = st.integers(1, 3)
STEP = st.one_of(
    st.tuples(st.just("live"), AMOUNT, st.integers(0, 5)),
    st.tuples(st.just("undone"), AMOUNT, st.integers(0, 5)),
    st.tuples(st.just("file"), st.lists(AMOUNT, max_size=5)),
)


def play(log: Log, step: tuple[object, ...]) -> None:
    match step:
        case ("live", amount, serial):
            log.stream(live(str(amount), f"{amount}-{serial}"))
        case ("undone", amount, serial):
            log.stream(undone(str(amount), f"{amount}-{serial}"))
        case ("file", amounts):
            assert isinstance(amounts, list)
            log.take(amounts)


@given(st.lists(STEP, max_size=14), st.lists(AMOUNT, max_size=5))
def test_after_a_file_the_log_says_what_the_file_says(
    steps: list[tuple[object, ...]], last: list[int]
) -> None:
    log = Log()
    for step in steps:
        play(log, step)
    log.take(last)
    assert +log.net == Counter(Decimal(amount) for amount in last)
    assert all(count >= 0 for count in log.net.values())


@given(st.lists(STEP, max_size=10), st.lists(AMOUNT, max_size=5))
def test_the_same_file_again_says_nothing(steps: list[tuple[object, ...]], last: list[int]) -> None:
    log = Log()
    for step in steps:
        play(log, step)
    log.take(last)
    before, number = Counter(log.net), log.number
    log.take(list(reversed(last)))
    assert (log.net, log.number) == (before, number)


@given(st.permutations([("live", 1, 0), ("live", 1, 1), ("file", [1, 1, 1])]))
def test_a_day_comes_to_the_same_in_any_order(steps: list[tuple[object, ...]]) -> None:
    log = Log()
    for step in steps:
        play(log, step)
    assert +log.net == Counter({Decimal(1): 3})
