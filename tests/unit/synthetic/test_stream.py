"""The live stream: valid events of the public contract, quiet clients that stay quiet."""

from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from pydantic import ValidationError

from deploy.synthetic.flaws import FLAWS
from deploy.synthetic.murmur import murmur
from deploy.synthetic.play import Play
from deploy.synthetic.population import Population
from deploy.synthetic.stage import MINUTE, Stage
from shared.contracts.trading import TRADING, ClockTicked
from shared.kernel.trading_day import TradingDay, china
from tests.kit.ideal_ingest import canonical
from tests.kit.reference import expected

DAY = TradingDay(date(2026, 6, 1))
STAGE = Stage(DAY, china())


@pytest.fixture(scope="module")
def played() -> Play:
    return Play.of(STAGE, 300, 7)


def test_every_event_is_of_the_contract_and_on_the_day_of_its_moment(played: Play) -> None:
    for posting in played.postings():
        if posting.good:
            event = TRADING.validate_json(TRADING.dump_json(TRADING.validate_python(posting.event)))
            assert event.data.trading_day == china().at(posting.at)


def test_every_flaw_is_shown_once_and_none_is_of_the_contract(played: Play) -> None:
    bad = [posting for posting in played.postings() if not posting.good]
    assert len(bad) == len(FLAWS)
    for posting in bad:
        with pytest.raises(ValidationError):
            TRADING.validate_python(posting.event)


def test_an_identity_never_says_two_things(played: Play) -> None:
    said: dict[str, object] = {}
    for posting in played.postings():
        if posting.good:
            assert said.setdefault(posting.identity, posting.event) == posting.event
    repeats = Counter(posting.identity for posting in played.postings() if posting.good)
    assert max(repeats.values()) == 3  # the event that is posted again, twice


def test_the_quiet_clients_raise_nothing(played: Play) -> None:
    quiet = {f"demo:{played.company.population.account(n)}" for n in range(300)}
    assert not [a for a in expected(canonical(played.minutes())) if a.account in quiet]


def test_a_quiet_clients_live_movement_is_in_the_days_file(played: Play) -> None:
    filed = Counter(
        (moved.account, Decimal(moved.amount) / 1000)
        for moved in played.company.population.movements(DAY)
    )
    live = {
        (posting.event["data"]["account"], posting.event["type"]): posting.event["data"]["amount"]
        for posting in murmur(played.company.population, STAGE)
        if "amount" in posting.event["data"]
    }
    assert live
    for (account, type_), amount in live.items():
        sign = 1 if type_ == "funds.deposited" else -1
        assert filed[account, sign * Decimal(amount)] == 1


def test_two_hundred_thousand_clients_do_not_flood_the_stream() -> None:
    many = Population(7, 200_000, Play.of(STAGE, 60, 7).company.population.managers)
    assert sum(1 for _ in murmur(many, STAGE)) < 25_000


def test_the_clock_ticks_every_minute_of_the_sessions_and_never_back(played: Play) -> None:
    ticks = [minute.at for minute in played.minutes()]
    assert ticks == sorted(set(ticks))
    from_the_evening_on = [at for at in ticks if at >= STAGE.curtain_up]
    assert max(b - a for a, b in pairwise(from_the_evening_on)) == 10 * MINUTE
    for begin, end in (("20:45", "02:30"), ("08:30", "15:30")):
        session = [at for at in ticks if STAGE.moment(begin) <= at <= STAGE.moment(end)]
        assert {b - a for a, b in pairwise(session)} == {MINUTE}
        assert session[-1] == STAGE.moment(end)
    assert STAGE.moment("+1 08:00") in ticks


def test_nothing_comes_from_a_silent_source(played: Play) -> None:
    for begin, end in STAGE.silences:
        assert not [p for p in played.postings() if p.good and begin < p.at < end]
        ticks = [
            minute.tick.event["data"] for minute in played.minutes() if begin < minute.at < end
        ]
        assert ticks
        assert {tick["heard"]["stream"] for tick in ticks} == {begin.isoformat()}


def test_nothing_happens_before_its_minute_and_everything_happens(played: Play) -> None:
    minutes = list(played.minutes())
    posted = [(minute.at, posting) for minute in minutes for posting in minute.postings]
    assert len(posted) == len(played.postings())
    assert all(posting.at <= at for at, posting in posted)
    assert sum(len(minute.droppings) for minute in minutes) == len(played.droppings())
    assert isinstance(TRADING.validate_python(minutes[0].tick.event), ClockTicked)


def test_the_first_large_withdrawal_comes_with_the_first_minutes(played: Play) -> None:
    first = next(posting for posting in sorted(played.postings(), key=lambda p: p.at))
    assert first.event["type"] == "funds.withdrawn"
    assert first.event["data"]["amount"] == "5000000.000"
    assert first.at - STAGE.curtain_up == MINUTE
