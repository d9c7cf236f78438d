"""背景 — what the quiet clients show in the stream: movements and snapshots, some of them twice."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from deploy.synthetic.book import yuan
from deploy.synthetic.chance import between, chance
from deploy.synthetic.population import Population
from deploy.synthetic.stage import MINUTE, Stage
from deploy.synthetic.stream import BROKER, SOURCE, Posting, wire
from shared.contracts.trading import (
    AccountSnapshotted,
    Funds,
    FundsDeposited,
    FundsWithdrawn,
    Snapshot,
    account_key,
)

LIVE_AT_MOST = 20_000  # events of the quiet clients in a day, however many they are
REPEAT_EVERY = 50
LATE_COMERS = 16  # minutes that the quiet clients leave to the actors


def murmur(population: Population, stage: Stage) -> Iterator[Posting]:
    """Return what the quiet clients do on the play's day: movements and snapshots, some twice."""
    every = max(1, population.size * 2 // LIVE_AT_MOST)
    for number in range(0, population.size, every):
        bits = chance(population.seed, 8, number, stage.day.toordinal())
        moved = population.moved(number, stage.day)
        if moved and population.is_live(number, stage.day):
            posting = _movement(population, stage, number, moved)
            yield posting
            if not bits % REPEAT_EVERY:
                yield Posting(posting.at + timedelta(minutes=1), posting.event)
        yield _state(population, stage, number)


def _movement(population: Population, stage: Stage, number: int, moved: int) -> Posting:
    account, at = population.account(number), _some_moment(population, stage, number, 9)
    serial = population.serial(number, stage.day)
    type_ = FundsDeposited if moved > 0 else FundsWithdrawn
    event = type_(
        id=f"funds-{serial}",
        source=SOURCE,
        subject=account_key(BROKER, account),
        time=at,
        data=Funds(
            broker=BROKER,
            account=account,
            trading_day=stage.day,
            source="stream",
            amount=yuan(abs(moved)),
            happened_at=at,
            serial=serial,
        ),
    )
    return Posting(at, wire(event))


def _state(population: Population, stage: Stage, number: int) -> Posting:
    account, at = population.account(number), _some_moment(population, stage, number, 10)
    now = population.balance(number, stage.day, stage.history[-1])
    event = AccountSnapshotted(
        id=f"snapshot-{stage.day:%Y%m%d}-{account}",
        source=SOURCE,
        subject=account_key(BROKER, account),
        time=at,
        data=Snapshot(
            broker=BROKER,
            account=account,
            trading_day=stage.day,
            source="stream",
            equity=yuan(now.equity),
            available=yuan(now.available),
            margin=yuan(now.margin),
            at=at,
        ),
    )
    return Posting(at, wire(event))


def _some_moment(population: Population, stage: Stage, number: int, what: int) -> datetime:
    bits = chance(population.seed, what, number, stage.day.toordinal())
    minutes = [(begin, int((end - begin) / MINUTE)) for begin, end in stage.sessions]
    minute = between(LATE_COMERS, sum(length for _, length in minutes) - 1, bits)
    begin = stage.sessions[0][0]
    for start, length in minutes:
        if minute < length:
            begin = start
            break
        minute -= length
    at = begin + MINUTE * minute + timedelta(seconds=bits >> 32 & 31)
    return next((end for begin, end in stage.silences if begin <= at < end), at)
