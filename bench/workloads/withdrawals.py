"""W1: the sum of each account's withdrawals, and an alert for each one over a line.

About 110 bytes of JSON a record, 20,000 accounts, amounts uniform below ten million: one withdrawal
in a thousand is over the line. An alert says the account's count and sum at that moment, so a
record lost, doubled or out of order shows in the next alert of its account.
"""

import random
from collections.abc import Iterator, Sequence

import msgspec

from bench.workloads.work import Entry, Parsed, Work

ACCOUNTS, SEED = 20_000, 1
BELOW, LINE = 10_000_000, 9_990_000

State = tuple[int, int]
"""Count and sum."""


class Withdrawal(msgspec.Struct):
    """What the fold needs of a record; the rest of it is skipped."""

    acc: str
    amt: int
    id: str


_decode = msgspec.json.Decoder(Withdrawal).decode


def generate(count: int) -> Iterator[Entry]:
    chance = random.Random(SEED)  # noqa: S311 a workload, not a secret
    for number in range(count):
        account, amount = f"{chance.randrange(ACCOUNTS):08d}", chance.randrange(BELOW)
        value = (
            f'{{"acc":"{account}","amt":{amount},"ts":{number},"id":"{number:032x}",'
            '"ccy":"CNY","kind":"withdraw"}'
        )
        yield Entry(account.encode(), value.encode())


def parse(_: bytes | None, value: bytes) -> Parsed:
    event = _decode(value)
    return event.acc, event


def step(state: State | None, event: Withdrawal) -> tuple[State, Sequence[bytes]]:
    count, total = state or (0, 0)
    count, total = count + 1, total + event.amt
    if event.amt > LINE:
        return (count, total), (f"{event.id}|{count}|{total}".encode(),)
    return (count, total), ()


WORK = Work(generate, parse, step, list, tuple, bytes.decode)
